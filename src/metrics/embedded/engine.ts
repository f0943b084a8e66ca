import { backup, type DatabaseSync } from 'node:sqlite';
import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../domain/clock.ts';
import { measurements, type Measurement } from '../../domain/point.ts';
import type { LatestPoint, SeriesFilter, SeriesQuery, SeriesResult, StoreStatistics } from '../store.ts';
import { ChunkFile } from './chunk-file.ts';
import { Compaction } from './compaction.ts';
import { inTransaction, isDamage, moveAside, openFile } from './file.ts';
import { isMeasurement, type RowBlock, type WorkerOptions, type WriteRequest } from './messages.ts';
import { Reader } from './reader.ts';
import { RecentRows } from './recent.ts';
import { SeriesDictionary } from './series-dictionary.ts';
import { raw, tiers } from './tiers.ts';

/**
 * Nothing is kept that claims to be from further ahead. Who takes points of others looks closer; here it is our own clock
 * that may be wrong: one that runs on local time for a while is hours behind.
 */
const maxAheadS = 86_400;

type Log = (level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>) => void;

/**
 * The embedded store itself: one SQLite file, used by one thread. A write goes as one blob into the journal table and
 * is synced; its rows live in memory until their quarter of an hour is over and they are packed into chunks.
 */
export class Engine {
  readonly #options: WorkerOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #recent = new Map<number, RecentRows>();
  /** Number in the file of each handle of the main thread. */
  readonly #handles: number[] = [];
  #database: DatabaseSync;
  #dictionary = new SeriesDictionary();
  #file: ChunkFile;
  #compaction: Compaction;
  #reader: Reader;
  #rowsWritten = 0;
  #rowsRefused = 0;

