import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { CalendarId, DeviceId, LinkId, SiteId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { Calendar } from '../../domain/site.ts';
import type { TopologySource } from '../../domain/topology.ts';
import type { Risk } from '../incidents/grouping.ts';
import type { SiteNotes, Surroundings } from './surroundings.ts';

export interface SurroundingsSourceOptions {
  readonly db: Kysely<Database>;
  readonly topology: TopologySource;
  /** Calls back after every change of the inventory; returns the way to stop. */
  readonly onCommit: (wake: () => void) => () => void;
  readonly logger: Logger;
  readonly gatherMs?: number;
}

type Notes = Omit<Surroundings, 'topology'>;

/**
 * The inventory as the desk needs it, read anew after every change: shared risks, calendars, notes and tags, beside the
 * topology. While it cannot be read, the last one stays.
 */
export class SurroundingsSource implements LongLived {
  readonly name = 'surroundings';
  readonly #options: SurroundingsSourceOptions;
  readonly #listeners = new Set<() => void>();
  #notes: Notes = { risks: [], notes: new Map(), deviceTags: new Map() };
  #current: Surroundings | null = null;
  readonly #stops: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: SurroundingsSourceOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.refresh();
    const { onCommit, topology } = this.#options;
    this.#stops.push(
      onCommit(() => this.#soon()),
      topology.onChange(() => this.#tell()),
    );
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#reading;
  }

  current(): Surroundings {
    const topology = this.#options.topology.current();
    if (this.#current?.topology !== topology) this.#current = { ...this.#notes, topology };
    return this.#current;
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Reads now; rejects when it cannot. */
  async refresh(): Promise<void> {
    const { db } = this.#options;
    const [risks, sites, devices, calendars] = await Promise.all([
      readRisks(db),
      db.selectFrom('sites').select(['id', 'access_notes', 'calendar_id', 'tags']).execute(),
      db
        .selectFrom('devices')
        .select(['id', 'tags'])
        .where(sql<boolean>`cardinality(tags) > 0`)
        .execute(),
      db.selectFrom('calendars').selectAll().execute(),
    ]);
    const byId = new Map(
      calendars.map((row): [CalendarId, Calendar] => [
        row.id,
        { id: row.id, name: row.name, timeZone: row.time_zone, windows: row.windows, holidays: row.holidays },
      ]),
    );
    this.#notes = {
      risks,
      notes: new Map(
        sites.map((row): [SiteId, SiteNotes] => [
          row.id,
          {
            accessNotes: row.access_notes,
            calendar: row.calendar_id === null ? null : (byId.get(row.calendar_id) ?? null),
            tags: row.tags,
          },
        ]),
      ),
      deviceTags: new Map(devices.map((row): [DeviceId, readonly string[]] => [row.id, row.tags])),
    };
    this.#tell();
  }

  #tell(): void {
    this.#current = null;
    for (const wake of this.#listeners) wake();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#reading = this.refresh().catch((error: unknown) => {
        this.#options.logger.warn(
          { err: error },
          'what alerting needs of the inventory could not be read; tried again',
        );
        if (this.#stops.length > 0) this.#soon();
      });
    }, this.#options.gatherMs ?? 500);
  }
}

async function readRisks(db: Kysely<Database>): Promise<readonly Risk[]> {
  return db
    .selectFrom('shared_risks')
    .select([
      'id',
      'name',
      'kind',
      sql<
        LinkId[]
      >`array(select link_id::text from shared_risk_links where shared_risk_id = shared_risks.id order by 1)`.as(
        'linkIds',
      ),
      sql<
        SiteId[]
      >`array(select site_id::text from shared_risk_sites where shared_risk_id = shared_risks.id order by 1)`.as(
        'siteIds',
      ),
    ])
    .orderBy('id')
    .execute();
}
