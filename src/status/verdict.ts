import type { LinkMedium } from '../domain/link.ts';
import type { DownLinks } from './down-links.ts';
import { Vital, type Evidence } from './evidence.ts';
import type { NetworkGraph } from './graph.ts';

/** One thing that failed, by its index in the NetworkGraph. Times are monotonic milliseconds. */
export interface Verdict {
  readonly kind: 'device' | 'link';
  readonly index: number;
  /** The dark device next to the lit part: the failed one itself, or the far end of the failed link. */
  readonly far: number;
  readonly since: number;
  /** 0 to 1. */
  readonly certainty: number;
  /** It rests on the word of a living neighbour, and stays while nothing speaks against it. */
  readonly firm: boolean;
}

export interface Entry {
  readonly graph: NetworkGraph;
  readonly evidence: Evidence;
  readonly links: DownLinks;
  /** A dark device next to the lit part. */
  readonly node: number;
  /** Edges from it into the lit part, at least one. */
  readonly ways: readonly number[];
  /** Nothing else is silent with it. */
  readonly alone: boolean;
}

/** Ports that went down within this time of each other went down at once. */
const atOnceMs = 8_000;
/** How long after certainty a verdict waits for a neighbour's fresh word, and for a neighbour that is suspect itself. */
const freshWordMs = 1_500;
const suspectNeighbourMs = 4_000;
/** Media whose near end stays up when the far end, or the air between, fails. */
const airborne: ReadonlySet<LinkMedium> = new Set(['radio', 'vsat', '4g']);

/**
 * Says what failed at an entry to the dark: the device itself, or the link that led to it. Or that it is too early: a
 * neighbour's word is on its way.
 */
export function judgeEntry(entry: Entry): Verdict | { readonly pendingUntil: number } {
  const { graph, evidence, links, node } = entry;
  const firstMiss = evidence.firstMissAt[node] ?? Number.NaN;
  const known = entry.ways.filter((e) => graph.isLink(e) && links.contradicted[e] !== 1);
  const down = known.filter((e) => !Number.isNaN(links.since[e] ?? Number.NaN));
  const silent = evidence.vital[node] === Vital.silent;
  const pendingUntil = silent ? waitFor(entry, known, firstMiss) : null;
  if (pendingUntil !== null) return { pendingUntil };

  const device = (certainty: number, firm: boolean): Verdict => ({
    kind: 'device',
    index: node,
    far: node,
    since: firstMiss,
    certainty,
    firm,
  });
  const link = (e: number, certainty: number, firm: boolean): Verdict => {
    const downSince = links.since[e] ?? Number.NaN;
    const since = Number.isNaN(downSince) ? firstMiss : downSince;
    // The port may have been read before or after the first miss: one event, it began at the earlier.
    const began = Math.abs(since - firstMiss) < atOnceMs ? Math.min(since, firstMiss) : since;
    return { kind: 'link', index: e, far: node, since: began, certainty, firm };
  };

  const fresh = known.filter((e) => isFresh(entry, e, firstMiss));
  const only = known.length === 1 ? known[0] : undefined;
  if (known.length === 0) return device(0.5, false);
  if (only !== undefined) {
    if (down.length === 1) return link(only, 0.97, true);
    const medium = graph.links[only]?.medium ?? 'fibre';
    if (airborne.has(medium)) return link(only, entry.alone ? 0.5 : fresh.length === 1 ? 0.7 : 0.6, fresh.length === 1);
    if (fresh.length === 1) return device(0.8, true);
    return entry.alone ? device(0.6, false) : link(only, 0.5, false);
  }
  if (down.length === known.length) {
    const times = down.map((e) => links.since[e] ?? 0);
    const last = down.reduce((best, e) => ((links.since[e] ?? 0) > (links.since[best] ?? 0) ? e : best));
    if (silent && Math.max(...times) - Math.min(...times) <= atOnceMs) return device(0.9, true);
    // One after the other: the network lost them one by one, and the last one darkened it.
    return link(last, 0.9, true);
  }
  return device(down.length > 0 ? 0.7 : fresh.length > 0 ? 0.8 : 0.6, fresh.length === known.length - down.length);
}

/** Null when all neighbours have had their say. */
function waitFor(entry: Entry, known: readonly number[], firstMiss: number): number | null {
  const { graph, evidence, links, node } = entry;
  const certainAt = evidence.certainAt[node] ?? Number.NaN;
  let until = 0;
  for (const e of known) {
    if (!Number.isNaN(links.since[e] ?? Number.NaN)) continue;
    const near = graph.otherEnd(e, node);
    const vital = evidence.vital[near];
    if (vital === Vital.suspect) until = Math.max(until, certainAt + suspectNeighbourMs);
    else if (vital === Vital.alive && !isFresh(entry, e, firstMiss)) until = Math.max(until, certainAt + freshWordMs);
  }
  return until > evidence.now ? until : null;
}

/** The near end answered since the first miss, and where it shows the port, the port was read since then. */
function isFresh(entry: Entry, edge: number, firstMiss: number): boolean {
  const { graph, evidence, node } = entry;
  const near = graph.otherEnd(edge, node);
  if (evidence.vital[near] !== Vital.alive || !((evidence.lastAnswerAt[near] ?? Number.NaN) > firstMiss)) return false;
  const port = evidence.portOf(edge, graph.edgeA[edge] === near ? 'a' : 'b');
  return port === undefined || port.at > firstMiss;
}

/** Verdicts for the graph after the inventory changed; those whose device or link is gone are dropped. */
export function carryOver(verdicts: readonly Verdict[], from: NetworkGraph, to: NetworkGraph): Verdict[] {
  const deviceIn = (index: number): number | undefined => {
    const device = from.devices[index];
    return device === undefined ? undefined : to.deviceIndex.get(device.id);
  };
  const carried: Verdict[] = [];
  for (const verdict of verdicts) {
    const link = verdict.kind === 'link' ? from.links[verdict.index] : undefined;
    const index = link === undefined ? deviceIn(verdict.index) : to.linkIndex.get(link.id);
    const far = deviceIn(verdict.far);
    if (index !== undefined && far !== undefined) carried.push({ ...verdict, index, far });
  }
  return carried;
}