  constructor(options: WorkerOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    try {
      this.#database = openFile(options.path, options.maxBytes);
      ({ file: this.#file, compaction: this.#compaction, reader: this.#reader } = this.#load());
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#startAnew(error);
      this.#database = openFile(options.path, options.maxBytes);
      ({ file: this.#file, compaction: this.#compaction, reader: this.#reader } = this.#load());
    }
  }

  /** Copies the file page by page while it is written to: what a write here changes meanwhile is changed in the copy, too. */
  async copy(to: string): Promise<void> {
    await backup(this.#database, to, { rate: 250 });
  }

  /** Durable when it returns. */
  write(request: WriteRequest): void {
    const added: { handle: number; id: number; series: WriteRequest['introduce'][number]['series'] }[] = [];
    let nextId = this.#dictionary.nextId;
    const fresh = new Map<string, number>();
    for (const { handle, series } of request.introduce) {
      let id = this.#dictionary.byKey(series.key)?.id ?? fresh.get(series.key);
      if (id === undefined) {
        id = nextId++;
        fresh.set(series.key, id);
        added.push({ handle, id, series });
      }
      this.#handles[handle] = id;
    }
    const blocks = request.blocks.map((block) => this.#accept(block));
    inTransaction(this.#database, () => {
      for (const { id, series } of added) {
        this.#database
          .prepare('INSERT INTO series (id, key, measurement, tags) VALUES (?, ?, ?, ?)')
          .run(id, series.key, series.measurement, JSON.stringify(series.tags));
      }
      let last = 0;
      for (const block of blocks) for (const time of block.times) last = Math.max(last, time);
      if (last > 0) {
        this.#database.prepare('INSERT INTO journal (last, data) VALUES (?, ?)').run(last, journalEntry(blocks));
      }
    });
    for (const { id, series } of added) this.#dictionary.add({ id, ...series });
    for (const block of blocks) this.#remember(block);
  }

  query(query: SeriesQuery): SeriesResult {
    return this.#reader.query(query);
  }

  latest(measurement: Measurement, filter: SeriesFilter, maxAgeS: number): LatestPoint[] {
    return this.#reader.latest(measurement, filter, maxAgeS);
  }

  /** A slice of upkeep; true when there is more to do now. */
  maintain(): boolean {
    return this.#compaction.step();
  }

  statistics(): StoreStatistics {
    const { used, free } = this.#file.size();
    return {
      series: this.#dictionary.size,
      rowsWritten: this.#rowsWritten,
      rowsRefused: this.#rowsRefused,
      bytes: used + free,
      oldest: Object.fromEntries(tiers.map((tier) => [tier.name, this.#file.oldest(tier)])),
    };
  }

  /**
   * After damage was found: the file is moved aside and a new one begun with what is in memory. True when `error` was
   * damage and the store works again.
   */
  recover(error: unknown): boolean {
    if (!isDamage(error)) return false;
    try {
      this.#database.close();
    } catch {
      // A damaged file may not close well; it is moved away all the same.
    }
    const known = this.#dictionary;
    const rescued = new Map(this.#recent);
    this.#recent.clear();
    this.#dictionary = new SeriesDictionary();
    this.#startAnew(error);
    this.#database = openFile(this.#options.path, this.#options.maxBytes);
    ({ file: this.#file, compaction: this.#compaction, reader: this.#reader } = this.#load());
    // Handles point at the old numbers: the series get them again.
    inTransaction(this.#database, () => {
      for (const id of new Set(this.#handles)) {
        const series = known.byId(id);
        if (series === undefined) continue;
        this.#database
          .prepare('INSERT INTO series (id, key, measurement, tags) VALUES (?, ?, ?, ?)')
          .run(id, series.key, series.measurement, JSON.stringify(series.tags));
        this.#dictionary.add(series);
      }
      const blocks: RowBlock[] = [];
      let last = 0;
      for (const [id, rows] of rescued) {
        const series = this.#dictionary.byId(id);
        if (series === undefined) continue;
        blocks.push(blockOf(series.measurement, id, rows));
        last = Math.max(last, rows.times.at(-1) ?? 0);
        this.#recent.set(id, rows);
      }
      if (blocks.length > 0)
        this.#database.prepare('INSERT INTO journal (last, data) VALUES (?, ?)').run(last, journalEntry(blocks));
    });
    return true;
  }

  close(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      this.#database.close();
    }
  }

  #startAnew(error: unknown): void {
    const aside = moveAside(this.#options.path, this.#clock.now());
    this.#log('error', 'the metric store was damaged: it was moved aside and a new one begun; older charts are empty', {
      path: this.#options.path,
      movedTo: aside,
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  #load(): { file: ChunkFile; compaction: Compaction; reader: Reader } {
    for (const row of this.#database.prepare('SELECT * FROM series').iterate()) this.#dictionary.addRow(row);
    const file = new ChunkFile(this.#database);
    const shared = { file, recent: this.#recent, dictionary: this.#dictionary, clock: this.#clock };
    const compaction = new Compaction({
      ...shared,
      database: this.#database,
      retention: this.#options.retention,
      maxBytes: this.#options.maxBytes,
      onDropped: (tier, start, reason) => {
        this.#log(reason === 'bytes' ? 'warn' : 'info', 'dropped the oldest points of the metric store', {
          resolution: tier.name,
          from: new Date(start * 1000).toISOString(),
          to: new Date((start + tier.chunkS) * 1000).toISOString(),
          reason,
        });
      },
    });
    const done = file.doneUntil(raw);
    let replayed = 0;
    for (const row of this.#database.prepare('SELECT data FROM journal ORDER BY id').iterate()) {
      for (const block of blocksIn(row['data'])) {
        replayed += block.times.length;
        this.#keep(block, done, compaction);
      }
    }
    if (replayed > 0) this.#log('info', 'read the journal of the metric store', { rows: replayed });
    return { file, compaction, reader: new Reader(shared) };
  }

  /** Handles become numbers of the file; rows that cannot be kept are left out and counted. */
  #accept(block: RowBlock): RowBlock {
    const newest = Math.floor(this.#clock.now() / 1000) + maxAheadS;
    const oldest = this.#file.droppedUntil(raw);
    const width = measurements[block.measurement].fields.length;
    const series = new Int32Array(block.times.length);
    let rows = 0;
    const times = new Float64Array(block.times.length);
    const values = new Float64Array(block.values.length);
    for (let row = 0; row < block.times.length; row++) {
      const id = this.#handles[block.series[row] ?? -1];
      const time = Math.floor(block.times[row] ?? NaN);
      if (id === undefined || !(time >= oldest && time > 0 && time <= newest)) continue;
      series[rows] = id;
      times[rows] = time;
      values.set(block.values.subarray(row * width, (row + 1) * width), rows * width);
      rows++;
    }
    this.#rowsRefused += block.times.length - rows;
    return {
      measurement: block.measurement,
      series: series.subarray(0, rows),
      times: times.subarray(0, rows),
      values: values.subarray(0, rows * width),
    };
  }

  #remember(block: RowBlock): void {
    this.#rowsWritten += block.times.length;
    this.#keep(block, this.#file.doneUntil(raw), this.#compaction);
  }

  #keep(block: RowBlock, doneUntil: number, compaction: Compaction): void {
    const width = measurements[block.measurement].fields.length;
    for (let row = 0; row < block.times.length; row++) {
      const id = block.series[row] ?? -1;
      let rows = this.#recent.get(id);
      if (rows === undefined) {
        rows = new RecentRows(width);
        this.#recent.set(id, rows);
      }
      const time = block.times[row] ?? 0;
      rows.put(time, block.values, row * width);
      if (time < doneUntil) compaction.noteLate();
    }
  }
}

function blockOf(measurement: Measurement, id: number, rows: RecentRows): RowBlock {
  const width = measurements[measurement].fields.length;
  const values = new Float64Array(rows.length * width);
  for (let row = 0; row < rows.length; row++) {
    for (let field = 0; field < width; field++) values[row * width + field] = rows.value(row, field);
  }
  return {
    measurement,
    series: new Int32Array(rows.length).fill(id),
    times: Float64Array.from(rows.times),
    values,
  };
}

/** Blocks with the names of their fields, so that an Arung that knows more fields reads them right. */
function journalEntry(blocks: readonly RowBlock[]): Uint8Array {
  return serialize(blocks.map((block) => ({ ...block, fields: measurements[block.measurement].fields })));
}

/** The journal is our own, but may be from an older Arung: what does not fit any more is left out. */
function blocksIn(data: unknown): RowBlock[] {
  if (!(data instanceof Uint8Array)) return [];
  const entry: unknown = deserialize(data);
  if (!Array.isArray(entry)) return [];
  const blocks: RowBlock[] = [];
  for (const found of entry as readonly (Partial<RowBlock> & { readonly fields?: readonly string[] })[]) {
    const { measurement, series, times, values, fields } = found;
    if (!isMeasurement(measurement) || !series || !times || !values || !fields) continue;
    const names: readonly string[] = measurements[measurement].fields;
    const moved = new Float64Array(times.length * names.length).fill(NaN);
    for (const [from, name] of fields.entries()) {
      const to = names.indexOf(name);
      if (to < 0) continue;
      for (let row = 0; row < times.length; row++) {
        moved[row * names.length + to] = values[row * fields.length + from] ?? NaN;
      }
    }
    blocks.push({ measurement, series, times, values: moved });
  }
  return blocks;
}
