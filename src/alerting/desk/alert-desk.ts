import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { RuleAlerts } from '../../domain/alert.ts';
import { latestOf, type Clock } from '../../domain/clock.ts';
import type { AgentId, IncidentId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { OwnFault } from '../../domain/own-fault.ts';
import type { Blindness } from '../../domain/own-uplink.ts';
import type { StatusChange } from '../../domain/status-change.ts';
import { IncidentBook, type IncidentChange, type IncidentRules } from '../incidents/incident-book.ts';
import type { MeasuredStates } from '../state-alerts.ts';
import { alertsNow } from './alerts-now.ts';
import { decide, defaultNoticeRules, type Decided, type NoticeRules } from './decisions.ts';
import { digestDay, writeDigests } from './digest.ts';
import { readOpen, readProgress, writeRound } from './incident-store.ts';
import type { KeptIncident, Progress } from './kept-incident.ts';
import { Lease, LeaseLost } from '../../database/lease.ts';
import type { PeopleNow } from './recipients.ts';
import { lookAt, type Observations, type RoundResult } from './round.ts';
import type { Readings, ServicesNow, Surroundings } from './surroundings.ts';

/** Something that tells when to look again; it carries no data. */
export interface Waking {
  onChange(wake: () => void): () => void;
}

export interface AlertDeskOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly states: MeasuredStates & {
    /** Everything was heard of since the start. */
    readonly settled: boolean;
    /** Nothing answers any more, and it may be for a cut of our own. */
    readonly blindness: Blindness | null;
    onChange(listener: (change: StatusChange) => void): () => void;
  };
  readonly readings: Readings;
  readonly surroundings: Waking & { current(): Surroundings };
  readonly services: Waking & ServicesNow;
  readonly rules: RuleAlerts;
  /** Alerts of other programs; none when not given. */
  readonly foreign?: RuleAlerts;
  readonly own: Waking & { readonly faults: readonly OwnFault[] };
  readonly people: Waking & { now(): PeopleNow };
  readonly ownAgentId: AgentId | null;
  /** In which the digest of a day is made. */
  readonly timeZone: string;
  /** Hears of what was written. */
  readonly onWritten?: (written: DeskNews) => void;
  readonly incidentRules?: Partial<IncidentRules>;
  readonly noticeRules?: Partial<NoticeRules>;
  readonly leaseMs?: number;
  readonly gatherMs?: number;
  readonly everyMs?: number;
}

export interface DeskNews {
  readonly changes: readonly IncidentChange[];
  readonly incidents: ReadonlyMap<IncidentId, KeptIncident>;
  readonly ended: readonly KeptIncident[];
  readonly notices: number;
}

/**
 * Turns what holds into incidents and into who is told. A reconciler: it is woken without data, looks at all that holds
 * now, and writes what differs from what is kept, with all that was decided of it, in one transaction under a lease. What
 * could not be written was never decided: the next round finds it again.
 */
export class AlertDesk implements LongLived {
  readonly name = 'alert desk';
  readonly #options: AlertDeskOptions;
  readonly #lease: Lease;
  readonly #clock: Clock;
  #kept: ReadonlyMap<IncidentId, KeptIncident> | null = null;
  readonly #restarted = new Map<string, number>();
  #digestedDay: string | null = null;
  /** Of which it is written that nobody could be told. */
  readonly #untold = new Set<IncidentId>();
  #stops: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #running = false;
  #round: Promise<void> = Promise.resolve();
  #renewAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #rounds = 0;

  constructor(options: AlertDeskOptions) {
    this.#options = options;
    this.#lease = new Lease({ db: options.db, name: 'alerting', ttlMs: options.leaseMs ?? 10_000 });
    this.#clock = latestOf(options.clock);
  }

