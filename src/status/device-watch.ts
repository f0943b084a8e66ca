import type { DeviceId } from '../domain/ids.ts';
import { measurements, type PointBatch } from '../domain/point.ts';
import { Vital, type Evidence } from './evidence.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import { GroupMisses } from './group-misses.ts';
import { PortBook, type Port } from './port-book.ts';
import {
  defaultReachRules,
  isCertain,
  step,
  unheard,
  type Reach,
  type ReachInput,
  type ReachRules,
} from './reachability.ts';
import { Suspicion } from './suspicion.ts';

/** What the watch tells the board while it takes in a batch. */
export interface WatchEvents {
  /** Something that states depend on changed: explain again. */
  changed(): void;
  /** A fresh word that changes no state, but may be what a verdict waits for. */
  heard(): void;
  /** The port of a link went down or came up. */
  portChanged(interfaceId: string, up: boolean): void;
  /** Ask these devices out of turn. */
  ask(devices: readonly number[]): void;
  /** A device that was silent answers again. */
  recovered(device: number): void;
}

/**
 * The reachability of every device of one graph, from probes, ports and other words of the devices. It decides who is
 * silent, not why.
 */
export class DeviceWatch {
  readonly ports: PortBook;
  readonly graph: NetworkGraph;
  readonly #reaches: Reach[];
  readonly #suspects = new Set<number>();
  readonly #recovering = new Set<number>();
  /** Answer again, but were not seen to when states were decided last. */
  readonly #returned = new Set<number>();
  readonly #groups: GroupMisses;
  readonly #suspicion: Suspicion;
  readonly #events: WatchEvents;
  readonly #rules: ReachRules;
  /** By interface at which a link ends: its place in `#portAt`. */
  readonly #linkPorts: ReadonlyMap<string, number>;
  /** Ports of the `a` and `b` end of each link, one after the other: looked at for every link in every decision. */
  readonly #portAt: (Port | undefined)[];

