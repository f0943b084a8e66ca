import { isDeepStrictEqual } from 'node:util';
import type { Topology } from '../domain/topology.ts';

/**
 * Whether two versions of the inventory are the same to status: a changed contact or firmware wakes it, but neither the
 * graph nor what the live stream has sent needs to be made anew.
 */
export function isSameTopology(a: Topology, b: Topology): boolean {
  return (
    a === b ||
    (isSameMap(a.devices, b.devices) &&
      isSameMap(a.links, b.links) &&
      isSameMap(a.sites, b.sites) &&
      isSameMap(a.agents, b.agents))
  );
}

function isSameMap<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other !== value && !isDeepStrictEqual(other, value)) return false;
  }
  return true;
}
