import type { DeviceId } from '../domain/ids.ts';
import type { PollTarget } from '../domain/plan.ts';

/** A number in [0, 1) that a text always gets (FNV-1a, mixed): spreads things without remembering them. */
export function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** So many devices that came after one another are polled together. */
const together = 50;

/**
 * Where in its interval the `n`-th device is polled, in [0, 1). Those that came after one another were made after one
 * another, so that what a poll needs of them lies close together in memory: they are polled at one moment, for which the
 * process wakes once. Such moments are spread evenly, however many there are (van der Corput's sequence in base 2).
 */
export function pollPhase(n: number): number {
  let phase = 0;
  for (let moment = Math.floor(n / together), share = 0.5; moment > 0; moment = moment >>> 1, share /= 2) {
    if ((moment & 1) === 1) phase += share;
  }
  return phase;
}

/** Mixed, so that what is polled at one moment is not all of one district, behind one radio link; always the same order. */
export function pollOrder(targets: readonly PollTarget[]): readonly PollTarget[] {
  const places = new Map(targets.map((target) => [target, fractionOf(target.deviceId)]));
  return targets.toSorted((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
}

/**
 * Where in the interval each device is probed. The devices of a site share the interval evenly, so that the first sign
 * of a cut comes within a third of it from a village with three; the sites are spread by their ids.
 */
export function probePhases(targets: readonly PollTarget[]): ReadonlyMap<DeviceId, number> {
  const sites = Map.groupBy(targets, (target) => target.siteId);
  const phases = new Map<DeviceId, number>();
  for (const [siteId, members] of sites) {
    const start = fractionOf(siteId);
    const ids = members.map((member) => member.deviceId).sort();
    for (const [i, id] of ids.entries()) phases.set(id, (start + i / ids.length) % 1);
  }
  return phases;
}
