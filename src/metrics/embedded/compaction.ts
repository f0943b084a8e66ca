import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../domain/clock.ts';
import type { ChunkFile } from './chunk-file.ts';
import { inTransaction } from './file.ts';
import type { Retention } from './messages.ts';
import { mergeChunks, type RecentRows } from './recent.ts';
import type { SeriesDictionary } from './series-dictionary.ts';
import { fiveMinutes, hourly, raw, rollUp, tiers, windowOf, type Tier } from './tiers.ts';

const seriesPerSlice = 300;
/** How long after its end a stretch of time is closed: late rows are welcome later, but cost more. */
const graceS = 60;
/** Late rows wait this long, so that an agent's backlog is worked in as a whole. */
const lateDelayMs = 10_000;
const retentionEveryMs = 60_000;
const pagesPerVacuum = 500;
/** Raw points younger than this are not dropped for their bytes while there is something older to drop. */
const rawKeptS = 86_400;

/** A run over many series, a slice at a time. */
interface Run {
  readonly tier: Tier;
  readonly start: number;
  readonly until: number;
  readonly lastJournalId: number;
  readonly series: readonly number[];
  next: number;
}

/**
 * Moves rows from the journal into chunks, rolls them up, and drops what is too old or too much. It works in slices
 * that take a few milliseconds, so that writes and queries never wait long, and each can be cut off by a crash: what a
 * slice did is repeated or gone on with, never doubled.
 */
export class Compaction {
  readonly #database: DatabaseSync;
  readonly #file: ChunkFile;
  readonly #recent: Map<number, RecentRows>;
  readonly #dictionary: SeriesDictionary;
  readonly #clock: Clock;
  readonly #retention: Retention;
  readonly #maxBytes: number;
  readonly #onDropped: (tier: Tier, start: number, reason: 'age' | 'bytes') => void;
  #run: Run | null = null;
  #lateSince: number | null = null;
  #retentionAt: number;

  constructor(options: {
    readonly database: DatabaseSync;
    readonly file: ChunkFile;
    readonly recent: Map<number, RecentRows>;
    readonly dictionary: SeriesDictionary;
    readonly clock: Clock;
    readonly retention: Retention;
    readonly maxBytes: number;
    readonly onDropped: (tier: Tier, start: number, reason: 'age' | 'bytes') => void;
  }) {
    this.#database = options.database;
    this.#file = options.file;
    this.#recent = options.recent;
    this.#dictionary = options.dictionary;
    this.#clock = options.clock;
    this.#retention = options.retention;
    this.#maxBytes = options.maxBytes;
    this.#onDropped = options.onDropped;
    this.#retentionAt = options.clock.monotonic();
  }

  /** Tells that rows came for a time that is closed already. */
  noteLate(): void {
    this.#lateSince ??= this.#clock.monotonic();
  }

  /** One slice of work; true when there is more to do now. */
  step(): boolean {
    const run = this.#run ?? this.#nextRun();
    if (run !== null) {
      this.#run = run;
      try {
        if (run.tier === raw) this.#moveSlice(run);
        else this.#rollSlice(run);
      } catch (error) {
        // The slice was rolled back; a later run finds what is left to do.
        this.#run = null;
        throw error;
      }
      return true;
    }
    return this.#retain();
  }

  /** Works until nothing is left to do now. */
  finish(): void {
    while (this.step());
  }

