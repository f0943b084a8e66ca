import { placesOfReaders } from '../../domain/agent-places.ts';
import { NetworkGraph } from '../../domain/network-graph.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { Topology, TopologyDevice } from '../../domain/topology.ts';

/**
 * The network as a change must see it. What stands at a site that is planned or in building may carry others already, or
 * nobody yet. So there are two networks, that of every site and that of the active ones alone: what either of them cuts
 * off is cut off, and what must keep standing must do so in both.
 */
export class ChangeGraph {
  /** With every site. */
  readonly topology: Topology;
  readonly devices: readonly TopologyDevice[];
  readonly deviceIndex: ReadonlyMap<DeviceId, number>;
  readonly devicesOfSite: ReadonlyMap<SiteId, readonly number[]>;
  /** One where all sites are active. */
  readonly networks: readonly ChangeNetwork[];
  /** Of each device, hops from the agents' place. */
  readonly distance: Int32Array;
  /** Of each device, how many lie wholly behind it, itself among them. */
  readonly sizeBehind: Int32Array;

  /** @param whole with every site; the active topology itself where all are active. */
  constructor(active: Topology, whole: Topology) {
    const all = new NetworkGraph(whole, active.sites);
    this.topology = whole;
    this.devices = all.devices;
    this.deviceIndex = all.deviceIndex;
    this.devicesOfSite = all.devicesOfSite;
    const graphs = active === whole ? [all] : [all, new NetworkGraph(active)];
    this.networks = graphs.map((graph) => new ChangeNetwork(graph, all));
    this.distance = this.#most(({ graph }) => graph.distance);
    this.sizeBehind = this.#most(({ graph }) => subtreeSizes(graph));
  }

  /** What a link, or a path that is assumed, joins to a device; one past the last device is the agents' place. */
  neighbours(device: number): ReadonlySet<number> {
    return new Set(this.networks.flatMap((network) => network.neighbours(device)));
  }

  /** Marks what no path may reach any more when these devices are gone: 1 at each index of a device. */
  darkWithout(devices: readonly number[]): Uint8Array {
    const [dark = new Uint8Array(), ...others] = this.networks.map((network) => network.darkWithout(devices));
    for (const other of others) for (let i = 0; i < dark.length; i += 1) dark[i] = (dark[i] ?? 0) | (other[i] ?? 0);
    return dark;
  }

  /** Whether the controller may reach nothing any more: all of the devices by which it does so are marked as dark. */
  cutsController(dark: Uint8Array): boolean {
    return this.networks.some(({ entries }) => entries.length > 0 && entries.every((device) => dark[device] === 1));
  }

  #most(of: (network: ChangeNetwork) => Int32Array): Int32Array {
    const most = new Int32Array(this.devices.length);
    for (const network of this.networks) {
      const values = of(network);
      for (const [device, node] of network.nodes) most[device] = Math.max(most[device] ?? 0, values[node] ?? 0);
    }
    return most;
  }
}

/** One of the networks; devices have their indices of the ChangeGraph, and one that is not in it cuts nothing. */
export class ChangeNetwork {
  readonly graph: NetworkGraph;
  /** Nodes of the graph, by device. */
  readonly nodes: ReadonlyMap<number, number>;
  /** Devices by which the controller reaches it. */
  readonly entries: readonly number[];
  readonly #devices: Int32Array;
  readonly #size: number;

  constructor(graph: NetworkGraph, all: NetworkGraph) {
    this.graph = graph;
    this.#devices = new Int32Array(graph.nodeCount).fill(all.root);
    for (const [node, { id }] of graph.devices.entries()) this.#devices[node] = all.deviceIndex.get(id) ?? all.root;
    this.nodes = new Map(graph.devices.map((_, node) => [this.#deviceAt(node), node]));
    this.entries = entriesOf(graph).map((node) => this.#deviceAt(node));
    this.#size = all.root;
  }

  neighbours(device: number): readonly number[] {
    const node = this.nodes.get(device);
    return node === undefined ? [] : this.graph.neighbours(node).map((other) => this.#deviceAt(other));
  }

  /** Devices that lie wholly behind this one, itself first. */
  behind(device: number): readonly number[] {
    const node = this.nodes.get(device);
    return node === undefined ? [] : this.graph.behind(node).map((other) => this.#deviceAt(other));
  }

  /** Marks what no path reaches any more when these devices are gone. */
  darkWithout(devices: readonly number[]): Uint8Array {
    const dark = darkIn(this.graph, devices.flatMap((device) => this.nodes.get(device) ?? [])); // prettier-ignore
    const found = new Uint8Array(this.#size);
    for (let node = 0; node < this.graph.root; node += 1) if (dark[node] === 1) found[this.#deviceAt(node)] = 1;
    return found;
  }

  #deviceAt(node: number): number {
    return this.#devices[node] ?? 0;
  }
}

/** By node, 1 where no path leads to any more when these nodes are gone. */
function darkIn(graph: NetworkGraph, without: readonly number[]): Uint8Array {
  const dark = new Uint8Array(graph.nodeCount).fill(1);
  const gone = new Uint8Array(graph.nodeCount);
  for (const node of without) gone[node] = 1;
  dark[graph.root] = 0;
  const queue = [graph.root];
  for (let i = 0; i < queue.length; i += 1) {
    const node = queue[i] ?? graph.root;
    const end = graph.starts[node + 1] ?? 0;
    for (let k = graph.starts[node] ?? 0; k < end; k += 1) {
      const other = graph.otherEnd(graph.neighbourEdges[k] ?? 0, node);
      if (dark[other] === 0 || gone[other] === 1) continue;
      dark[other] = 0;
      queue.push(other);
    }
  }
  return dark;
}

/**
 * The devices by which the controller reaches the network: those that agents are plugged into. Where none is plugged in,
 * the graph assumes a way into every part of the network; the one with the most links is taken for the controller's.
 */
function entriesOf(graph: NetworkGraph): number[] {
  const attached = placesOfReaders(graph.topology).flatMap((id) => graph.deviceIndex.get(id) ?? []);
  if (attached.length > 0) return [...new Set(attached)];
  const assumed = graph.neighbours(graph.root).map((device) => ({ device, links: linksOf(graph, device) }));
  const most = Math.max(1, ...assumed.map(({ links }) => links));
  return assumed.filter(({ links }) => links === most).map(({ device }) => device);
}

function linksOf(graph: NetworkGraph, device: number): number {
  const edges = graph.neighbourEdges.subarray(graph.starts[device] ?? 0, graph.starts[device + 1] ?? 0);
  return edges.filter((edge) => graph.isLink(edge)).length;
}

/** How many devices lie wholly behind each, itself among them. */
function subtreeSizes(graph: NetworkGraph): Int32Array {
  const sizes = new Int32Array(graph.nodeCount).fill(1);
  // From the leaves of the dominator tree up: what is dominated is met after what dominates it.
  const order = graph.behind(graph.root);
  for (const node of order.toReversed()) {
    if (node === graph.root) continue;
    const above = graph.dominator[node] ?? graph.root;
    sizes[above] = (sizes[above] ?? 0) + (sizes[node] ?? 0);
  }
  return sizes;
}
