import { Vital, type Evidence } from './evidence.ts';
import { downLinks, type DownLinks } from './down-links.ts';
import { isOverturned, judgeEntry, withoutExplained, type Verdict } from './verdict.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';

/** What a device or link is found to be; `hold` leaves it as it was. */
export const Finding = { hold: 0, up: 1, down: 2, unreachable: 3 } as const;

/** Why what is dark is dark. Arrays by device and link index; causes are indices into `verdicts`, -1 for none. */
export interface Explanation {
  readonly verdicts: readonly Verdict[];
  readonly deviceFinding: Uint8Array;
  readonly deviceCause: Int32Array;
  readonly links: DownLinks;
  /** By node: 1 where it is lit: some way from a living device or the agents' place leads there. */
  readonly lit: Uint8Array;
  /** When to explain again though nothing happened; Infinity when there is no need. */
  readonly recheckAt: number;
}

/** Failures this far apart are not one event: what darkened a part is then the last of them. */
export const sameEventMs = 8_000;

/**
 * Finds the smallest set of failed devices and links that explains which devices are silent, nearest to the agents
 * first.
 *
 * Lit is what a living device, or the agents' place, reaches over links that are not down. Every silent device next to
 * a lit one (an entry) must itself have failed or be cut off on every such link: one verdict each is the fewest
 * possible, and `judgeEntry` says which. What lies deeper in the dark gets the cause of the entry it hangs on. Verdicts
 * that rest on the word of a living neighbour are kept while that neighbour is dark, too: a cable that was seen to be
 * cut does not heal because its switch lost power.
 */
export function explain(graph: NetworkGraph, evidence: Evidence, previous: readonly Verdict[]): Explanation {
  const links = downLinks(graph, evidence);
  const lit = litNodes(graph, evidence, links);
  const verdicts: Verdict[] = [];
  const deviceFinding = new Uint8Array(graph.nodeCount);
  const deviceCause = new Int32Array(graph.nodeCount).fill(-1);
  const kept = keptVerdicts(graph, evidence, links, lit, previous);
  const before = new Map(previous.map((verdict) => [nameOf(verdict), verdict]));
  let recheckAt = links.recheckAt;

  for (let n = 0; n < graph.root; n++) {
    if (evidence.vital[n] === Vital.alive) deviceFinding[n] = Finding.up;
  }
  const verdictIndex = new Map<Verdict, number>();
  const indexOf = (verdict: Verdict): number => {
    const known = verdictIndex.get(verdict);
    if (known !== undefined) return known;
    verdictIndex.set(verdict, verdicts.length);
    return verdicts.push(verdict) - 1;
  };
  for (const [node, verdict] of kept.devices) {
    deviceFinding[node] = Finding.down;
    deviceCause[node] = indexOf(verdict);
  }

  const visited = new Uint8Array(graph.nodeCount);
  for (let n = 0; n < graph.root; n++) {
    if (visited[n] === 1 || !isDark(n, evidence, lit) || kept.devices.has(n)) continue;
    const part = darkPart(graph, evidence, lit, kept, visited, n);
    const candidates: Candidate[] = [];
    const fallback: Candidate[] = [];
    const silent = part.filter((m) => evidence.vital[m] === Vital.silent).length;
    for (const m of part) {
      const ways: number[] = [];
      for (let k = graph.starts[m] ?? 0; k < (graph.starts[m + 1] ?? 0); k++) {
        const e = graph.neighbourEdges[k] ?? 0;
        const other = graph.otherEnd(e, m);
        const keptLink = kept.links.get(e);
        const keptDevice = kept.devices.get(other);
        if (keptLink !== undefined) (keptLink.far === m ? candidates : fallback).push({ node: m, verdict: keptLink });
        else if (keptDevice !== undefined) candidates.push({ node: other, verdict: keptDevice });
        else if (lit[other] === 1) ways.push(e);
      }
      if (ways.length === 0) continue;
      const judged = judgeEntry({ graph, evidence, links, node: m, ways, alone: silent === 1 });
      if ('pendingUntil' in judged) recheckAt = Math.min(recheckAt, judged.pendingUntil);
      else candidates.push({ node: m, verdict: sameAsBefore(judged, before) });
    }
    spread(graph, part, withoutExplained(candidates.length > 0 ? candidates : fallback), (m, verdict) => {
      if (evidence.vital[m] === Vital.suspect) return;
      deviceCause[m] = indexOf(verdict);
      deviceFinding[m] = verdict.kind === 'device' && verdict.index === m ? Finding.down : Finding.unreachable;
    });
  }
  return { verdicts, deviceFinding, deviceCause, links, lit, recheckAt };
}

interface Candidate {
  /** From where it spreads: an entry, or a dead device next to the part. */
  readonly node: number;
  readonly verdict: Verdict;
}

function litNodes(graph: NetworkGraph, evidence: Evidence, links: DownLinks): Uint8Array {
  const lit = new Uint8Array(graph.nodeCount);
  const queue = [graph.root];
  lit[graph.root] = 1;
  // A device that answers is lit whatever the inventory says of its links.
  for (let n = 0; n < graph.root; n++) {
    if (evidence.vital[n] !== Vital.alive) continue;
    lit[n] = 1;
    queue.push(n);
  }
  for (let i = 0; i < queue.length; i++) {
    const n = queue[i] ?? graph.root;
    for (let k = graph.starts[n] ?? 0; k < (graph.starts[n + 1] ?? 0); k++) {
      const e = graph.neighbourEdges[k] ?? 0;
      if (!Number.isNaN(links.since[e] ?? Number.NaN)) continue;
      const other = graph.otherEnd(e, n);
      if (lit[other] === 1 || evidence.vital[other] === Vital.silent) continue;
      lit[other] = 1;
      queue.push(other);
    }
  }
  return lit;
}

