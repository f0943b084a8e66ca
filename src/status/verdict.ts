import type { LinkMedium } from '../domain/link.ts';
import type { DownLinks } from './down-links.ts';
import { Vital, type Evidence } from './evidence.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import type { Port } from './port-book.ts';

/** One thing that failed, by its index in the NetworkGraph. Times are monotonic milliseconds. */
export interface Verdict {
  readonly kind: 'device' | 'link';
  readonly index: number;
  /** The dark device next to the lit part: the failed one itself, or the far end of the failed link. */
  readonly far: number;
  readonly since: number;
  /** When it was first said. */
  readonly saidAt: number;
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
const freshWordMs = 3_000;
const suspectNeighbourMs = 5_000;
/** A port that goes down so long after the device fell silent may still be what silenced it: it was read late. */
const lateWordMs = 15_000;
/** After a way came back, a device behind it is judged by misses at least this much later: older ones were in flight. */
const inFlightMs = 2_000;
const returnMs = 9_000;
/** A device that connects to us may take so long for it after its way came back, and its last question before that runs out. */
const connectMs = 20_000;
/** How sure a verdict is: the port of the only way went down; the device is silent though its cable shows light. */
const provenByPort = 0.97;
const deadByLight = 0.8;
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
  const pendingUntil = silent ? waitFor(entry) : null;
  if (pendingUntil !== null) return { pendingUntil };

  const device = (certainty: number, firm: boolean): Verdict => ({
    kind: 'device',
    index: node,
    far: node,
    since: firstMiss,
    saidAt: evidence.now,
    certainty,
    firm,
  });
  const link = (e: number, certainty: number, firm: boolean): Verdict => {
    const downSince = links.since[e] ?? Number.NaN;
    const since = Number.isNaN(downSince) ? firstMiss : downSince;
    // The port may have been read before or after the first miss: one event, it began at the earlier.
    const began = Math.abs(since - firstMiss) < atOnceMs ? Math.min(since, firstMiss) : since;
    return { kind: 'link', index: e, far: node, since: began, saidAt: evidence.now, certainty, firm };
  };

  const fresh = known.filter((e) => isFresh(entry, e));
  const only = known.length === 1 ? known[0] : undefined;
  if (known.length === 0) return device(0.5, false);
  if (only !== undefined) {
    if (down.length === 1) return link(only, provenByPort, true);
    const medium = graph.links[only]?.medium ?? 'fibre';
    if (airborne.has(medium)) return link(only, entry.alone ? 0.5 : fresh.length === 1 ? 0.7 : 0.6, fresh.length === 1);
    if (fresh.length === 1) return device(deadByLight, true);
    return entry.alone ? device(0.6, false) : link(only, 0.5, false);
  }
  if (down.length === known.length) {
    const times = down.map((e) => links.since[e] ?? 0);
    const last = down.reduce((best, e) => ((links.since[e] ?? 0) > (links.since[best] ?? 0) ? e : best));
    if (silent && Math.max(...times) - Math.min(...times) <= atOnceMs) return device(0.9, true);
    // One after the other: the network lost them one by one, and the last one darkened it.
    return link(last, 0.9, true);
  }
  // A dead device takes the light off all its cables: where one still has it, the dark one failed, and the inventory errs.
  const others = known.filter((e) => !down.includes(e));
  const lastDown = Math.max(...down.map((e) => links.since[e] ?? Number.NaN));
  const blamed = down.find((e) => links.since[e] === lastDown);
  if (blamed !== undefined && Math.abs(lastDown - firstMiss) < atOnceMs && others.every((e) => hasLight(entry, e))) {
    return link(blamed, 0.6, true);
  }
  return device(down.length > 0 ? 0.7 : fresh.length > 0 ? 0.8 : 0.6, fresh.length === others.length);
}

/** Its near end shows, since the silence is certain, that something at the far end of the cable is powered. */
function hasLight(entry: Entry, edge: number): boolean {
  const medium = entry.graph.links[edge]?.medium ?? 'fibre';
  return !airborne.has(medium) && portAt(entry, edge)?.status === 'up' && isFresh(entry, edge);
}

