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