  #nextRun(): Run | null {
    const now = Math.floor(this.#clock.now() / 1000);
    const cutoff = windowOf(now - graceS, raw);
    const late = this.#lateSince !== null && this.#clock.monotonic() - this.#lateSince >= lateDelayMs;
    if (cutoff > this.#file.doneUntil(raw) || late) {
      // A clock that was set back must not reopen what is closed.
      const until = Math.max(cutoff, this.#file.doneUntil(raw));
      const series: number[] = [];
      for (const [id, rows] of this.#recent) if ((rows.times[0] ?? Infinity) < until) series.push(id);
      this.#lateSince = null;
      const lastJournalId = Number(
        this.#database.prepare('SELECT coalesce(max(id), 0) AS id FROM journal').get()?.['id'],
      );
      return { tier: raw, start: 0, until, lastJournalId, series, next: 0 };
    }
    return this.#nextRollUp(fiveMinutes, raw) ?? this.#nextRollUp(hourly, fiveMinutes);
  }

  #nextRollUp(tier: Tier, below: Tier): Run | null {
    const done = this.#file.doneUntil(tier);
    const target = windowOf(this.#file.doneUntil(below), tier);
    if (target <= done) return null;
    const first = this.#file.nextStart(below, done);
    const start = Math.max(done, first === null ? target : windowOf(first, tier));
    if (start >= target) {
      this.#file.setDoneUntil(tier, target);
      return null;
    }
    const until = start + tier.chunkS;
    return { tier, start, until, lastJournalId: 0, series: this.#file.seriesIn(below, start, until), next: 0 };
  }

  /** Journal to raw chunks, for some series. */
  #moveSlice(run: Run): void {
    const slice = run.series.slice(run.next, run.next + seriesPerSlice);
    const last = run.next + slice.length >= run.series.length;
    const fiveMinutesDone = this.#file.doneUntil(fiveMinutes);
    inTransaction(this.#database, () => {
      for (const id of slice) this.#moveSeries(id, run.until, fiveMinutesDone);
      if (last) {
        this.#file.setDoneUntil(raw, run.until);
        this.#database.prepare('DELETE FROM journal WHERE id <= ? AND last < ?').run(run.lastJournalId, run.until);
      }
    });
    for (const id of slice) {
      const rows = this.#recent.get(id);
      rows?.removeBefore(run.until);
      if (rows?.length === 0) this.#recent.delete(id);
    }
    run.next += slice.length;
    if (last) this.#run = null;
  }

  #moveSeries(id: number, until: number, fiveMinutesDone: number): void {
    const rows = this.#recent.get(id);
    const series = this.#dictionary.byId(id);
    if (rows === undefined || series === undefined) return;
    const reopened = new Set<number>();
    for (let start = windowOf(rows.times[0] ?? until, raw); start < until;) {
      const fresh = rows.slice(start, start + raw.chunkS);
      if (fresh.times.length > 0) {
        const before = this.#file.read(raw, start, series);
        this.#file.put(raw, start, series, before === null ? fresh : mergeChunks(before, fresh));
        if (start < fiveMinutesDone) reopened.add(windowOf(start, fiveMinutes));
      }
      const next = rows.times[rows.indexOf(start + raw.chunkS)];
      start = next === undefined ? until : windowOf(next, raw);
    }
    const hours = new Set<number>();
    for (const start of reopened) {
      this.#roll(fiveMinutes, raw, start, id);
      if (start < this.#file.doneUntil(hourly)) hours.add(windowOf(start, hourly));
    }
    for (const start of hours) this.#roll(hourly, fiveMinutes, start, id);
  }

  #rollSlice(run: Run): void {
    const slice = run.series.slice(run.next, run.next + seriesPerSlice);
    const last = run.next + slice.length >= run.series.length;
    const below = run.tier === hourly ? fiveMinutes : raw;
    inTransaction(this.#database, () => {
      for (const id of slice) this.#roll(run.tier, below, run.start, id);
      if (last) this.#file.setDoneUntil(run.tier, run.until);
    });
    run.next += slice.length;
    if (last) this.#run = null;
  }

  /** Makes one chunk of a tier anew from all that the tier below has. */
  #roll(tier: Tier, below: Tier, start: number, id: number): void {
    const series = this.#dictionary.byId(id);
    if (series === undefined) return;
    const times: number[] = [];
    let columns: number[][] | null = null;
    for (let part = start; part < start + tier.chunkS; part += below.chunkS) {
      const chunk = this.#file.read(below, part, series);
      if (chunk === null) continue;
      times.push(...chunk.times);
      if (columns === null) columns = chunk.columns.map((column) => [...column]);
      else for (const [index, column] of chunk.columns.entries()) columns[index]?.push(...column);
    }
    if (columns === null) return;
    this.#file.put(tier, start, series, rollUp({ times, columns }, tier.stepS, below === raw ? 'rows' : 'roll-up'));
  }

  /** Drops one stretch of time that is too old, or too much; gives free pages back to the disk. */
  #retain(): boolean {
    if (this.#clock.monotonic() < this.#retentionAt) return false;
    const drop = this.#tooOld() ?? this.#tooMuch();
    if (drop !== null) {
      inTransaction(this.#database, () => this.#file.drop(drop.tier, drop.start));
      this.#onDropped(drop.tier, drop.start, drop.reason);
      return true;
    }
    if (this.#file.size().free > 0) {
      const before = this.#file.size().free;
      this.#database.exec(`PRAGMA incremental_vacuum(${pagesPerVacuum})`);
      if (this.#file.size().free < before) return true;
    }
    this.#retentionAt = this.#clock.monotonic() + retentionEveryMs;
    return false;
  }

  #tooOld(): { tier: Tier; start: number; reason: 'age' } | null {
    const now = Math.floor(this.#clock.now() / 1000);
    const ages = new Map<Tier, number>([
      [raw, this.#retention.rawS],
      [fiveMinutes, this.#retention.fiveMinutesS],
      [hourly, this.#retention.hourlyS],
    ]);
    for (const tier of tiers) {
      const start = this.#file.oldest(tier);
      const age = ages.get(tier) ?? Infinity;
      // Not before it is rolled up.
      const above = tiers[tiers.indexOf(tier) + 1];
      const limit = Math.min(now - age, above === undefined ? Infinity : this.#file.doneUntil(above));
      if (start !== null && start + tier.chunkS <= limit) return { tier, start, reason: 'age' };
    }
    return null;
  }

  /** Beyond the bytes: raw first, but a day of it last; then the coarser ones, the oldest first. */
  #tooMuch(): { tier: Tier; start: number; reason: 'bytes' } | null {
    if (this.#file.size().used <= this.#maxBytes) return null;
    const now = Math.floor(this.#clock.now() / 1000);
    const oldestRaw = this.#file.oldest(raw);
    if (oldestRaw !== null && oldestRaw < now - rawKeptS) return { tier: raw, start: oldestRaw, reason: 'bytes' };
    for (const tier of [fiveMinutes, raw, hourly]) {
      const start = this.#file.oldest(tier);
      if (start !== null) return { tier, start, reason: 'bytes' };
    }
    return null;
  }
}