  /** `before` hands over what was known when the inventory changed. */
  constructor(graph: NetworkGraph, events: WatchEvents, before?: DeviceWatch, rules: ReachRules = defaultReachRules) {
    this.graph = graph;
    this.#events = events;
    this.#rules = rules;
    this.#groups = new GroupMisses(graph);
    this.#suspicion = new Suspicion(graph, this.#groups);
    this.#reaches = graph.devices.map((device) => before?.reachOf(device.id) ?? unheard);
    this.ports = before?.ports ?? new PortBook();
    const ends = graph.links.flatMap((link) => [link.a.interfaceId, link.b.interfaceId]);
    this.#linkPorts = new Map(ends.map((id, place) => [id, place]));
    this.ports.keepOnly(this.#linkPorts);
    this.#portAt = ends.map((id) => this.ports.get(id));
    for (const [index, reach] of this.#reaches.entries()) this.#file(index, reach);
  }

  reachOf(id: DeviceId): Reach | undefined {
    const index = this.graph.deviceIndex.get(id);
    return index === undefined ? undefined : this.#reaches[index];
  }

  reach(device: number): Reach {
    return this.#reaches[device] ?? unheard;
  }

  get suspects(): ReadonlySet<number> {
    return this.#suspects;
  }

  /** Rows of `probe`: `answered` is the first column. */
  probed(device: number, answered: boolean, now: number): void {
    this.#take(device, answered ? 'answered' : 'missed', now);
  }

  /** Nothing is missed: its next word is expected later. */
  notDue(device: number, now: number): void {
    this.#take(device, 'not-due', now);
  }

  alive(device: number, now: number): void {
    this.#take(device, 'alive', now);
  }

  /** Rows of `port`, and the status column of `interface`. Only ports that carry a link matter. */
  port(interfaceId: string, operStatus: number, readAt: number): void {
    const place = this.#linkPorts.get(interfaceId);
    if (place === undefined) return;
    const before = this.#portAt[place];
    const isChanged = this.ports.observe(interfaceId, operStatus, readAt);
    const now = this.ports.get(interfaceId);
    this.#portAt[place] = now;
    if (!isChanged) {
      this.#events.heard();
      return;
    }
    this.#events.changed();
    if (before?.status === 'up' && now?.status === 'down') this.#events.portChanged(interfaceId, false);
    if (before?.status === 'down' && now?.status === 'up') this.#events.portChanged(interfaceId, true);
  }

  forget(device: number, now: number): void {
    this.#take(device, 'forgotten', now);
  }

  /** Forgets what it missed, if it does not answer. */
  forgetSilent(device: number, now: number): void {
    const { phase } = this.reach(device);
    if (phase === 'silent' || phase === 'suspect') this.forget(device, now);
  }

  /** Time passed: those that flap are believed when they were steady; those of whom nothing was heard are forgotten. */
  tick(now: number, forgetAfterMs: number): void {
    for (const device of this.#recovering) this.#take(device, 'tick', now);
    for (let device = 0; device < this.#reaches.length; device++) {
      const reach = this.#reaches[device] ?? unheard;
      if (reach.phase !== 'unheard' && now - reach.heardAt > forgetAfterMs) this.forget(device, now);
    }
  }

  /** Makes those silent whose misses are explained by others; `cutSince` as in DownLinks. Says whether any was. */
  settle(cutSince: Float64Array, now: number): boolean {
    let settled = false;
    const cut: number[] = [];
    for (const device of this.#suspects) {
      const reach = this.reach(device);
      const cutAt = cutSince[device] ?? Number.NaN;
      // A port that was down already while the device answered says nothing about its silence.
      const behindDownPort = !Number.isNaN(cutAt) && !(cutAt <= reach.lastAnswerAt);
      if (behindDownPort) cut.push(...this.graph.behind(device));
      if (!isCertain(reach, { groupMisses: this.#groups.most(device), behindDownPort })) continue;
      this.#take(device, 'certain', now);
      settled = true;
    }
    if (cut.length > 0) this.#events.ask(this.#suspicion.afterCut(this.#notSilent(cut), now));
    return settled;
  }

  /** Asks what a port has just cut off, before it is missed. */
  askCut(cutSince: Float64Array, now: number): void {
    const cut: number[] = [];
    for (let device = 0; device < this.#reaches.length; device++) {
      const at = cutSince[device] ?? Number.NaN;
      if (!Number.isNaN(at) && now - at < 5_000 && this.reach(device).lastAnswerAt < at) cut.push(device);
    }
    if (cut.length > 0) this.#events.ask(this.#suspicion.afterCut(this.#notSilent(cut), now));
  }

  askAfterRecovery(device: number, sameFate: readonly number[], now: number): void {
    this.#events.ask(this.#suspicion.afterRecovery(device, sameFate, now));
  }

  evidence(now: number): Evidence {
    const count = this.graph.nodeCount;
    const vital = new Uint8Array(count);
    const firstMissAt = new Float64Array(count).fill(Number.NaN);
    const lastAnswerAt = new Float64Array(count).fill(Number.NaN);
    const certainAt = new Float64Array(count).fill(Number.NaN);
    const answeringSince = new Float64Array(count).fill(Number.NaN);
    const lastMissAt = new Float64Array(count).fill(Number.NaN);
    for (const [index, reach] of this.#reaches.entries()) {
      vital[index] = vitalOf(reach);
      firstMissAt[index] = reach.firstMissAt;
      lastAnswerAt[index] = reach.lastAnswerAt;
      certainAt[index] = reach.certainAt;
      if (reach.phase === 'answering') answeringSince[index] = reach.since;
      if (reach.phase === 'recovering') answeringSince[index] = reach.steadySince;
      // One lost packet is no outage: it answers since it did.
      if (reach.phase === 'suspect' && reach.lastAnswerAt >= reach.steadySince)
        answeringSince[index] = reach.steadySince;
      if (reach.phase === 'silent') lastMissAt[index] = reach.heardAt;
    }
    for (const device of this.#returned) if (vital[device] === Vital.alive) this.#returned.delete(device);
    vital[this.graph.root] = Vital.alive;
    return {
      now,
      vital,
      firstMissAt,
      lastAnswerAt,
      certainAt,
      answeringSince,
      lastMissAt,
      portOf: (edge, end) =>
        edge < this.graph.links.length ? this.#portAt[2 * edge + (end === 'a' ? 0 : 1)] : undefined,
    };
  }

  #take(device: number, input: ReachInput, now: number): void {
    const before = this.reach(device);
    const after = step(before, input, now, this.#rules);
    if (after === before) return;
    this.#reaches[device] = after;
    if (after.phase !== before.phase) this.#file(device, after);
    if (input === 'answered' || input === 'alive') this.#groups.answered(device);
    if (input === 'missed' && after.phase === 'suspect') {
      this.#groups.missed(device, after.misses);
      const ask = this.#suspicion.afterMiss(device, after.misses, now);
      if (ask.length > 0) this.#events.ask(ask);
    }
    if (before.phase === 'suspect' && after.phase === 'silent') {
      const ask = this.#suspicion.afterCertainty(device, now);
      if (ask.length > 0) this.#events.ask(ask);
    }
    if (before.phase === 'silent' && (after.phase === 'answering' || after.phase === 'recovering')) {
      this.#events.recovered(device);
    }
    // What missed before it ever answered has been told to be nothing yet: its first answer is news.
    const isFirstWord = before.phase === 'suspect' && before.steadySince === before.firstMissAt;
    if (after.phase === 'answering' && before.phase !== 'answering' && (before.phase !== 'suspect' || isFirstWord)) {
      this.#returned.add(device);
    }
    if (matters(before, after) || (after.phase === 'answering' && this.#returned.has(device))) this.#events.changed();
    else if (after.phase === 'answering') this.#events.heard();
  }

  #file(device: number, reach: Reach): void {
    if (reach.phase === 'suspect') this.#suspects.add(device);
    else this.#suspects.delete(device);
    if (reach.phase === 'recovering') this.#recovering.add(device);
    else this.#recovering.delete(device);
  }

  #notSilent(devices: readonly number[]): number[] {
    return devices.filter((device) => this.reach(device).phase !== 'silent');
  }
}

/** A first miss alone decides nothing, and a suspect that answers was nothing. */
function matters(before: Reach, after: Reach): boolean {
  if (after.phase === 'suspect') return after.misses >= 2;
  if (before.phase === 'suspect' && after.phase === 'answering') return before.misses >= 2;
  return before.phase !== after.phase;
}

function vitalOf(reach: Reach): number {
  switch (reach.phase) {
    case 'unheard':
      return Vital.unheard;
    case 'answering':
    case 'recovering':
      return Vital.alive;
    case 'suspect':
      return Vital.suspect;
    case 'silent':
      return Vital.silent;
  }
}

/** Measurements whose rows are a device's own words; a row of `reachability` or `agent` is ours about it. */
export const ownWords: ReadonlySet<PointBatch['measurement']> = new Set([
  'interface',
  'device',
  'sensor',
  'terminal',
  'port',
]);

/** Whether a row has any number at all. */
export function hasValue(batch: PointBatch, row: number): boolean {
  const width = measurements[batch.measurement].fields.length;
  for (let column = 0; column < width; column++) {
    if (!Number.isNaN(batch.values[row * width + column] ?? Number.NaN)) return true;
  }
  return false;
}