function isDark(n: number, evidence: Evidence, lit: Uint8Array): boolean {
  return evidence.vital[n] === Vital.silent || lit[n] !== 1;
}

interface Kept {
  readonly devices: ReadonlyMap<number, Verdict>;
  readonly links: ReadonlyMap<number, Verdict>;
}

/** Firm verdicts that nothing speaks against: the device is silent and no port blames its link; both ends of the link are dark. */
function keptVerdicts(
  graph: NetworkGraph,
  evidence: Evidence,
  downLinks: DownLinks,
  lit: Uint8Array,
  previous: readonly Verdict[],
): Kept {
  const devices = new Map<number, Verdict>();
  const links = new Map<number, Verdict>();
  for (const verdict of previous) {
    if (!verdict.firm) continue;
    if (verdict.kind === 'device') {
      const node = verdict.index;
      if (evidence.vital[node] !== Vital.silent) continue;
      const ways = litWays(graph, lit, node);
      const judged =
        ways.length === 0 ? verdict : judgeEntry({ graph, evidence, links: downLinks, node, ways, alone: false });
      if ('pendingUntil' in judged || !isOverturned(verdict, judged, downLinks)) devices.set(node, verdict);
    } else {
      const near = graph.otherEnd(verdict.index, verdict.far);
      if (isDark(near, evidence, lit) && isDark(verdict.far, evidence, lit)) links.set(verdict.index, verdict);
    }
  }
  return { devices, links };
}

function litWays(graph: NetworkGraph, lit: Uint8Array, node: number): number[] {
  const ways: number[] = [];
  for (let k = graph.starts[node] ?? 0; k < (graph.starts[node + 1] ?? 0); k++) {
    const e = graph.neighbourEdges[k] ?? 0;
    if (lit[graph.otherEnd(e, node)] === 1) ways.push(e);
  }
  return ways;
}

/** Dark nodes that hang together without crossing what is known to have failed. */
function darkPart(
  graph: NetworkGraph,
  evidence: Evidence,
  lit: Uint8Array,
  kept: Kept,
  visited: Uint8Array,
  from: number,
): number[] {
  const part = [from];
  visited[from] = 1;
  for (let i = 0; i < part.length; i++) {
    const n = part[i] ?? from;
    for (let k = graph.starts[n] ?? 0; k < (graph.starts[n + 1] ?? 0); k++) {
      const e = graph.neighbourEdges[k] ?? 0;
      if (kept.links.has(e)) continue;
      const other = graph.otherEnd(e, n);
      if (visited[other] === 1 || other === graph.root || kept.devices.has(other)) continue;
      if (!isDark(other, evidence, lit)) continue;
      visited[other] = 1;
      part.push(other);
    }
  }
  return part;
}

/** Keeps what was told about a failure when it is judged again: when it began does not move. */
function sameAsBefore(verdict: Verdict, previous: ReadonlyMap<string, Verdict>): Verdict {
  const before = previous.get(nameOf(verdict));
  if (before === undefined) return verdict;
  return {
    ...verdict,
    since: Math.min(before.since, verdict.since),
    saidAt: before.saidAt,
    firm: before.firm || verdict.firm,
  };
}

function nameOf(verdict: Verdict): string {
  return `${verdict.kind} ${verdict.index} ${verdict.far}`;
}

/** Hands every node of a dark part the nearest of the candidates that belong to the last event. */
function spread(
  graph: NetworkGraph,
  part: readonly number[],
  candidates: readonly Candidate[],
  assign: (node: number, verdict: Verdict) => void,
): void {
  if (candidates.length === 0) return;
  const last = Math.max(...candidates.map((candidate) => candidate.verdict.since));
  const recent = candidates
    .filter((candidate) => candidate.verdict.since >= last - sameEventMs)
    .sort((a, b) => (graph.distance[a.node] ?? 0) - (graph.distance[b.node] ?? 0) || a.node - b.node);
  // A device that failed itself is its own cause, however long ago.
  const assigned = new Map<number, Verdict>();
  for (const { node, verdict } of candidates) {
    if (verdict.kind === 'device' && verdict.index === node) assigned.set(node, verdict);
  }
  const inPart = new Set(part);
  const reached = new Set<number>();
  const queue: Candidate[] = [];
  for (const candidate of recent) {
    if (reached.has(candidate.node)) continue;
    reached.add(candidate.node);
    queue.push(candidate);
  }
  for (let i = 0; i < queue.length; i++) {
    const at = queue[i];
    if (at === undefined) break;
    if (!assigned.has(at.node)) assigned.set(at.node, at.verdict);
    for (let k = graph.starts[at.node] ?? 0; k < (graph.starts[at.node + 1] ?? 0); k++) {
      const other = graph.otherEnd(graph.neighbourEdges[k] ?? 0, at.node);
      if (reached.has(other) || !inPart.has(other)) continue;
      reached.add(other);
      queue.push({ node: other, verdict: at.verdict });
    }
  }
  for (const [node, verdict] of assigned) if (inPart.has(node)) assign(node, verdict);
}
