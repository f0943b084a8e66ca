import { placesOfReaders } from '../../domain/agent-places.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { Topology } from '../../domain/topology.ts';

/** The next device towards its Agent, by device, along the shortest way; none for those that Agents are plugged into. */
export function upstreamOf(topology: Topology): ReadonlyMap<DeviceId, DeviceId> {
  const beside = new Map<DeviceId, DeviceId[]>();
  const join = (one: DeviceId, other: DeviceId): void => {
    const known = beside.get(one);
    if (known === undefined) beside.set(one, [other]);
    else known.push(other);
  };
  for (const { a, b } of topology.links.values()) {
    join(a.deviceId, b.deviceId);
    join(b.deviceId, a.deviceId);
  }
  const seen = new Set(placesOfReaders(topology));
  const upstream = new Map<DeviceId, DeviceId>();
  for (const device of seen) {
    for (const next of beside.get(device) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      upstream.set(next, device);
    }
  }
  return upstream;
}

/** Of the devices on the way to the Agent that are among these, the one nearest to the Agent; itself when there is none. */
export function nearestToAgent(
  device: DeviceId,
  among: ReadonlySet<DeviceId>,
  upstream: ReadonlyMap<DeviceId, DeviceId>,
): DeviceId {
  let nearest = device;
  for (let at = upstream.get(device); at !== undefined; at = upstream.get(at)) if (among.has(at)) nearest = at;
  return nearest;
}
