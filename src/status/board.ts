import type { Logger } from 'pino';
import type { Scope } from '../domain/access.ts';
import { systemTimers, type CancelTimer, type Clock, type Timers } from '../domain/clock.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { PointBatch, PointConsumer } from '../domain/point.ts';
import type { EntityKind, EntityState, LinkLoad, StatusCounts } from '../domain/reachability.ts';
import type { Blindness } from '../domain/own-uplink.ts';
import type { StatusChange } from '../domain/status-change.ts';
import type { TopologySource } from '../domain/topology.ts';
import { Announcer } from './announcer.ts';
import { CountsCache } from './counts.ts';
import { DeviceWatch } from './device-watch.ts';
import { downLinks } from './down-links.ts';
import { NetworkGraph } from '../domain/network-graph.ts';
import { Intake } from './intake.ts';
import type { DeviceFactsNow, InterfaceFactsNow } from './live-facts.ts';
import type { ReachRules } from './reachability.ts';
import { explain, type Explanation } from './root-cause.ts';
import { linkFindings } from './link-state.ts';
import type { Port } from './port-book.ts';
import { defaultReachRules } from './reachability.ts';
import { isSameTopology } from './same-topology.ts';
import { Sight, type OwnAgent } from './sight.ts';
import { StateBook } from './state-book.ts';
import { carryOver } from './verdict.ts';

export interface StatusBoardOptions {
  readonly topology: TopologySource;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly logger: Logger;
  /** Asks devices out of turn: certainty must not wait for the next interval. */
  readonly probeSoon: (deviceIds: readonly DeviceId[]) => void;
  /** What was not up when the last controller stopped, by `kind:id`. */
  readonly restore: () => Promise<ReadonlyMap<string, EntityState>>;
  /** The embedded Agent; without one nothing is ever taken for a cut of our own. */
  readonly own?: OwnAgent;
  readonly rules?: Partial<ReachRules>;
  /** Nothing heard of a device for so long, not even a miss: it is unknown. */
  readonly forgetAfterMs?: number;
}

/** How long evidence is gathered before it is explained. */
const gatherMs = 50;
const gatherInventoryMs = 100;
const tickMs = 1_000;
/** A pause of our own is no silence of the devices. */
const longPauseMs = 5_000;
/** While we were too busy to read answers, misses say more of us than of the devices. */
const stallMs = 1_500;
const overdueMs = 15_000;
const loadsEveryMs = 2_000;
/** While we may see nothing, or do, it is looked at so often though nothing comes in. */
const sightEveryMs = 500;

/** The one place where states are set: from the stream of points, the inventory and whether agents are there. */
export class StatusBoard implements PointConsumer, LongLived {
  readonly name = 'status';
  readonly #options: StatusBoardOptions;
  readonly #timers: Timers;
  readonly #rules: ReachRules;
  readonly #listeners = new Set<(change: StatusChange) => void>();
  readonly #intake: Intake;
  #book = new StateBook();
  #graph: NetworkGraph;
  #watch: DeviceWatch;
  #announcer: Announcer;
  readonly #sight: Sight | null;
  #explanation: Explanation | null = null;
  #counts: CountsCache;
  #timer: CancelTimer | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #ticker: CancelTimer | null = null;
  #rebuild: CancelTimer | null = null;
  #lastTick = 0;
  #lastLoads = 0;
  #stopListening: () => void = () => {};
  #running = false;

