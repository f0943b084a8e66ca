import { Vital, type Evidence } from './evidence.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import { Finding, type Explanation } from './root-cause.ts';

export interface LinkFinding {
  /** `hold`: nothing new is known; it stays what it was. */
  readonly state: 'up' | 'down' | 'unreachable' | 'unknown' | 'hold';
  /** Index of the verdict that explains it; -1 for none: a link that is down is then its own cause. */
  readonly verdict: number;
  /** Monotonic milliseconds; NaN where it begins now. */
  readonly since: number;
  /** It is down, and why is being decided: its end is silent, and a neighbour's word is waited for. */
  readonly isUndecided?: boolean;
}

/** A port that contradicts what answers behind it is looked at so long before the link is said to be unknown. */
const contradictionMs = 10_000;

const hold: LinkFinding = { state: 'hold', verdict: -1, since: Number.NaN };
const up: LinkFinding = { state: 'up', verdict: -1, since: Number.NaN };

/** Finds the state of every link from its ends: what their ports say, and whether they are lit. */
export function linkFindings(graph: NetworkGraph, evidence: Evidence, explanation: Explanation): LinkFinding[] {
  const failed = new Map<number, number>();
  for (const [index, verdict] of explanation.verdicts.entries()) {
    if (verdict.kind === 'link') failed.set(verdict.index, index);
  }
  return graph.links.map((_, e) => {
    const verdict = failed.get(e);
    if (verdict !== undefined) {
      return { state: 'down', verdict, since: explanation.verdicts[verdict]?.since ?? Number.NaN };
    }
    return findingOf(e, graph, evidence, explanation);
  });
}

function findingOf(e: number, graph: NetworkGraph, evidence: Evidence, explanation: Explanation): LinkFinding {
  const a = graph.edgeA[e] ?? -1;
  const b = graph.edgeB[e] ?? -1;
  const downSince = explanation.links.since[e] ?? Number.NaN;
  const deadEnd = [a, b].find((n) => explanation.deviceFinding[n] === Finding.down);
  if (!Number.isNaN(downSince)) {
    // What was read before the other end came back is of the time before.
    if (isOfBefore(e, graph, evidence)) return hold;
    const verdict = deadEnd === undefined ? -1 : (explanation.deviceCause[deadEnd] ?? -1);
    const isUndecided = [a, b].some(
      (n) => evidence.vital[n] === Vital.silent && explanation.deviceFinding[n] === Finding.hold,
    );
    return { state: 'down', verdict, since: downSince, isUndecided };
  }
  const aliveA = evidence.vital[a] === Vital.alive;
  const aliveB = evidence.vital[b] === Vital.alive;
  if (aliveA && aliveB) {
    if (explanation.links.contradicted[e] !== 1) return up;
    const age = evidence.now - Math.max(sinceOf(evidence, e, 'a'), sinceOf(evidence, e, 'b'));
    return age > contradictionMs ? { state: 'unknown', verdict: -1, since: Number.NaN } : hold;
  }
  if (aliveA || aliveB) {
    const far = aliveA ? b : a;
    const port = evidence.portOf(e, aliveA ? 'a' : 'b');
    const missed = evidence.firstMissAt[far] ?? Number.NaN;
    if (port?.status === 'up' && !(port.at <= missed)) return up;
    return explained(far, explanation, missed);
  }
  const end = isExplained(a, explanation) ? a : b;
  return explained(end, explanation, evidence.firstMissAt[end] ?? Number.NaN);
}

/** Both ends answer, and no port that says down was read since the later of them began to. */
function isOfBefore(e: number, graph: NetworkGraph, evidence: Evidence): boolean {
  const a = graph.edgeA[e] ?? -1;
  const b = graph.edgeB[e] ?? -1;
  if (evidence.vital[a] !== Vital.alive || evidence.vital[b] !== Vital.alive) return false;
  const together = Math.max(evidence.answeringSince[a] ?? Number.NaN, evidence.answeringSince[b] ?? Number.NaN);
  return (['a', 'b'] as const).every((end) => {
    const port = evidence.portOf(e, end);
    return port?.status !== 'down' || port.at < together;
  });
}

function sinceOf(evidence: Evidence, e: number, end: 'a' | 'b'): number {
  const port = evidence.portOf(e, end);
  return port?.status === 'down' ? port.since : Number.NEGATIVE_INFINITY;
}

function isExplained(n: number, explanation: Explanation): boolean {
  return (explanation.deviceFinding[n] ?? 0) >= Finding.down;
}

function explained(n: number, explanation: Explanation, since: number): LinkFinding {
  return isExplained(n, explanation)
    ? { state: 'unreachable', verdict: explanation.deviceCause[n] ?? -1, since }
    : hold;
}
