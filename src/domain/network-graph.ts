import { placesOfReaders } from './agent-places.ts';
import type { DeviceId, LinkId, SiteId } from './ids.ts';
import type { Topology, TopologyDevice, TopologyLink, TopologySite } from './topology.ts';
import { dominatorTree } from './dominators.ts';

/**
 * A Topology as numbers: devices and links get indices, neighbours lie in flat arrays. The node after the last device
 * is the place of the agents; from there everything is seen. Edges after the last link are assumed, not known: where
 * the inventory names no path to a device, it is taken to hang on its site's gateway, or on the agent itself.
 */
export class NetworkGraph {
  readonly topology: Topology;
  readonly devices: readonly TopologyDevice[];
  readonly links: readonly TopologyLink[];
  readonly deviceIndex: ReadonlyMap<DeviceId, number>;
  readonly linkIndex: ReadonlyMap<LinkId, number>;
  readonly devicesOfSite: ReadonlyMap<SiteId, readonly number[]>;
  /** The agents' place. */
  readonly root: number;
  /** Ends of edge `e`: a link's own ends for `e < links.length`. */
  readonly edgeA: Int32Array;
  readonly edgeB: Int32Array;
  /** Edges of node `n`: `neighbourEdges[starts[n] … starts[n + 1])`. */
  readonly starts: Int32Array;
  readonly neighbourEdges: Int32Array;
  /** Hops from the agents' place over all edges. */
  readonly distance: Int32Array;
  /** The last node that every path from the agents' place to this one passes; itself for the root. */
  readonly dominator: Int32Array;
  /** Nodes with this one as their dominator: `children[childStarts[n] … childStarts[n + 1])`. */
  readonly childStarts: Int32Array;
  readonly children: Int32Array;
  readonly #likely: Topology['sites'];

  /** @param likely sites at one of which the agents stand, where nothing says at which; any, if left out. */
  constructor(topology: Topology, likely: Topology['sites'] = topology.sites) {
    this.topology = topology;
    this.#likely = likely;
    this.devices = [...topology.devices.values()];
    this.deviceIndex = new Map(this.devices.map((device, index) => [device.id, index]));
    this.root = this.devices.length;
    this.links = [...topology.links.values()].filter(
      (link) => this.deviceIndex.has(link.a.deviceId) && this.deviceIndex.has(link.b.deviceId),
    );
    this.linkIndex = new Map(this.links.map((link, index) => [link.id, index]));
    this.devicesOfSite = groupBySite(this.devices);

    const ends: number[] = [];
    for (const link of this.links) {
      ends.push(this.deviceIndex.get(link.a.deviceId) ?? -1, this.deviceIndex.get(link.b.deviceId) ?? -1);
    }
    for (const id of placesOfReaders(topology)) {
      const index = this.deviceIndex.get(id);
      if (index !== undefined) ends.push(this.root, index);
    }
    this.#assumeMissingPaths(ends);

    const edges = ends.length / 2;
    this.edgeA = new Int32Array(edges);
    this.edgeB = new Int32Array(edges);
    for (let e = 0; e < edges; e++) {
      this.edgeA[e] = ends[2 * e] ?? -1;
      this.edgeB[e] = ends[2 * e + 1] ?? -1;
    }
    [this.starts, this.neighbourEdges] = adjacency(this.root + 1, this.edgeA, this.edgeB);
    this.distance = this.#hopsFromRoot();
    this.dominator = dominatorTree(this);
    [this.childStarts, this.children] = childLists(this.dominator, this.root);
  }

  get nodeCount(): number {
    return this.root + 1;
  }

  otherEnd(edge: number, node: number): number {
    const a = this.edgeA[edge] ?? -1;
    return a === node ? (this.edgeB[edge] ?? -1) : a;
  }

  /** The nodes at the other ends of a node's edges; one twice where two edges join them. */
  neighbours(node: number, most = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    const from = this.starts[node] ?? 0;
    const to = Math.min(this.starts[node + 1] ?? 0, from + most);
    for (let k = from; k < to; k++) found.push(this.otherEnd(this.neighbourEdges[k] ?? 0, node));
    return found;
  }

  /** Whether the edge is a link of the inventory. */
  isLink(edge: number): boolean {
    return edge < this.links.length;
  }

  siteOf(device: number): TopologySite | undefined {
    const found = this.devices[device];
    return found === undefined ? undefined : this.topology.sites.get(found.siteId);
  }

  /** Devices that lie wholly behind this one (every path to them passes it), itself first. */
  behind(node: number, limit = Number.POSITIVE_INFINITY): number[] {
    const found = [node];
    for (let i = 0; i < found.length && found.length < limit; i++) {
      const n = found[i] ?? node;
      for (let k = this.childStarts[n] ?? 0; k < (this.childStarts[n + 1] ?? 0); k++) {
        found.push(this.children[k] ?? n);
      }
    }
    return found.length > limit ? found.slice(0, limit) : found;
  }

