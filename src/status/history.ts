import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import { isRefused } from '../database/refusal.ts';
import type { Database } from '../database/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { NetworkEvent } from '../domain/event.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { EntityKind, EntityState, Reachability } from '../domain/reachability.ts';
import type { PlacedEvent, PlacedTransition, ServiceTransition, StatusChange } from '../domain/status-change.ts';
import { HistoryBatch, type OpenInterval } from './history-batch.ts';

export interface HistoryOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly flushMs?: number;
  readonly heartbeatMs?: number;
  /** Entries that wait for the database at most; beyond that they are lost, and said to be. */
  readonly mostWaiting?: number;
  /** Ended intervals and events are removed after so many days; null keeps them for good. */
  readonly keepDays?: number | null;
}

/** Whose changes are written. */
export interface StatusFeed {
  onChange(listener: (change: StatusChange) => void): () => void;
  /** Everything was heard of since the start: the time in which nothing was known is over. */
  readonly settled: boolean;
}

type Entry =
  | { readonly transition: PlacedTransition }
  | { readonly service: ServiceTransition }
  | { readonly event: PlacedEvent };

const largestBatch = 5_000;
const longestPauseMs = 5_000;
const sweepMs = 3_600_000;

/**
 * Writes states and events to PostgreSQL: batched, in order, and again until the database has them. A heartbeat says
 * until when it is known that all is written; at the next start the time since then is a gap in which nothing is known.
 */
export class History implements LongLived {
  readonly name = 'history';
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: Required<Omit<HistoryOptions, 'db' | 'clock' | 'logger'>>;
  readonly #open = new Map<string, OpenInterval>();
  readonly #waiting: Entry[] = [];
  #beforeStart: ReadonlyMap<string, EntityState> = new Map();
  #gapSince: Date | null = null;
  #startedAt = 0;
  #feed: StatusFeed | null = null;
  #unfollow: () => void = () => {};
  #batch: HistoryBatch | null = null;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #sweeper: NodeJS.Timeout | null = null;
  #failures = 0;
  #lost = 0;
  #running = false;

