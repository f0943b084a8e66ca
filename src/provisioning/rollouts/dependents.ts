import type { DeviceId } from '../../domain/ids.ts';
import type { HealthBefore } from '../../domain/rollout.ts';
import type { NetworkHealth } from './health-gate.ts';

/** What hangs on a device that is changed. */
export interface Dependents {
  /** Has those asked, out of turn, that were not heard since a moment (milliseconds since the epoch). */
  ask(moment: number): void;
  /** Names of those that were heard before its change, and were not since a moment. */
  silentSince(moment: number): readonly string[];
}

/**
 * Devices behind one that is changed, each of which must be heard once more before the change is believed: a router that
 * answers may carry nothing any more. Left out are those of which nothing was heard, or which were dark before the
 * rollout and before this change: no reason to wait for anybody.
 * @param behind devices that no other path reaches, and that are asked every few seconds.
 */
export function dependentsOf(
  device: DeviceId,
  around: {
    readonly behind: ReadonlySet<DeviceId>;
    readonly health: Pick<NetworkHealth, 'answeredAt' | 'ask' | 'darkDevices' | 'nameOf'>;
    readonly before: HealthBefore | null;
    /** The change may be on the device already: who is dark now may be so by it. */
    readonly isResumed: boolean;
  },
): Dependents {
  const { behind, health, before, isResumed } = around;
  const dark = new Set([...(before?.devices ?? []), ...(isResumed ? [] : health.darkDevices())]);
  const watched = [...behind].filter((id) => id !== device && !dark.has(id) && health.answeredAt(id) !== null);
  const silent = (moment: number) => watched.filter((id) => (health.answeredAt(id) ?? 0) <= moment);
  return {
    ask: (moment) => health.ask(silent(moment)),
    silentSince: (moment) =>
      silent(moment)
        .map((id) => health.nameOf(id))
        .sort(),
  };
}
