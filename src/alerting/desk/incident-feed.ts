import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Scope } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { IncidentView } from '../../domain/incident-view.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { isInView, selectIncidents, viewOf, type IncidentRow } from './incident-rows.ts';

export interface IncidentFeedOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What others wrote (another controller, delivery) is found by this look. */
  readonly everyMs?: number;
  readonly gatherMs?: number;
}

/** So long an incident that ended is still told of: readers hear that it did. */
const afterEndMs = 60_000;

/**
 * The incidents as they are in the database now, for the live stream and the console: whoever wrote them. Woken by those
 * who write here, and by a look at what all of them are like.
 */
export class IncidentFeed implements LongLived {
  readonly name = 'incident feed';
  readonly #options: IncidentFeedOptions;
  readonly #listeners = new Set<() => void>();
  #rows: readonly IncidentRow[] = [];
  #print = '';
  #running = false;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: IncidentFeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#running = true;
    this.#later(this.#options.everyMs ?? 2_000);
  }

  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#reading;
  }

  /** Those that are not over, and those that ended a moment ago, as readers of a scope get them; newest first. */
  views(scope: Scope): readonly IncidentView[] {
    return this.#rows.filter((row) => isInView(row, scope)).map((row) => viewOf(row, scope));
  }

  /** Calls back when one of them changed; returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody wrote. */
  wake(): void {
    this.#later(this.#options.gatherMs ?? 50);
  }

  /** Looks now; rejects when it cannot. */
  async refresh(): Promise<void> {
    const { db, clock } = this.#options;
    const since = new Date(clock.now() - afterEndMs);
    const isShown = sql<SqlBool>`(incidents.state in ('open', 'clearing') or incidents.ended_at > ${since})`;
    const { print } = await db
      .selectFrom('incidents')
      .select(
        sql<string>`coalesce(md5(string_agg(concat_ws(' ', incidents.id, incidents.revision, (
          select count(*) from notices where notices.incident_id = incidents.id
            and notices.state not in ('scheduled', 'cancelled', 'failed'))), ',' order by incidents.id)), '')`.as(
          'print',
        ),
      )
      .where(isShown)
      .executeTakeFirstOrThrow();
    if (print === this.#print) return;
    this.#rows = await selectIncidents(db, 'everywhere')
      .where(isShown)
      .orderBy('incidents.opened_at', 'desc')
      .orderBy('incidents.id', 'desc')
      .execute();
    this.#print = print;
    for (const listener of this.#listeners) listener();
  }

  #later(delayMs: number): void {
    if (!this.#running) return;
    const dueAt = performance.now() + delayMs;
    if (this.#timer !== null) {
      if (dueAt >= this.#dueAt) return;
      clearTimeout(this.#timer);
    }
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#reading = this.#refreshAndGoOn();
    }, delayMs);
  }

  async #refreshAndGoOn(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'incidents could not be read for the live stream; tried again');
    }
    this.#later(this.#options.everyMs ?? 2_000);
  }
}
