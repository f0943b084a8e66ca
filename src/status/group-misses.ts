import type { NetworkGraph } from '../domain/network-graph.ts';

/**
 * Misses in a row of what hangs together. A group is a device and all that lies wholly behind it; its count grows with
 * every miss of a member and falls to nothing with every answer. Nine in a row within one group are no chance even when
 * every tenth probe is lost, and a whole village or valley gathers them in a second or two.
 */
export class GroupMisses {
  readonly #graph: NetworkGraph;
  readonly #inARow: Int32Array;
  /** So much one device may add: one that dies alone must not speak for its neighbours. */
  static readonly #shareOfOne = 5;

  constructor(graph: NetworkGraph) {
    this.#graph = graph;
    this.#inARow = new Int32Array(graph.nodeCount);
  }

  /** `ownMisses`: how many in a row the device has now, this one included. A device known to be silent has no say. */
  missed(node: number, ownMisses: number): void {
    if (ownMisses > GroupMisses.#shareOfOne) return;
    for (let n = node; n !== this.#graph.root; n = this.#graph.dominator[n] ?? this.#graph.root) {
      this.#inARow[n] = (this.#inARow[n] ?? 0) + 1;
    }
  }

  answered(node: number): void {
    for (let n = node; n !== this.#graph.root; n = this.#graph.dominator[n] ?? this.#graph.root) this.#inARow[n] = 0;
  }

  of(node: number): number {
    return this.#inARow[node] ?? 0;
  }

  /** The most that any group around the device has. */
  most(node: number): number {
    let most = 0;
    for (let n = node; n !== this.#graph.root; n = this.#graph.dominator[n] ?? this.#graph.root) {
      most = Math.max(most, this.#inARow[n] ?? 0);
    }
    return most;
  }
}
