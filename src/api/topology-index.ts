import type { DeviceId, SiteId } from '../domain/ids.ts';
import type { Topology, TopologyLink, TopologySource } from '../domain/topology.ts';
import { uplinksOf } from '../inventory/uplinks.ts';

export interface TopologyIndex {
  readonly topology: Topology;
  readonly devicesOf: ReadonlyMap<SiteId, readonly DeviceId[]>;
  readonly linksOf: ReadonlyMap<DeviceId, readonly TopologyLink[]>;
  readonly uplinks: ReadonlyMap<SiteId, TopologyLink>;
}

/** What lists ask of the topology for every row, made once for each version of it. */
export function topologyIndex(source: TopologySource): () => TopologyIndex {
  let index: TopologyIndex | null = null;
  return () => {
    const topology = source.current();
    if (index?.topology !== topology) index = indexOf(topology);
    return index;
  };
}

function indexOf(topology: Topology): TopologyIndex {
  const devicesOf = new Map<SiteId, DeviceId[]>();
  for (const device of topology.devices.values()) put(devicesOf, device.siteId, device.id);
  const linksOf = new Map<DeviceId, TopologyLink[]>();
  for (const link of topology.links.values()) {
    put(linksOf, link.a.deviceId, link);
    put(linksOf, link.b.deviceId, link);
  }
  return { topology, devicesOf, linksOf, uplinks: uplinksOf(topology) };
}

function put<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
