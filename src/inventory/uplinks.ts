import type { DeviceId, SiteId } from '../domain/ids.ts';
import type { LinkMedium } from '../domain/link.ts';
import type { Topology, TopologyLink } from '../domain/topology.ts';

/** What a hop costs: a satellite or a mobile network is the way only where nothing better leads there. */
const costOf: Readonly<Record<LinkMedium, number>> = { fibre: 10, copper: 10, radio: 13, '4g': 200, vsat: 300 };
const insideCost = 1;

/**
 * The link that carries each site: the one by which the best path from the places of the agents enters it. A site at
 * which an agent stands is carried by none; its best link to another site stands for it.
 */
export function uplinksOf(topology: Topology): ReadonlyMap<SiteId, TopologyLink> {
  const neighbours = new Map<DeviceId, { link: TopologyLink; to: DeviceId; inside: boolean }[]>();
  const add = (from: DeviceId, to: DeviceId, link: TopologyLink) => {
    const list = neighbours.get(from) ?? [];
    list.push({ link, to, inside: link.a.siteId === link.b.siteId });
    neighbours.set(from, list);
  };
  const best = new Map<SiteId, TopologyLink>();
  for (const link of topology.links.values()) {
    add(link.a.deviceId, link.b.deviceId, link);
    add(link.b.deviceId, link.a.deviceId, link);
    if (link.a.siteId === link.b.siteId) continue;
    for (const siteId of [link.a.siteId, link.b.siteId]) {
      const other = best.get(siteId);
      if (other === undefined || costOf[link.medium] < costOf[other.medium]) best.set(siteId, link);
    }
  }

  const uplinks = new Map<SiteId, TopologyLink>(best);
  const entered = new Set<SiteId>();
  const distance = new Map<DeviceId, number>();
  // Costs are small whole numbers: a bucket for each makes Dijkstra's queue.
  const buckets: { device: DeviceId; by: TopologyLink | null }[][] = [[]];
  for (const agent of topology.agents.values()) {
    for (const device of agent.attachedTo) buckets[0]?.push({ device, by: null });
  }
  for (let cost = 0; cost < buckets.length; cost++) {
    for (const { device, by } of buckets[cost] ?? []) {
      if (distance.has(device)) continue;
      distance.set(device, cost);
      const siteId = topology.devices.get(device)?.siteId;
      if (siteId === undefined) continue;
      if (!entered.has(siteId)) {
        entered.add(siteId);
        if (by !== null) uplinks.set(siteId, by);
      }
      for (const { link, to, inside } of neighbours.get(device) ?? []) {
        if (distance.has(to)) continue;
        const at = cost + (inside ? insideCost : costOf[link.medium]);
        while (buckets.length <= at) buckets.push([]);
        buckets[at]?.push({ device: to, by: inside ? by : link });
      }
    }
  }
  return uplinks;
}
