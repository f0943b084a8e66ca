import { Vital, type Evidence } from './evidence.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';

/** What the ports say of the links, after what contradicts itself was put aside. */
export interface DownLinks {
  /** By edge: when a living end first reported its port down; NaN where none did, or where it is not believed. */
  readonly since: Float64Array;
  /** By edge: 1 where a port reports down although what lies behind it answers: the inventory names the wrong port. */
  readonly contradicted: Uint8Array;
  /** By edge: of a contradicted one, since when something answers behind it; NaN else. */
  readonly answersBehindSince: Float64Array;
  /** By node: NaN where some way from the agents passes no down link; else when the last of the links in its way went down. */
  readonly cutSince: Float64Array;
  /** When to look again, since a port's first reading was too young to be believed. */
  readonly recheckAt: number;
}

/** An answer this long after a port went down is no echo of the time before. */
const echoMs = 2_000;
/**
 * So long a port whose very first reading says down is not believed: what lies behind it may be about to answer. Not so
 * where that has fallen silent: the port was first read after the failure.
 */
const firstReadingMs = 3_000;

export function downLinks(graph: NetworkGraph, evidence: Evidence): DownLinks {
  const since = new Float64Array(graph.edgeA.length).fill(Number.NaN);
  const contradicted = new Uint8Array(graph.edgeA.length);
  const answersBehindSince = new Float64Array(graph.edgeA.length).fill(Number.NaN);
  let recheckAt = Number.POSITIVE_INFINITY;
  let any = false;
  for (let e = 0; e < graph.links.length; e++) {
    for (const end of ['a', 'b'] as const) {
      const near = (end === 'a' ? graph.edgeA : graph.edgeB)[e] ?? -1;
      if (evidence.vital[near] === Vital.silent) continue; // says nothing any more: the reading is of before
      const port = evidence.portOf(e, end);
      if (port?.status !== 'down') continue;
      const far = (end === 'a' ? graph.edgeB : graph.edgeA)[e] ?? -1;
      const isYoung = !port.everUp && evidence.now - port.since < firstReadingMs;
      if (isYoung && evidence.vital[far] !== Vital.silent) {
        recheckAt = Math.min(recheckAt, port.since + firstReadingMs);
        continue;
      }
      const known = since[e] ?? Number.NaN;
      since[e] = Number.isNaN(known) ? port.since : Math.min(known, port.since);
      any = true;
    }
  }
  const cutSince = new Float64Array(graph.nodeCount).fill(Number.NaN);
  if (any) {
    // Each round believes fewer links; what lay behind a wrong one is reached in the next and judged then.
    while (putContradictionsAside(graph, evidence, { since, contradicted, answersBehindSince, cutSince }));
  }
  return { since, contradicted, answersBehindSince, cutSince, recheckAt };
}

function putContradictionsAside(
  graph: NetworkGraph,
  evidence: Evidence,
  links: Pick<DownLinks, 'since' | 'contradicted' | 'answersBehindSince' | 'cutSince'>,
): boolean {
  const part = new Int32Array(graph.nodeCount).fill(-1);
  flood(graph, links.since, part, graph.root, 0);
  let parts = 1;
  let found = false;
  links.cutSince.fill(Number.NaN);
  for (let n = 0; n < graph.root; n++) {
    if (part[n] !== -1) continue;
    const nodes = flood(graph, links.since, part, n, parts++);
    const boundary = boundaryOf(graph, links.since, part, nodes);
    let lastCut = Number.NEGATIVE_INFINITY;
    for (const e of boundary) lastCut = Math.max(lastCut, links.since[e] ?? Number.NEGATIVE_INFINITY);
    let lastAnswer = Number.NEGATIVE_INFINITY;
    let answersSince = Number.POSITIVE_INFINITY;
    for (const m of nodes) {
      const at = evidence.lastAnswerAt[m] ?? Number.NaN;
      if (at > lastAnswer) lastAnswer = at;
      const since = evidence.answeringSince[m] ?? Number.NaN;
      if (at > lastCut + echoMs && since < answersSince) answersSince = since;
      links.cutSince[m] = lastCut;
    }
    if (lastAnswer <= lastCut + echoMs) continue;
    for (const e of boundary) {
      // Between two parts of which neither is reached, the link nearer to the agents is the wrong one: next round.
      if (part[graph.edgeA[e] ?? 0] !== 0 && part[graph.edgeB[e] ?? 0] !== 0) continue;
      links.contradicted[e] = 1;
      links.answersBehindSince[e] = answersSince;
      links.since[e] = Number.NaN;
      found = true;
    }
  }
  return found;
}

/** Marks what hangs together over links that are not down; returns its nodes. */
function flood(graph: NetworkGraph, since: Float64Array, part: Int32Array, from: number, mark: number): number[] {
  part[from] = mark;
  const nodes = [from];
  for (let i = 0; i < nodes.length; i++) {
    const n = nodes[i] ?? from;
    for (let k = graph.starts[n] ?? 0; k < (graph.starts[n + 1] ?? 0); k++) {
      const e = graph.neighbourEdges[k] ?? 0;
      if (!Number.isNaN(since[e] ?? Number.NaN)) continue;
      const other = graph.otherEnd(e, n);
      if (part[other] !== -1) continue;
      part[other] = mark;
      nodes.push(other);
    }
  }
  return nodes;
}

function boundaryOf(graph: NetworkGraph, since: Float64Array, part: Int32Array, nodes: readonly number[]): number[] {
  const boundary: number[] = [];
  for (const n of nodes) {
    for (let k = graph.starts[n] ?? 0; k < (graph.starts[n + 1] ?? 0); k++) {
      const e = graph.neighbourEdges[k] ?? 0;
      if (!Number.isNaN(since[e] ?? Number.NaN) && part[graph.otherEnd(e, n)] !== part[n]) boundary.push(e);
    }
  }
  return boundary;
}
