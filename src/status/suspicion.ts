import type { GroupMisses } from './group-misses.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';

/** From so many misses of a group on, all of it is asked. */
const groupMissesToAskAll = 5;
const mostBehind = 600;
const mostNeighbours = 60;
/** A device is asked out of turn no oftener than this; its own re-probes go on meanwhile. */
const askAgainMs = 1_500;
/** Nor a neighbour whose word decides a verdict than this. */
const askWitnessAgainMs = 300;

/**
 * Whom to ask out of turn when a device misses or comes back, so that certainty and the ports of living neighbours come
 * within a second or two and not with the next interval.
 */
export class Suspicion {
  readonly #graph: NetworkGraph;
  readonly #groups: GroupMisses;
  readonly #askedAt: Float64Array;

  constructor(graph: NetworkGraph, groups: GroupMisses) {
    this.#graph = graph;
    this.#groups = groups;
    this.#askedAt = new Float64Array(graph.nodeCount).fill(Number.NEGATIVE_INFINITY);
  }

  /** After a miss that was not the first: one lost packet is nobody's business. */
  afterMiss(node: number, misses: number, now: number): number[] {
    if (misses === 2) return this.#notAskedLately([...this.#site(node), ...this.#near(node)], now, node);
    if (misses !== 3) return [];
    const found = this.#graph.behind(node, mostBehind);
    for (const above of this.#path(node)) {
      if (this.#groups.of(above) >= groupMissesToAskAll) found.push(...this.#graph.behind(above, mostBehind));
    }
    return this.#notAskedLately(found, now, node);
  }

  /** Its neighbours: that they answer now is what tells a failed device from a failed way to it. */
  afterCertainty(node: number, now: number): number[] {
    return this.#notAskedLately(this.#graph.neighbours(node), now, node, askWitnessAgainMs);
  }

  /** What a port that went down has cut off. */
  afterCut(nodes: readonly number[], now: number): number[] {
    return this.#notAskedLately(nodes, now);
  }

  /** When a device comes back, its neighbours' ports, what lies behind it and what shared its fate come soon. */
  afterRecovery(node: number, sameFate: readonly number[], now: number): number[] {
    const found = [...this.#near(node), ...this.#site(node), ...this.#graph.behind(node, mostBehind), ...sameFate];
    return this.#notAskedLately(found, now, node);
  }

  #site(node: number): readonly number[] {
    const device = this.#graph.devices[node];
    return device === undefined ? [] : (this.#graph.devicesOfSite.get(device.siteId) ?? []);
  }

  /** The way to the agents, and every neighbour: one of them has the port that went down. */
  #near(node: number): number[] {
    return [...this.#path(node), ...this.#graph.neighbours(node, mostNeighbours)];
  }

  #path(node: number): number[] {
    const found: number[] = [];
    for (let n = this.#graph.dominator[node] ?? this.#graph.root; n !== this.#graph.root;) {
      found.push(n);
      n = this.#graph.dominator[n] ?? this.#graph.root;
    }
    return found;
  }

  #notAskedLately(nodes: readonly number[], now: number, except = -1, againMs = askAgainMs): number[] {
    const found: number[] = [];
    for (const n of nodes) {
      if (n === except || n >= this.#graph.root || now - (this.#askedAt[n] ?? 0) < againMs) continue;
      this.#askedAt[n] = now;
      found.push(n);
    }
    return found;
  }
}
