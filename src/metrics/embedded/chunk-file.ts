import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { measurements, type Measurement } from '../../domain/point.ts';
import { decodeChunk, encodeChunk, type Chunk } from './chunk.ts';
import { count } from './file.ts';
import type { KnownSeries } from './series-dictionary.ts';
import { raw, statistics, tiers, type Tier } from './tiers.ts';

/** More series than one file will ever have; ids stay below 2 ** 53. */
const seriesPerStart = 2 ** 26;

function idOf(tier: Tier, start: number, series: number): number {
  return (start / tier.chunkS) * seriesPerStart + series;
}

interface Table {
  readonly read: StatementSync;
  readonly put: StatementSync;
  readonly next: StatementSync;
  readonly drop: StatementSync;
  readonly seriesIn: StatementSync;
}

/**
 * The chunks in the file, and how far each tier is done. A chunk's id is its start, then its series: those of one stretch
 * of time lie together, so that writing appends, and dropping the oldest cuts off one end.
 *
 * Columns are stored in the order in which the fields were first known; the order in `measurements` may change and
 * fields may be added without touching what is stored.
 */
export class ChunkFile {
  readonly #database: DatabaseSync;
  readonly #tables: ReadonlyMap<Tier, Table>;
  readonly #getMeta: StatementSync;
  readonly #setMeta: StatementSync;
  /** By measurement: the stored column of each of its fields. */
  readonly #columns = new Map<Measurement, readonly number[]>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#getMeta = database.prepare('SELECT value FROM meta WHERE key = ?');
    this.#setMeta = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
    this.#tables = new Map(
      tiers.map((tier) => [
        tier,
        {
          read: database.prepare(`SELECT data FROM ${tier.table} WHERE id = ?`),
          put: database.prepare(`INSERT OR REPLACE INTO ${tier.table} (id, data) VALUES (?, ?)`),
          next: database.prepare(`SELECT id FROM ${tier.table} WHERE id >= ? ORDER BY id LIMIT 1`),
          drop: database.prepare(`DELETE FROM ${tier.table} WHERE id >= ? AND id < ?`),
          seriesIn: database.prepare(
            `SELECT DISTINCT id % ${seriesPerStart} AS series FROM ${tier.table} WHERE id >= ? AND id < ?`,
          ),
        },
      ]),
    );
    for (const measurement of Object.keys(measurements) as Measurement[]) this.#learnColumns(measurement);
  }

  /** All fields of a series' chunk, in the order of `measurements` (for a roll-up: statistics of the fields in order). */
  read(tier: Tier, start: number, series: KnownSeries): Chunk | null {
    const fields = measurements[series.measurement].fields;
    return this.readColumns(tier, start, series, columnsOf(tier, Array.from(fields.keys())));
  }

  /** Wanted columns, numbered as in `read`, in the order of `wanted`. */
  readColumns(tier: Tier, start: number, series: KnownSeries, wanted: readonly number[]): Chunk | null {
    const data = this.#tables.get(tier)?.read.get(idOf(tier, start, series.id))?.['data'];
    if (!(data instanceof Uint8Array)) return null;
    return decodeChunk(data, this.#stored(tier, series.measurement, wanted));
  }

  put(tier: Tier, start: number, series: KnownSeries, chunk: Chunk): void {
    const places = this.#stored(tier, series.measurement, Array.from(chunk.columns.keys()));
    const columns: (readonly number[])[] = [];
    places.forEach((place, column) => {
      columns[place] = chunk.columns[column] ?? [];
    });
    // A field that was stored once and is known no more leaves a hole.
    for (let place = 0; place < columns.length; place++) columns[place] ??= [];
    this.#tables.get(tier)?.put.run(idOf(tier, start, series.id), encodeChunk({ times: chunk.times, columns }));
  }

  oldest(tier: Tier): number | null {
    return this.nextStart(tier, 0);
  }

  /** Start of the first chunk at or after a time. */
  nextStart(tier: Tier, from: number): number | null {
    const id = this.#tables.get(tier)?.next.get(idOf(tier, Math.ceil(from / tier.chunkS) * tier.chunkS, 0))?.['id'];
    return typeof id === 'number' ? Math.floor(id / seriesPerStart) * tier.chunkS : null;
  }

  seriesIn(tier: Tier, from: number, to: number): number[] {
    const ids: number[] = [];
    for (const row of this.#tables.get(tier)?.seriesIn.iterate(idOf(tier, from, 0), idOf(tier, to, 0)) ?? [])
      ids.push(Number(row['series']));
    return ids;
  }

  drop(tier: Tier, start: number): void {
    this.#tables.get(tier)?.drop.run(idOf(tier, start, 0), idOf(tier, start + tier.chunkS, 0));
    this.#setMeta.run(`dropped.${tier.name}`, start + tier.chunkS);
  }

  /** Everything before this time was dropped. */
  droppedUntil(tier: Tier): number {
    return this.#number(`dropped.${tier.name}`);
  }

  /** Everything before this time is in chunks of the tier (as far as it is not dropped). */
  doneUntil(tier: Tier): number {
    return this.#number(`done.${tier.name}`);
  }

  setDoneUntil(tier: Tier, time: number): void {
    this.#setMeta.run(`done.${tier.name}`, time);
  }

  /** Bytes of the file that hold something, and those that are free in it. */
  size(): { readonly used: number; readonly free: number } {
    const pageSize = count(this.#database, 'PRAGMA page_size');
    const free = count(this.#database, 'PRAGMA freelist_count') * pageSize;
    return { used: count(this.#database, 'PRAGMA page_count') * pageSize - free, free };
  }

  #number(key: string): number {
    return numberOrNull(this.#getMeta.get(key)?.['value']) ?? 0;
  }

  #learnColumns(measurement: Measurement): void {
    const key = `fields.${measurement}`;
    const value = this.#getMeta.get(key)?.['value'];
    const known: unknown = typeof value === 'string' ? JSON.parse(value) : [];
    const stored = Array.isArray(known) ? known.map(String) : [];
    const before = stored.length;
    for (const field of measurements[measurement].fields) if (!stored.includes(field)) stored.push(field);
    if (stored.length !== before) this.#setMeta.run(key, JSON.stringify(stored));
    this.#columns.set(
      measurement,
      measurements[measurement].fields.map((field) => stored.indexOf(field)),
    );
  }

  #stored(tier: Tier, measurement: Measurement, columns: readonly number[]): number[] {
    const places = this.#columns.get(measurement) ?? [];
    const width = tier === raw ? 1 : statistics.length;
    return columns.map((column) => (places[Math.floor(column / width)] ?? 0) * width + (column % width));
  }
}

/** Columns of a tier for fields: the field itself, or each of its statistics. */
function columnsOf(tier: Tier, fields: readonly number[]): number[] {
  if (tier === raw) return [...fields];
  return fields.flatMap((field) => Array.from(statistics.keys(), (which) => field * statistics.length + which));
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
