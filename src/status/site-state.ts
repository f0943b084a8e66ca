import type { SiteId } from '../domain/ids.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import type { EntityState, Reachability } from '../domain/reachability.ts';
import type { TopologyDevice } from '../domain/topology.ts';

/** From the best to the worst that a site can be told to be. */
const severity: Record<Reachability, number> = { up: 0, maintenance: 1, unknown: 2, unreachable: 3, down: 4 };

/**
 * A site's state is its gateways': up while any of them is, since another one carries it; in maintenance when all are;
 * else the worst. It begins when the last of them left `up`, or when the first came back.
 */
export function siteState(gateways: readonly EntityState[]): EntityState | null {
  const first = gateways[0];
  if (first === undefined) return null;
  const up = gateways.filter((gateway) => gateway.state === 'up');
  if (up.length > 0) return { state: 'up', since: Math.min(...up.map((gateway) => gateway.since)), cause: null };
  const counting = gateways.filter((gateway) => gateway.state !== 'maintenance');
  const dark = counting.length > 0 ? counting : gateways;
  const worst = dark.reduce((found, gateway) => (severity[gateway.state] > severity[found.state] ? gateway : found));
  return { state: worst.state, since: Math.max(...dark.map((gateway) => gateway.since)), cause: worst.cause };
}

/** A site without a gateway is judged by all that it has. */
export function gatewaysBySite(graph: NetworkGraph): Map<SiteId, readonly TopologyDevice[]> {
  const found = new Map<SiteId, readonly TopologyDevice[]>();
  for (const [site, indices] of graph.devicesOfSite) {
    const devices = indices.map((index) => graph.devices[index]).filter((device) => device !== undefined);
    const gateways = devices.filter((device) => device.gateway);
    found.set(site, gateways.length > 0 ? gateways : devices);
  }
  return found;
}
