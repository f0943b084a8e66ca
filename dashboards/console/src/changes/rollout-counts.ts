import {
  endedRunStates,
  rightRunStates,
  type DeviceRunState,
  type RolloutCounts,
} from '../../../../src/domain/rollout.ts';

export function countsOf(devices: readonly { readonly state: DeviceRunState }[]): RolloutCounts {
  const count = (is: (state: DeviceRunState) => boolean): number => devices.filter(({ state }) => is(state)).length;
  return {
    devices: devices.length,
    ended: count((state) => endedRunStates.has(state)),
    right: count((state) => rightRunStates.has(state)),
    unreachable: count((state) => state === 'unreachable'),
    skipped: count((state) => state === 'skipped'),
  };
}

/** Besides those that are right: why the others are not, each with how many; none where there are none. */
export function othersOf({ ended, right, unreachable, skipped }: RolloutCounts) {
  const kinds = [
    ['failed', ended - right - unreachable - skipped],
    ['unreachable', unreachable],
    ['skipped', skipped],
  ] as const;
  return kinds.flatMap(([kind, count]) => (count > 0 ? [{ kind, count }] : []));
}
