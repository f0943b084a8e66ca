import type { Logger } from 'pino';
import { inScope, type Scope } from '../../domain/access.ts';
import { alertKey, type Alert, type AlertCause, type RuleAlerts, type Subject } from '../../domain/alert.ts';
import type { AlertRule } from '../../domain/alert-rule.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { PointBatch, PointConsumer, Series } from '../../domain/point.ts';
import type { Topology } from '../../domain/topology.ts';
import { Evaluator, type Held, type MemoryChange } from './evaluator.ts';
import { noFacts, type InventoryFacts } from './inventory-facts.ts';
import { RuleContext, type UsualSource } from './rule-context.ts';
import { evidenceOf } from './rule-evidence.ts';
import { nearestToAgent, upstreamOf } from './upstream.ts';
import type { WatchMemory } from './watch.ts';

const tickEveryMs = 5_000;
/** Many writes of the inventory in a row make one new look at it. */
const gatherMs = 10_000;
/** A clock that jumps ahead by more was set: nobody was silent meanwhile. */
const jumpMs = 30_000;
/** It holds one incident open between two cuts of the same link. */
const flapping = 'link.flapping';

export interface RuleWatchOptions {
  readonly rules: { current(): readonly AlertRule[]; onChange(wake: () => void): () => void };
  readonly memories: {
    read(): Promise<ReadonlyMap<string, WatchMemory>>;
    start(): void;
    stop(): Promise<void>;
  };
  readonly inventory: { read(): Promise<InventoryFacts>; onChange(wake: () => void): () => void };
  readonly usual: UsualSource & { stop(): Promise<void> };
  /** How a device is: what is missing of one that does not answer is no news, and planned work is none of anybody's. */
  readonly states: { isUp(deviceId: string): boolean; isInMaintenance(deviceId: string): boolean };
  readonly topology: () => Topology;
  /** Of places whose calendar tells none. */
  readonly timeZone: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Both directions of a link, and what is thrown away for want of room. */
const countedOnLinks = new Set(['link.errors', 'link.discards']);

/** An end of a link on which more is counted than a rule about it lets pass. */
export interface CountedErrors {
  readonly deviceId: string;
  readonly interfaceId: string;
  /** Of the device and its interface. */
  readonly name: string;
  /** Column of the measurement `interface`. */
  readonly field: string;
  readonly perS: number;
}

/** How many alerts of a rule there are, and how many will be when they have held for long enough. */
export interface RuleCounts {
  readonly firing: number;
  readonly pending: number;
}

interface Told {
  readonly alert: Alert;
  readonly devices: readonly string[];
  readonly isAbsence: boolean;
  /** It tells of the way to the device as much as of the device. */
  readonly isOfTheWay: boolean;
  /** Of the series that it is told of. */
  readonly place: string;
}

/** The rules over the stream of points, and the alerts of those that hold. */
export class RuleWatch implements LongLived, PointConsumer, RuleAlerts {
  readonly name = 'rules';
  readonly #options: RuleWatchOptions;
  readonly #evaluator: Evaluator;
  readonly #listeners = new Set<() => void>();
  #context: RuleContext;
  #told: readonly Told[] | null = null;
  #stops: (() => void)[] = [];
  #gather: NodeJS.Timeout | null = null;
  #line: Promise<unknown> = Promise.resolve();
  #lastTick = { wall: 0, monotonic: 0 };