/** A device was called dead, and then the port of its only way was read to be down: the link failed, not the device. */
export function isOverturned(verdict: Verdict, judged: Verdict, links: DownLinks): boolean {
  if (verdict.kind !== 'device' || judged.kind !== 'link' || !judged.firm) return false;
  const downSince = links.since[judged.index] ?? Number.NaN;
  return downSince > verdict.saidAt && downSince - verdict.since <= lateWordMs;
}

/**
 * Verdicts of one dark part, without the deaths that a failed link explains better: where a link failed as the part
 * fell silent, a device that is called dead only because another cable to it shows light hangs on that link, and the
 * inventory names the wrong cable.
 */
export function withoutExplained<T extends { readonly verdict: Verdict }>(candidates: readonly T[]): readonly T[] {
  const links = candidates.filter(({ verdict }) => verdict.kind === 'link' && verdict.firm);
  if (links.length === 0) return candidates;
  return candidates.filter(({ verdict }) => {
    if (verdict.kind === 'link' || verdict.certainty > deadByLight) return true;
    return !links.some((link) => Math.abs(link.verdict.since - verdict.since) < atOnceMs);
  });
}

/** Null when all neighbours have had their say. */
function waitFor(entry: Entry): number | null {
  const { graph, evidence, links, node } = entry;
  const certainAt = evidence.certainAt[node] ?? Number.NaN;
  let until = 0;
  for (const e of entry.ways) {
    if (!Number.isNaN(links.since[e] ?? Number.NaN)) continue;
    const vital = evidence.vital[graph.otherEnd(e, node)];
    // Of a way that is only assumed no port tells anything.
    if (graph.isLink(e) && vital === Vital.suspect) until = Math.max(until, certainAt + suspectNeighbourMs);
    else if (graph.isLink(e) && vital === Vital.alive && !isFresh(entry, e))
      until = Math.max(until, certainAt + freshWordMs);
    const returned = returnedAt(entry, e);
    const connects = graph.devices[node]?.protocol === 'mqtt';
    const missesAfter = returned + (connects ? connectMs : inFlightMs);
    if (!Number.isNaN(returned) && !((evidence.lastMissAt[node] ?? Number.NaN) > missesAfter)) {
      until = Math.max(until, returned + (connects ? connectMs : 0) + returnMs);
    }
  }
  return until > evidence.now ? until : null;
}

/** When the way over this link came back after the device fell silent; NaN when it never went. */
function returnedAt(entry: Entry, edge: number): number {
  const { graph, evidence, links, node } = entry;
  const near = graph.otherEnd(edge, node);
  const missed = evidence.firstMissAt[node] ?? Number.NaN;
  const since = evidence.answeringSince[near] ?? Number.NaN;
  const port = portAt(entry, edge);
  const times = [since, port?.status === 'up' ? port.since : Number.NaN, links.answersBehindSince[edge] ?? Number.NaN];
  const later = times.filter((time) => time > missed && Number.isFinite(time));
  return later.length === 0 ? Number.NaN : Math.max(...later);
}

/** The near end answered since the silence is certain, and the port, where it has one to show, was read since then. */
function isFresh(entry: Entry, edge: number): boolean {
  const { graph, evidence, node } = entry;
  const near = graph.otherEnd(edge, node);
  const certainAt = evidence.certainAt[node] ?? Number.NaN;
  if (evidence.vital[near] !== Vital.alive || !((evidence.lastAnswerAt[near] ?? Number.NaN) >= certainAt)) return false;
  const port = portAt(entry, edge);
  // A device that is asked for its ports, but not yet for this one, has not had its say: its plan may be in the making.
  return port === undefined ? graph.devices[near]?.protocol !== 'snmp' : port.at >= certainAt;
}

function portAt(entry: Entry, edge: number): Port | undefined {
  const near = entry.graph.otherEnd(edge, entry.node);
  return entry.evidence.portOf(edge, entry.graph.edgeA[edge] === near ? 'a' : 'b');
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
