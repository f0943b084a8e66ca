interface RootedGraph {
  readonly root: number;
  readonly nodeCount: number;
  readonly starts: Int32Array;
  readonly neighbourEdges: Int32Array;
  otherEnd(edge: number, node: number): number;
}

/**
 * For every node the last one (but itself) that all paths from the root pass: what lies under a node in this tree is
 * dark when it is. Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm"; a network's edges go both ways.
 */
export function dominatorTree(graph: RootedGraph): Int32Array {
  const { order, rank } = reversePostorder(graph);
  const dominator = new Int32Array(graph.nodeCount).fill(-1);
  dominator[graph.root] = graph.root;
  const meet = (x: number, y: number): number => {
    let a = x;
    let b = y;
    while (a !== b) {
      while ((rank[a] ?? 0) > (rank[b] ?? 0)) a = dominator[a] ?? a;
      while ((rank[b] ?? 0) > (rank[a] ?? 0)) b = dominator[b] ?? b;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const n of order) {
      if (n === graph.root) continue;
      let found = -1;
      for (let k = graph.starts[n] ?? 0; k < (graph.starts[n + 1] ?? 0); k++) {
        const before = graph.otherEnd(graph.neighbourEdges[k] ?? 0, n);
        if (before === n || dominator[before] === -1) continue;
        found = found === -1 ? before : meet(found, before);
      }
      if (found !== -1 && dominator[n] !== found) {
        dominator[n] = found;
        changed = true;
      }
    }
  }
  // Every node hangs on the root by an edge, known or assumed; this is for the graph that is empty of them.
  for (let n = 0; n < dominator.length; n++) if (dominator[n] === -1) dominator[n] = graph.root;
  return dominator;
}

/** Depth first without recursion: a chain of 20,000 radios is no reason to overflow. */
function reversePostorder(graph: RootedGraph): { order: number[]; rank: Int32Array } {
  const postorder: number[] = [];
  const visited = new Uint8Array(graph.nodeCount);
  const next = graph.starts.slice();
  const stack = [graph.root];
  visited[graph.root] = 1;
  while (stack.length > 0) {
    const n = stack.at(-1) ?? graph.root;
    const k = next[n] ?? 0;
    if (k >= (graph.starts[n + 1] ?? 0)) {
      postorder.push(n);
      stack.pop();
      continue;
    }
    next[n] = k + 1;
    const other = graph.otherEnd(graph.neighbourEdges[k] ?? 0, n);
    if (visited[other] === 1) continue;
    visited[other] = 1;
    stack.push(other);
  }
  const order = postorder.toReversed();
  const rank = new Int32Array(graph.nodeCount);
  for (const [position, n] of order.entries()) rank[n] = position;
  return { order, rank };
}