  constructor(options: HistoryOptions) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#options = {
      flushMs: options.flushMs ?? 200,
      heartbeatMs: options.heartbeatMs ?? 5_000,
      mostWaiting: options.mostWaiting ?? 200_000,
      keepDays: options.keepDays ?? null,
    };
  }

  /** Ends what was open when the last controller stopped, and marks the time since then as unknown. */
  async start(): Promise<void> {
    this.#startedAt = this.#clock.now();
    const now = new Date(this.#startedAt);
    await this.#db.transaction().execute(async (trx) => {
      const last = await trx.selectFrom('controller_heartbeat').select('at').executeTakeFirst();
      // A clock that was set back must not make a gap that ends before it begins.
      this.#gapSince = last === undefined ? new Date(0) : new Date(Math.min(last.at.getTime(), now.getTime()));
      const open = await trx
        .selectFrom('status_intervals')
        .select(['entity_kind', 'entity_id', 'state', 'since', 'cause'])
        .where('entity_kind', '!=', 'service')
        .$narrowType<{ state: Exclude<Reachability, 'up'> }>()
        .where('until', '=', sql<Date>`'infinity'::timestamptz`)
        .execute();
      this.#beforeStart = new Map([
        ...(await upBefore(trx, this.#gapSince, now)),
        ...open.map((row): [string, EntityState] => [
          `${row.entity_kind}:${row.entity_id}`,
          { state: row.state, since: row.since.getTime(), cause: row.cause },
        ]),
      ]);
      await trx
        .updateTable('status_intervals')
        .set({ until: sql<Date>`greatest(since, ${this.#gapSince}::timestamptz)` })
        .where('until', '=', sql<Date>`'infinity'::timestamptz`)
        .execute();
      await trx
        .insertInto('controller_gaps')
        .values({ since: this.#gapSince, until: now })
        .onConflict((conflict) => conflict.column('since').doUpdateSet({ until: now }))
        .execute();
      await this.#beat(trx, now);
    });
    this.#running = true;
    this.#heartbeat = setInterval(() => this.#soon(0), this.#options.heartbeatMs);
    this.#sweeper = setInterval(() => void this.sweep().catch((error: unknown) => this.#sweepFailed(error)), sweepMs);
  }

  async stop(): Promise<void> {
    this.#unfollow();
    for (const timer of [this.#heartbeat, this.#sweeper, this.#timer]) if (timer !== null) clearTimeout(timer);
    this.#heartbeat = this.#sweeper = this.#timer = null;
    await this.#writing;
    this.#running = false;
    // Whatever still waits gets one last try.
    await this.#write().catch((error: unknown) => {
      this.#logger.error({ err: error, lost: this.#waiting.length }, 'the last states and events could not be written');
    });
  }

  /** What everything was when the last controller stopped, by `kind:id`; known once started. */
  async restore(): Promise<ReadonlyMap<string, EntityState>> {
    return this.#beforeStart;
  }

  /** Writes all that this one tells from now on. */
  follow(feed: StatusFeed): void {
    this.#feed = feed;
    this.#unfollow = feed.onChange((change) => {
      for (const transition of change.transitions) this.#append({ transition });
      for (const event of change.events) this.#append({ event });
    });
  }

  /** Writes the state of a service. */
  recordService(transition: ServiceTransition): void {
    this.#append({ service: transition });
  }

  /** Writes an event that others noticed. */
  record(event: NetworkEvent, causeRegionCodes: readonly string[] = []): void {
    this.#append({ event: { event, causeRegionCodes } });
  }

  /** Resolves when all that was appended before is in the database; rejects when it could not be written now. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#batch !== null) {
      await this.#writing;
      await this.#write();
    }
  }

  /** For /metrics and /readyz. */
  get statistics(): { readonly waiting: number; readonly lost: number; readonly failures: number } {
    return { waiting: this.#waiting.length + (this.#batch?.size ?? 0), lost: this.#lost, failures: this.#failures };
  }

  /** Removes what is older than it is to be kept. */
  async sweep(): Promise<void> {
    if (this.#options.keepDays === null) return;
    const before = new Date(this.#clock.now() - this.#options.keepDays * 86_400_000);
    await this.#db.deleteFrom('status_intervals').where('until', '<', before).execute();
    await this.#db.deleteFrom('controller_gaps').where('until', '<', before).execute();
    await this.#db.deleteFrom('events').where('at', '<', before).execute();
  }

  #append(entry: Entry): void {
    if (this.#waiting.length >= this.#options.mostWaiting) {
      if (this.#lost++ === 0) {
        this.#logger.error(
          { waiting: this.#waiting.length },
          'the database has not taken states and events for so long that new ones are lost: see why it does not answer',
        );
      }
      return;
    }
    this.#waiting.push(entry);
    this.#soon(this.#options.flushMs);
  }

  #soon(delayMs: number): void {
    if (!this.#running || this.#writing !== null) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#writeAndGoOn();
    }, delayMs);
  }

  async #writeAndGoOn(): Promise<void> {
    try {
      await this.#write();
      this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    }
    this.#writing = null;
    const pause = this.#failures === 0 ? this.#options.flushMs : Math.min(longestPauseMs, 250 * 2 ** this.#failures);
    if (this.#waiting.length > 0 || this.#batch !== null) this.#soon(pause);
  }

  #failed(error: unknown): void {
    this.#failures++;
    if (isRefused(error) && this.#batch !== null) {
      // It would be refused for ever, and everything behind it with it.
      this.#lost += this.#batch.size;
      this.#logger.error(
        { err: error, lost: this.#batch.size },
        'the database refused states and events: they are lost',
      );
      this.#batch = null;
      return;
    }
    this.#logger.warn(
      { err: error, waiting: this.statistics.waiting },
      'states and events could not be written; they wait and are tried again',
    );
  }

  #sweepFailed(error: unknown): void {
    this.#logger.warn({ err: error }, 'old states and events could not be removed; tried again in an hour');
  }

  /** Writes one batch. It is prepared once and kept until the database has it, so that a repeat is harmless. */
  async #write(): Promise<void> {
    if (this.#batch === null) {
      const batch = new HistoryBatch(this.#open, this.#startedAt);
      for (const entry of this.#waiting.splice(0, largestBatch)) {
        if ('transition' in entry) batch.transition(entry.transition);
        else if ('service' in entry) batch.service(entry.service);
        else batch.event(entry.event);
      }
      this.#batch = batch;
    }
    const batch = this.#batch;
    const drained = this.#waiting.length === 0;
    if (this.#feed?.settled === true) this.#gapSince = null;
    const now = new Date(this.#clock.now());
    await this.#db.transaction().execute(async (trx) => {
      await batch.write(trx);
      if (drained) await this.#beat(trx, now);
    });
    this.#batch = null;
  }

  async #beat(trx: Kysely<Database>, now: Date): Promise<void> {
    const startedAt = new Date(this.#startedAt);
    await trx
      .insertInto('controller_heartbeat')
      .values({ at: now, started_at: startedAt })
      .onConflict((conflict) =>
        conflict.constraint('controller_heartbeat_pkey').doUpdateSet({ at: now, started_at: startedAt }),
      )
      .execute();
    if (this.#gapSince === null) return;
    await trx.updateTable('controller_gaps').set({ until: now }).where('since', '=', this.#gapSince).execute();
  }
}

/** After a longer absence nobody says that what is up had been so all the time. */
const shortGapMs = 600_000;

/**
 * What was up when the last controller stopped, and since when: since its last outage, or since it is in the inventory.
 * Nothing after a long absence; one of before is where every `since` begins at the earliest.
 */
async function upBefore(trx: Kysely<Database>, gapSince: Date, now: Date): Promise<[string, EntityState][]> {
  if (now.getTime() - gapSince.getTime() > shortGapMs) return [];
  const found = await sql<{ kind: EntityKind; id: string; since: Date }>`
    with known as (
      select coalesce(max(until), '-infinity') as from from controller_gaps
      where until - since > make_interval(secs => ${shortGapMs / 1000})
    ),
    there as (
      select entity_kind, entity_id, max(valid_from) as since from lifetimes
      where valid_to = 'infinity' and entity_kind in ('device', 'site') group by 1, 2
      union all select 'link', id, '-infinity' from links
    )
    select there.entity_kind as kind, there.entity_id as id,
      greatest(there.since, known.from, coalesce(last.until, '-infinity')) as since
    from there cross join known
    left join lateral (
      select until from status_intervals where entity_id = there.entity_id order by since desc limit 1
    ) last on true
    where coalesce(last.until, '-infinity') < 'infinity'
      and greatest(there.since, known.from, coalesce(last.until, '-infinity')) > '-infinity'`.execute(trx);
  return found.rows.map(({ kind, id, since }) => [
    `${kind}:${id}`,
    { state: 'up', since: since.getTime(), cause: null },
  ]);
}
