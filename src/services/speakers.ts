import { lookouts } from '../domain/agent-places.ts';
import type { AgentId, SiteId } from '../domain/ids.ts';
import { NetworkGraph } from '../domain/network-graph.ts';
import type { Topology, TopologyDevice } from '../domain/topology.ts';

/** Topologies are immutable; of each it is found out once. */
const known = new WeakMap<Topology, ReadonlyMap<SiteId, AgentId>>();

/**
 * The Agent that sees what a site sees, by site: the nearest lookout whose place every way from the data centre to the
 * site passes, or else the Agent that reads the site's gateways. A site without devices has none.
 */
export function speakersOf(topology: Topology): ReadonlyMap<SiteId, AgentId> {
  const found = known.get(topology) ?? findSpeakers(topology);
  known.set(topology, found);
  return found;
}

/** A site's gateways, or all of its devices where none is called one. */
export function doorsOf(devices: readonly TopologyDevice[]): readonly TopologyDevice[] {
  const gateways = devices.filter(({ gateway }) => gateway);
  return gateways.length > 0 ? gateways : devices;
}

function findSpeakers(topology: Topology): ReadonlyMap<SiteId, AgentId> {
  const standing = standingAt(topology);
  const graph = standing.size === 0 ? null : new NetworkGraph(topology);
  const speakers = new Map<SiteId, AgentId>();
  for (const [siteId, devices] of Map.groupBy(topology.devices.values(), ({ siteId: at }) => at)) {
    const [door] = doorsOf(devices);
    if (door !== undefined)
      speakers.set(siteId, (graph === null ? null : lookoutBefore(graph, door, standing)) ?? door.agentId);
  }
  return speakers;
}

/** Lookouts by the sites of the devices that they are plugged into; of two at one site the first by name. */
function standingAt(topology: Topology): ReadonlyMap<SiteId, AgentId> {
  const standing = new Map<SiteId, AgentId>();
  const byName = lookouts(topology).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const { id, attachedTo } of byName) {
    for (const deviceId of attachedTo) {
      const siteId = topology.devices.get(deviceId)?.siteId;
      if (siteId !== undefined && !standing.has(siteId)) standing.set(siteId, id);
    }
  }
  return standing;
}

/** Goes from a site's door to the data centre by what no way avoids. */
function lookoutBefore(
  graph: NetworkGraph,
  door: TopologyDevice,
  standing: ReadonlyMap<SiteId, AgentId>,
): AgentId | null {
  let node = graph.deviceIndex.get(door.id) ?? graph.root;
  while (node !== graph.root && node >= 0) {
    const siteId = graph.devices[node]?.siteId;
    const agent = siteId === undefined ? undefined : standing.get(siteId);
    if (agent !== undefined) return agent;
    node = graph.dominator[node] ?? graph.root;
  }
  return null;
}