  /** Gives every part of the network that no agent is plugged into an assumed edge. */
  #assumeMissingPaths(ends: number[]): void {
    const part = components(this.root + 1, ends);
    const degree = new Int32Array(this.root + 1);
    for (const node of ends) degree[node] = (degree[node] ?? 0) + 1;
    const seen = part[this.root];
    const entries = new Map<number, number>();
    for (let d = 0; d < this.root; d++) {
      const p = part[d] ?? -1;
      if (p === seen) continue;
      const best = entries.get(p);
      if (best === undefined || this.#entersBefore(d, best, degree)) entries.set(p, d);
    }
    for (const [p, entry] of entries) {
      const gateway = this.#gatewayElsewhere(entry, p, part);
      ends.push(gateway ?? this.root, entry);
    }
  }

  /** Gateways carry the uplinks; of several, the one with the most links is the nearest to the agent. */
  #entersBefore(a: number, b: number, degree: Int32Array): boolean {
    const gatewayA = this.devices[a]?.gateway === true;
    const gatewayB = this.devices[b]?.gateway === true;
    if (gatewayA !== gatewayB) return gatewayA;
    const [likelyA, likelyB] = [this.#isLikely(a), this.#isLikely(b)];
    if (likelyA !== likelyB) return likelyA;
    return (degree[a] ?? 0) > (degree[b] ?? 0);
  }

  #isLikely(device: number): boolean {
    const siteId = this.devices[device]?.siteId;
    return siteId !== undefined && this.#likely.has(siteId);
  }

  #gatewayElsewhere(device: number, part: number, parts: Int32Array): number | undefined {
    const found = this.devices[device];
    if (found === undefined || found.gateway) return undefined;
    return this.devicesOfSite
      .get(found.siteId)
      ?.find((other) => this.devices[other]?.gateway === true && parts[other] !== part);
  }

  #hopsFromRoot(): Int32Array {
    const hops = new Int32Array(this.nodeCount).fill(-1);
    hops[this.root] = 0;
    const queue = [this.root];
    for (let i = 0; i < queue.length; i++) {
      const n = queue[i] ?? this.root;
      for (let k = this.starts[n] ?? 0; k < (this.starts[n + 1] ?? 0); k++) {
        const other = this.otherEnd(this.neighbourEdges[k] ?? 0, n);
        if (hops[other] !== -1) continue;
        hops[other] = (hops[n] ?? 0) + 1;
        queue.push(other);
      }
    }
    return hops;
  }
}

function groupBySite(devices: readonly TopologyDevice[]): Map<SiteId, number[]> {
  const groups = new Map<SiteId, number[]>();
  for (const [index, device] of devices.entries()) {
    const group = groups.get(device.siteId);
    if (group === undefined) groups.set(device.siteId, [index]);
    else group.push(index);
  }
  return groups;
}

function adjacency(nodes: number, edgeA: Int32Array, edgeB: Int32Array): [Int32Array, Int32Array] {
  const starts = new Int32Array(nodes + 1);
  for (const ends of [edgeA, edgeB]) for (const n of ends) starts[n + 1] = (starts[n + 1] ?? 0) + 1;
  for (let n = 0; n < nodes; n++) starts[n + 1] = (starts[n + 1] ?? 0) + (starts[n] ?? 0);
  const next = starts.slice(0, nodes);
  const list = new Int32Array(2 * edgeA.length);
  for (let e = 0; e < edgeA.length; e++) {
    for (const n of [edgeA[e] ?? 0, edgeB[e] ?? 0]) {
      const at = next[n] ?? 0;
      list[at] = e;
      next[n] = at + 1;
    }
  }
  return [starts, list];
}

function childLists(dominator: Int32Array, root: number): [Int32Array, Int32Array] {
  const starts = new Int32Array(dominator.length + 1);
  for (let n = 0; n < dominator.length; n++) {
    if (n === root) continue;
    const above = dominator[n] ?? root;
    starts[above + 1] = (starts[above + 1] ?? 0) + 1;
  }
  for (let n = 0; n < dominator.length; n++) starts[n + 1] = (starts[n + 1] ?? 0) + (starts[n] ?? 0);
  const next = starts.slice(0, dominator.length);
  const list = new Int32Array(dominator.length);
  for (let n = 0; n < dominator.length; n++) {
    if (n === root) continue;
    const above = dominator[n] ?? root;
    const at = next[above] ?? 0;
    list[at] = n;
    next[above] = at + 1;
  }
  return [starts, list];
}

/** Union-find over pairs of nodes: the same number for nodes that hang together. */
function components(nodes: number, ends: readonly number[]): Int32Array {
  const parent = Int32Array.from({ length: nodes }, (_, n) => n);
  const find = (n: number): number => {
    let top = n;
    while (parent[top] !== top) top = parent[top] ?? top;
    for (let at = n; at !== top;) {
      const above = parent[at] ?? top;
      parent[at] = top;
      at = above;
    }
    return top;
  };
  for (let i = 0; i + 1 < ends.length; i += 2) parent[find(ends[i] ?? 0)] = find(ends[i + 1] ?? 0);
  return Int32Array.from({ length: nodes }, (_, n) => find(n));
}