  constructor(options: StatusBoardOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#rules = { ...defaultReachRules, ...options.rules };
    this.#intake = new Intake(options.clock);
    const { own } = options;
    this.#sight =
      own === undefined
        ? null
        : new Sight({ own, changed: () => this.#schedule(0), ask: (devices) => this.#ask(devices) });
    this.#graph = new NetworkGraph(options.topology.current());
    this.#watch = this.#watchOver(this.#graph);
    this.#announcer = this.#announcerFor(this.#graph);
    this.#counts = new CountsCache(this.#graph, this.#book);
  }

  async start(): Promise<void> {
    this.#intake.begin();
    this.#book = new StateBook(await this.#options.restore());
    this.#running = true;
    this.#stopListening = this.#options.topology.onChange(() => this.#topologyChanged());
    this.#lastTick = this.#options.clock.monotonic();
    this.#ticker = this.#timers.every(tickMs, () => this.tick());
    this.useTopology();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#stopListening();
    for (const cancel of [this.#timer, this.#ticker, this.#rebuild]) cancel?.();
    this.#timer = this.#ticker = this.#rebuild = null;
  }

  /** Called with everything that changed at once, in the order in which it is decided; returns the way to stop. */
  onChange(listener: (change: StatusChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  accept(batch: PointBatch): void {
    // After a pause of ours the misses may come before the tick that would notice it.
    if (this.#running) this.#excuseOwnStall(this.#options.clock.monotonic());
    this.#intake.accept(batch, this.#watch, this.#announcer);
  }

  /** An agent's connection is gone: what it watches is unknown. The embedded agent is the process itself. */
  agentSilent(id: AgentId): void {
    this.#intake.agentSilent(id, this.#watch, this.#announcer);
    this.#schedule(0);
  }

  agentBack(id: AgentId): void {
    this.#intake.agentBack(id, this.#watch, this.#announcer);
    this.#schedule(0);
  }

  /** Agents at other places are turned away while what they send cannot be kept: that changes no state. */
  othersTurnedAway(own: AgentId): void {
    this.#intake.othersTurnedAway(own, this.#watch);
  }

  /** The way to devices that speak MQTT (the broker) is there or not: without it they are unknown, not down. */
  setChannel(protocol: 'mqtt', up: boolean): void {
    this.#intake.setChannel(protocol, up, this.#watch);
    this.#schedule(0);
  }

  stateOf(kind: EntityKind, id: string): EntityState | null {
    return this.#book.get(kind, id);
  }

  /** What a device was measured to be, also while planned work is announced over it. */
  measuredOf(deviceId: string): EntityState | null {
    return this.#book.measured.get(deviceId) ?? null;
  }

  states(kind: EntityKind): IterableIterator<[string, EntityState]> {
    return this.#book.entries(kind);
  }

  idsNotUp(kind: EntityKind): readonly string[] {
    return this.#book.idsNotUp(kind);
  }

  counts(scope: Scope): { readonly devices: StatusCounts; readonly sites: StatusCounts } {
    return this.#counts.of(scope);
  }

  deviceFacts(id: string): DeviceFactsNow | null {
    return this.#graph.deviceIndex.has(id as DeviceId)
      ? this.#intake.facts.deviceFacts(id, this.#options.clock.monotonic())
      : null;
  }

  /** When an interface was read last, milliseconds since the epoch; null when it was not lately. */
  sampledAt(interfaceId: string): number | null {
    return this.#intake.facts.sampledAt(interfaceId, this.#options.clock.monotonic());
  }

  interfaceFacts(id: string): InterfaceFactsNow | null {
    return this.#intake.facts.interfaceFacts(id, this.#options.clock.monotonic());
  }

  /** What its device said of a port that carries a link last, and since when it says so; null where it said nothing. */
  portOf(interfaceId: string): { readonly status: Port['status']; readonly since: number } | null {
    const port = this.#watch.ports.get(interfaceId);
    if (port === undefined) return null;
    const { clock } = this.#options;
    return { status: port.status, since: Math.round(clock.now() - (clock.monotonic() - port.since)) };
  }

  linkLoad(id: string): LinkLoad | null {
    const link = this.#options.topology.current().links.get(id as never);
    return link === undefined ? null : this.#intake.facts.linkLoad(link, this.#options.clock.monotonic());
  }

  /** Whether every entity has been heard of since the start, or its time to be heard is over. */
  get settled(): boolean {
    return this.#book.settled;
  }

  /** That nothing is seen from here any more, and what our own machine shows of it; null while something is. */
  get blindness(): Blindness | null {
    return this.#sight?.blindness(this.#options.clock) ?? null;
  }

  /** Explains what is known now. Runs by itself soon after evidence changed; tests and benchmarks call it. */
  evaluate(): void {
    const now = this.#options.clock.monotonic();
    let evidence = this.#watch.evidence(now);
    const links = downLinks(this.#graph, evidence);
    this.#watch.askCut(links.cutSince, now);
    if (this.#watch.settle(links.cutSince, now)) evidence = this.#watch.evidence(now);
    const hidden = this.#sight?.blind?.devices;
    const seeing = this.#sight?.look(this.#graph, evidence) ?? 'sees';
    if (seeing === 'undecided' || seeing === 'blind') this.#schedule(sightEveryMs);
    if (seeing === 'undecided') return;
    if (seeing === 'returned') {
      // What was missed meanwhile says nothing: whatever does not answer yet is asked anew.
      for (const device of hidden ?? []) this.#watch.forgetSilent(device, now);
      evidence = this.#watch.evidence(now);
    }
    const before = seeing === 'sees' ? (this.#explanation?.verdicts ?? []) : [];
    const explanation = explain(this.#graph, evidence, before);
    this.#explanation = explanation;
    this.#announcer.announce({
      watch: this.#watch,
      evidence,
      explanation,
      links: linkFindings(this.#graph, evidence, explanation),
      away: this.#intake.away,
      blind: this.#sight?.blind ?? null,
    });
    if (explanation.recheckAt < Number.POSITIVE_INFINITY)
      this.#schedule(Math.max(gatherMs, explanation.recheckAt - now));
  }

  /** Once a second: the flapping that grew steady, what nobody speaks of any more, maintenance, loads. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    const paused = this.#excuseOwnStall(now) > longPauseMs;
    this.#lastTick = now;
    if (!paused) this.#watch.tick(now, this.#options.forgetAfterMs ?? 60_000);
    this.#announcer.overdue(this.#options.clock.now() - overdueMs);
    if (now - this.#lastLoads >= loadsEveryMs) {
      this.#lastLoads = now;
      this.#announcer.loads(this.#intake.takeLoads(this.#graph));
      this.#intake.facts.dropOlderThan(3_600_000, now);
    }
  }

  /** How late the tick is; when we were too busy to read answers, misses count for nothing for a while. */
  #excuseOwnStall(now: number): number {
    const lateMs = now - this.#lastTick - tickMs;
    if (lateMs > stallMs) this.#intake.ignoreMissesUntil(now + stallMs);
    return lateMs;
  }

  /** Takes up the inventory as it is now. Runs by itself after changes. */
  useTopology(): void {
    const before = this.#graph;
    if (this.#explanation !== null && isSameTopology(before.topology, this.#options.topology.current())) return;
    this.#graph = new NetworkGraph(this.#options.topology.current());
    if (this.#explanation !== null) {
      this.#explanation = {
        ...this.#explanation,
        verdicts: carryOver(this.#explanation.verdicts, before, this.#graph),
      };
    }
    this.#watch = this.#watchOver(this.#graph, this.#watch);
    this.#announcer = this.#announcerFor(this.#graph);
    this.#counts = new CountsCache(this.#graph, this.#book);
    this.#intake.keepOnly(this.#graph);
    this.#announcer.topologyChanged();
    this.evaluate();
  }

  #topologyChanged(): void {
    this.#rebuild ??= this.#timers.after(gatherInventoryMs, () => {
      this.#rebuild = null;
      this.#guarded(() => this.useTopology());
    });
  }

  #watchOver(graph: NetworkGraph, before?: DeviceWatch): DeviceWatch {
    return new DeviceWatch(
      graph,
      {
        changed: () => this.#schedule(gatherMs),
        heard: () => {
          if (Number.isFinite(this.#explanation?.recheckAt ?? Number.NaN)) this.#schedule(gatherMs);
        },
        portChanged: (id, up) => this.#announcer.portChanged(id, up),
        ask: (devices) => this.#ask(devices),
        recovered: (device) =>
          this.#watch.askAfterRecovery(device, this.#sameFate(device), this.#options.clock.monotonic()),
      },
      before,
      this.#rules,
    );
  }

  /** Devices that are dark for the same cause. */
  #sameFate(device: number): number[] {
    const causeOf = (id: string | undefined): string | undefined => this.#book.measured.get(id ?? '')?.cause?.id;
    const cause = causeOf(this.#graph.devices[device]?.id);
    if (cause === undefined) return [];
    return [...this.#graph.devices.keys()].filter((other) => causeOf(this.#graph.devices[other]?.id) === cause);
  }

  #announcerFor(graph: NetworkGraph): Announcer {
    return new Announcer({
      graph,
      book: this.#book,
      clock: this.#options.clock,
      emit: (change) => this.#emit(change),
    });
  }

  #ask(devices: readonly number[]): void {
    const ids: DeviceId[] = [];
    for (const device of devices) {
      const id = this.#graph.devices[device]?.id;
      if (id !== undefined) ids.push(id);
    }
    if (ids.length > 0) this.#options.probeSoon(ids);
  }

  #emit(change: StatusChange): void {
    this.#counts.forget();
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#options.logger.error(error, 'a listener of the status board failed');
      }
    }
  }

  #schedule(delayMs: number): void {
    if (!this.#running) return;
    const dueAt = this.#options.clock.monotonic() + delayMs;
    if (this.#timer !== null) {
      if (dueAt >= this.#dueAt) return;
      this.#timer();
    }
    this.#dueAt = dueAt;
    this.#timer = this.#timers.after(delayMs, () => {
      this.#timer = null;
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#guarded(() => this.evaluate());
    });
  }

  /** A fault of ours in one evaluation must not end the program: the next evidence tries again. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error(error, 'states could not be decided; they stay as they were until the next evidence');
    }
  }
}