  constructor(options: RuleWatchOptions) {
    this.#options = options;
    this.#context = this.#contextOf(noFacts);
    this.#evaluator = new Evaluator({
      context: {
        isInScope: (rule, series) => this.#context.isInScope(rule, series),
        speedOf: (series) => this.#context.speedOf(series),
        usualOf: (rule, series, field) => this.#context.usualOf(rule, series, field),
        isHeard: (series) => this.#context.isHeard(series),
        limitsOf: (series) => this.#context.limitsOf(series),
        whenOf: (rule, series) => this.#context.whenOf(rule, series),
      },
      emit: () => this.#changed(),
    });
  }

  async start(): Promise<void> {
    const { rules, memories, inventory, clock } = this.#options;
    this.#context = this.#contextOf(await inventory.read());
    this.#evaluator.listenFrom(clock.now() / 1_000);
    this.#lastTick = { wall: clock.now(), monotonic: clock.monotonic() };
    this.#evaluator.useRules(rules.current(), await memories.read());
    memories.start();
    const timer = setInterval(() => this.tick(), tickEveryMs);
    timer.unref();
    this.#stops = [
      () => clearInterval(timer),
      rules.onChange(() => this.#useRules()),
      inventory.onChange(() => this.#lookSoon()),
    ];
    this.#changed();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    if (this.#gather !== null) clearTimeout(this.#gather);
    await this.#line;
    await this.#options.usual.stop();
    await this.#options.memories.stop();
  }

  accept(batch: PointBatch): void {
    this.#evaluator.accept(batch);
  }

  /** What is to be kept of what rules remember; see `RuleMemories`. */
  takeChanges(most: number): readonly MemoryChange[] {
    return this.#evaluator.takeChanges(most);
  }

  current(): readonly Alert[] {
    const { states } = this.#options;
    this.#told ??= this.#tell();
    return this.#told
      .filter(({ devices, isAbsence }) => {
        if (devices.some((id) => states.isInMaintenance(id))) return false;
        return !isAbsence || devices.every((id) => states.isUp(id));
      })
      .map(({ alert }) => alert);
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** By rule, of the things in a scope. */
  counts(scope: Scope): ReadonlyMap<string, RuleCounts> {
    const counts = new Map<string, { firing: number; pending: number }>();
    for (const held of this.#evaluator.held()) {
      const owner = this.#context.ownerOf(held.series);
      if (owner === null || !inScope(scope, owner.site.regionCode)) continue;
      const count = counts.get(held.rule.key) ?? { firing: 0, pending: 0 };
      counts.set(held.rule.key, count);
      count[held.isFiring ? 'firing' : 'pending'] += 1;
    }
    return counts;
  }

  /** Where errors and discards are above the bounds of the rules for links at this moment, long enough to be told or not. */
  errorsOnLinks(): readonly CountedErrors[] {
    const counted: CountedErrors[] = [];
    for (const { rule, series, field, reading } of this.#evaluator.held()) {
      const { device: deviceId, interface: interfaceId } = series.tags;
      if (!countedOnLinks.has(rule.key) || deviceId === undefined || interfaceId === undefined) continue;
      const port = this.#context.facts.interfaces.get(interfaceId);
      const name = port === undefined ? interfaceId : `${port.device.name} ${port.name}`;
      counted.push({ deviceId, interfaceId, name, field, perS: reading });
    }
    return counted;
  }

  /** The inventory as the rules see it now. */
  context(): RuleContext {
    return this.#context;
  }

  /** Looks at the clock; every five seconds by itself. */
  tick(): void {
    const { clock } = this.#options;
    const now = { wall: clock.now(), monotonic: clock.monotonic() };
    const jumped = now.wall - this.#lastTick.wall - (now.monotonic - this.#lastTick.monotonic);
    this.#lastTick = now;
    if (jumped > jumpMs) this.#evaluator.listenFrom(now.wall / 1_000);
    this.#evaluator.tick(now.wall / 1_000);
  }

  /** Resolves when the inventory has been read as it is now. */
  async refresh(): Promise<void> {
    this.#look();
    await this.#line;
  }

  #contextOf(facts: InventoryFacts): RuleContext {
    const { usual, timeZone, states } = this.#options;
    return new RuleContext({ facts, usual, timeZone, isUp: (device) => states.isUp(device) });
  }

  #useRules(): void {
    this.#evaluator.useRules(this.#options.rules.current());
    this.#changed();
  }

  #lookSoon(): void {
    if (this.#gather !== null) return;
    this.#gather = setTimeout(() => {
      this.#gather = null;
      this.#look();
    }, gatherMs);
    this.#gather.unref();
  }

  #look(): void {
    this.#line = this.#line
      .then(() => this.#takeInventory())
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'rules could not read the inventory; they go on with the last one');
      });
  }

  async #takeInventory(): Promise<void> {
    const facts = await this.#options.inventory.read();
    if (facts.print === this.#context.facts.print) return;
    this.#context = this.#contextOf(facts);
    this.#evaluator.rebind();
    this.#changed();
  }

  #changed(): void {
    this.#told = null;
    for (const wake of this.#listeners) wake();
  }

  /** One alert for each rule and thing; where several series of it fire, of the one that was first. */
  #tell(): readonly Told[] {
    const told = new Map<string, Told>();
    for (const held of this.#evaluator.held()) {
      if (!held.isFiring) continue;
      const subject = this.#context.subjectOf(held.rule, held.series);
      if (subject === null) continue;
      const alert = this.#alertOf(held, subject);
      const other = told.get(alert.key);
      const place = `${held.series.key} ${held.field}`;
      const one = {
        alert,
        devices: this.#devicesOf(held.series),
        isAbsence: isAbsence(held.rule),
        isOfTheWay: isOfTheWay(held.series, subject),
        place,
      };
      if (other === undefined || isBefore(one, other)) told.set(alert.key, one);
    }
    return this.#behindOthers([...told.values()]);
  }

  /** Packets that are lost on the way are lost for all behind it: one story, of the one nearest to the Agent. */
  #behindOthers(told: readonly Told[]): readonly Told[] {
    const byRule = Map.groupBy(
      told.filter(({ isOfTheWay }) => isOfTheWay),
      ({ alert }) => alert.rule,
    );
    if (![...byRule.values()].some((some) => some.length > 1)) return told;
    const upstream = upstreamOf(this.#options.topology());
    return told.map((one) => {
      const some = new Map(
        (byRule.get(one.alert.rule) ?? []).map((other) => [other.alert.subject.id as DeviceId, other]),
      );
      const device = one.alert.subject.id as DeviceId;
      const first = one.isOfTheWay ? some.get(nearestToAgent(device, new Set(some.keys()), upstream)) : undefined;
      return first === undefined || first === one
        ? one
        : { ...one, alert: { ...one.alert, cause: ruleCause(first.alert) } };
    });
  }

  #alertOf(held: Held, subject: Subject): Alert {
    const { rule, series, sinceS } = held;
    const since = sinceS * 1_000;
    const usual = this.#context.usualOf(rule, series, held.field);
    const deviceId = this.#devicesOf(series)[0];
    const isDevice = subject.kind === 'device' || subject.kind === 'link' || subject.kind === 'site';
    return {
      key: alertKey(rule.key, subject),
      rule: rule.key,
      subject,
      severity: rule.severity,
      since,
      cause: rule.key === flapping ? failedLink(subject, since) : null,
      ...(!isDevice && deviceId !== undefined && { deviceId: deviceId as DeviceId }),
      evidence: [evidenceOf(held, subject.name, usual)],
    };
  }

  #devicesOf({ tags }: Series): readonly string[] {
    return tags.device === undefined ? [] : [tags.device];
  }
}

function isOfTheWay({ measurement }: Series, { kind }: Subject): boolean {
  return measurement === 'reachability' && kind === 'device';
}

/** As the grouping names an alert that is a cause of its own. */
function ruleCause({ rule, subject, since }: Alert): AlertCause {
  return { ...subject, id: alertKey(rule, subject), reason: 'rule', since, certainty: 0.7 };
}

function isAbsence({ condition }: AlertRule): boolean {
  return condition.kind === 'absence';
}

/** Of what began at the same moment always the same one, also after a restart. */
function isBefore(one: Told, other: Told): boolean {
  if (one.alert.since !== other.alert.since) return one.alert.since < other.alert.since;
  return one.place <= other.place;
}

/** The same cause that status names when the link is down: between two cuts it is the same story. */
function failedLink(subject: Subject, since: number): AlertCause | null {
  return subject.kind === 'link' ? { ...subject, reason: 'failed', since, certainty: 0.5 } : null;
}