  async start(): Promise<void> {
    const { states, surroundings, services, rules, foreign, own, people } = this.#options;
    this.#running = true;
    const wake = (): void => this.wake();
    this.#stops = [
      states.onChange((change) => this.note(change)),
      ...[surroundings, services, rules, own, people, ...(foreign === undefined ? [] : [foreign])].map((source) =>
        source.onChange(wake),
      ),
    ];
    this.#later(0);
  }

  async stop(): Promise<void> {
    this.#running = false;
    for (const stop of this.#stops) stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#round;
    await this.#lease.release().catch((error: unknown) => {
      this.#options.logger.debug(
        { err: error },
        'the lease of alerting could not be given back; it runs out by itself',
      );
    });
  }

  /** Something may have changed; looks soon, whoever wakes how often. */
  wake(): void {
    this.#later(this.#options.gatherMs ?? 200);
  }

  /** What the status board told: states are read when it is decided, what happened only comes by here. */
  note({ transitions, events, topologyChanged }: StatusChange): void {
    for (const { event } of events) {
      const { uptimeS, explainsSilence } = event.arguments;
      if (event.key !== 'device.restarted' || explainsSilence !== true || typeof uptimeS !== 'number') continue;
      if (event.entityId !== null) this.#restarted.set(event.entityId, uptimeS);
    }
    if (transitions.length > 0 || events.length > 0 || topologyChanged) this.wake();
  }

  /** For /metrics. */
  get statistics(): {
    readonly isInCharge: boolean;
    readonly open: number;
    readonly rounds: number;
    readonly failures: number;
  } {
    return {
      isInCharge: this.#lease.isHeld,
      open: this.#kept?.size ?? 0,
      rounds: this.#rounds,
      failures: this.#failures,
    };
  }

  /** Looks now, once; runs by itself, tests call it. Rejects when nothing could be decided. */
  async look(): Promise<void> {
    const { db, states } = this.#options;
    const clock = this.#clock;
    if (!(await this.#isInCharge())) return;
    // What held before the last start is held until it is known what holds now.
    if (!states.settled) return;
    this.#kept ??= await readOpen(db, { now: clock.now(), monotonic: clock.monotonic() });
    const kept = this.#kept;
    const seen = this.#observe(kept);
    const round = lookAt(kept, seen, this.#options.incidentRules);
    this.#rounds++;
    const done = await this.#decide(round, seen);
    for (const id of seen.restarted.keys()) this.#restarted.delete(id);
    this.#kept = new Map(
      [...round.incidents].map(([id, one]) => [id, { ...one, number: one.number ?? done.numbers.get(id) ?? null }]),
    );
    if (done.isNews) {
      const { changes, ended } = round;
      this.#options.onWritten?.({ changes, incidents: this.#kept, ended, notices: done.notices });
    }
    await this.#digest(seen);
    this.#planNext(round.nextAt - seen.now, done.nextAt - seen.monotonic, seen);
    // A new incident has its number now, and can be told of.
    if (done.numbers.size > 0) this.wake();
  }

  /** Decides and writes in one transaction, in which nobody else can take or end what is decided about. */
  async #decide(round: RoundResult, seen: Observations) {
    const { db } = this.#options;
    const nothing = { isNews: false, numbers: new Map<IncidentId, number>(), notices: 0 };
    const ids = [...round.incidents.keys(), ...round.ended.map(({ incident }) => incident.id)];
    if (ids.length === 0) return { ...nothing, nextAt: Number.POSITIVE_INFINITY };
    // Most rounds find nothing new: then nothing is locked, and nothing is written to the disk.
    const likely = this.#decisions(round, seen, await readProgress(db, ids));
    if (!isNews(round, likely)) return { ...nothing, nextAt: likely.nextAt };
    // Until it is known to be written, nothing is known: what may have been committed is read again.
    this.#kept = null;
    return db.transaction().execute(async (trx) => {
      await this.#lease.hold(trx);
      const decided = this.#decisions(round, seen, await readProgress(trx, ids, { lock: true }));
      const { nextAt } = decided;
      if (!isNews(round, decided)) return { ...nothing, nextAt };
      const written = await writeRound(trx, round, decided, { now: seen.now, wall: seen.wall });
      for (const { incidentId } of decided.entries) this.#untold.add(incidentId);
      for (const { incident } of round.ended) this.#untold.delete(incident.id);
      return { isNews: true, ...written, nextAt };
    });
  }

  /** Once a day: what was too low to be told by itself. */
  async #digest({ people, wall }: Observations): Promise<void> {
    const { db, timeZone, onWritten } = this.#options;
    const day = digestDay(wall, timeZone);
    if (day === null || day === this.#digestedDay) return;
    const notices = await db.transaction().execute(async (trx) => {
      await this.#lease.hold(trx);
      return writeDigests(trx, { people, day, wall });
    });
    this.#digestedDay = day;
    if (notices > 0) onWritten?.({ changes: [], incidents: this.#kept ?? new Map(), ended: [], notices });
  }

  #decisions(round: RoundResult, seen: Observations, progress: ReadonlyMap<IncidentId, Progress>): Decided {
    const { incidentRules, noticeRules } = this.#options;
    const book = new IncidentBook([], incidentRules);
    const decided = decide(round, {
      progress,
      people: seen.people,
      topology: seen.surroundings.topology,
      rules: { ...defaultNoticeRules, ...noticeRules },
      now: seen.now,
      wall: seen.wall,
      monotonic: seen.monotonic,
      isFlapping: ({ incident }) => book.isFlapping(incident, seen.now),
    });
    // That nobody is there to be told is written once.
    return { ...decided, entries: decided.entries.filter(({ incidentId }) => !this.#untold.has(incidentId)) };
  }

  #observe(kept: ReadonlyMap<IncidentId, KeptIncident>): Observations {
    const { states, surroundings, services, readings, rules, foreign, own, people, ownAgentId } = this.#options;
    const around = surroundings.current();
    const held = [...kept.values()].flatMap(({ alerts }) => alerts);
    const alerts = alertsNow({
      states,
      topology: around.topology,
      services,
      rules: rules.current(),
      foreign: foreign?.current() ?? [],
      faults: own.faults,
      blindness: states.blindness,
      ownAgentId,
      held,
      now: this.#options.clock.now(),
    });
    return {
      alerts,
      surroundings: around,
      services,
      readings,
      people: people.now(),
      restarted: new Map(this.#restarted),
      now: this.#clock.now(),
      wall: this.#options.clock.now(),
      monotonic: this.#clock.monotonic(),
    };
  }

  /** Takes or renews the lease; what another decided meanwhile is read anew. */
  async #isInCharge(): Promise<boolean> {
    const { leaseMs = 10_000 } = this.#options;
    const now = this.#clock.monotonic();
    if (this.#lease.isHeld && now < this.#renewAt) return true;
    const { isHeld, isNew } = await this.#lease.take();
    if (isNew || !isHeld) this.#kept = null;
    this.#renewAt = now + leaseMs / 3;
    return isHeld;
  }

  #planNext(bookMs: number, noticeMs: number, seen: { people: PeopleNow; wall: number }): void {
    const edge = seen.people.nextSilenceEdge(seen.wall);
    const silenceMs = edge === null ? Number.POSITIVE_INFINITY : edge - seen.wall;
    this.#later(Math.min(bookMs, noticeMs, silenceMs));
  }

  #later(delayMs: number): void {
    if (!this.#running) return;
    const { everyMs = 3_000 } = this.#options;
    const wait = Math.max(0, Math.min(delayMs, everyMs));
    const dueAt = performance.now() + wait;
    if (this.#timer !== null) {
      if (dueAt >= this.#dueAt) return;
      clearTimeout(this.#timer);
    }
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueAt = Number.POSITIVE_INFINITY;
      // One round at a time; what wakes during one waits for the next.
      this.#round = this.#round.then(() => this.#lookAndGoOn());
    }, wait);
  }

  async #lookAndGoOn(): Promise<void> {
    if (!this.#running) return;
    try {
      await this.look();
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#kept = null;
      if (error instanceof LeaseLost) this.#options.logger.info('another controller decides who is told from now on');
      else this.#options.logger.warn({ err: error }, 'it could not be decided who is told; tried again');
    }
    const pauseMs = this.#failures === 0 ? Number.POSITIVE_INFINITY : Math.min(5_000, 250 * 2 ** this.#failures);
    this.#later(pauseMs);
  }
}

function isNews(round: RoundResult, { notices, cancelled, entries }: Decided): boolean {
  return round.changed.size + round.entries.length + notices.length + cancelled.length + entries.length > 0;
}
