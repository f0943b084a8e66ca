import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { PointBatch } from '../../domain/point.ts';
import { rowsOf } from './record.ts';
import { RefusedRows } from './refused.ts';
import { Segments, type Cursor } from './segments.ts';
import { sift } from './sift.ts';

export interface JournalStatistics {
  /** Rows on disk that the store has not taken yet; after a crash some that it has. */
  readonly queuedRows: number;
  readonly queuedBytes: number;
  readonly writtenRows: number;
  /** Rows dropped because the journal was full, or they too old. */
  readonly lostRows: number;
  /** Rows that the store refused for their content; they lie in the folder `refused`. */
  readonly refusedRows: number;
  readonly lastRefusal: { readonly at: number; readonly reason: string } | null;
  /** Milliseconds since the epoch since when the store takes nothing; null while it does. */
  readonly failingSince: number | null;
  readonly reason: string | null;
}

export interface JournalOptions {
  readonly store: { write(batches: readonly PointBatch[]): Promise<void> };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folder: string;
  /** Bytes on disk beyond which the oldest segment goes. Default 2 GB. */
  readonly maxBytes?: number;
  /** Age beyond which a segment goes, in seconds. Default 7 days, after which stores keep no raw points either. */
  readonly maxAgeS?: number;
  readonly segmentBytes?: number;
  /** Rows that are sent at once. */
  readonly partRows?: number;
  readonly maxPauseMs?: number;
}

/** Rows that wait in memory as well, so that they need not be read back: a few seconds of a large backbone. */
const maxRecentRows = 50_000;
const firstPauseMs = 500;

/**
 * Stands before a store on another machine. What is written is on disk first and then sent, always in the order it
 * came: there is no second way past the disk, so nothing can overtake. A store that is away leaves it growing up to its
 * bounds; a kill -9 leaves what was acknowledged. Where the draining had got to is noted behind each part: a crash
 * between sending and noting sends that part again, and the same points again are harmless. What a store refuses for
 * its content is set aside, row by row, and the rest goes on.
 */
export class Journal implements LongLived {
  readonly name = 'metric journal';
  readonly #options: Required<Omit<JournalOptions, 'store' | 'clock' | 'logger' | 'folder'>>;
  readonly #store: JournalOptions['store'];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #segments: Segments;
  readonly #refused: RefusedRows;
  #cursor: Cursor = { segment: 0, offset: 0 };
  /** Rows of the segment under the cursor that are drained. */
  #drainedRows = 0;
  /** The newest records, still in memory: those from the cursor on when the store keeps up. */
  #recent: { readonly at: Cursor; readonly next: Cursor; readonly batches: readonly PointBatch[] }[] = [];
  #recentRows = 0;
  #appending: Promise<unknown> = Promise.resolve();
  #draining: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #pauseMs = 0;
  #failingSince: number | null = null;
  #reason: string | null = null;
  #written = 0;
  #lost = 0;
  #refusedRows = 0;
  #lastRefusal: JournalStatistics['lastRefusal'] = null;

  constructor(options: JournalOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#options = {
      maxBytes: options.maxBytes ?? 2e9,
      maxAgeS: options.maxAgeS ?? 7 * 86_400,
      segmentBytes: options.segmentBytes ?? 8e6,
      partRows: options.partRows ?? 20_000,
      maxPauseMs: options.maxPauseMs ?? 10_000,
    };
    this.#segments = new Segments(options.folder, this.#options.segmentBytes);
    this.#refused = new RefusedRows(join(options.folder, 'refused'));
  }

  async start(): Promise<void> {
    const { cursor, damagedBytes } = this.#segments.open();
    if (damagedBytes > 0) {
      this.#logger.warn({ bytes: damagedBytes }, 'the metric journal ends in a record that was never whole: left out');
    }
    if (cursor !== null) await this.#startAt(cursor);
    else this.#cursor = { segment: this.#segments.list[0]?.number ?? 0, offset: 0 };
    if (this.#queuedRows() > 0) {
      this.#logger.info({ rows: this.#queuedRows(), bytes: this.#segments.bytes }, 'points wait in the metric journal');
    }
    this.#drainIn(0);
  }

  /** What is not sent yet stays on disk. Waits for what is being sent just now. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#clearTimer();
    await this.#appending.catch(() => undefined);
    await this.#draining;
    await this.#segments.close();
  }

  /** Durable here when it resolves. Rejects with `unavailable` when the disk does not take it. */
  write(batches: readonly PointBatch[]): Promise<void> {
    const appended = this.#appending.catch(() => undefined).then(() => this.#append(batches));
    this.#appending = appended;
    return appended;
  }

  /** Resolves when the store has all that was written so far, or fails just now. */
  async drained(): Promise<void> {
    await this.#appending.catch(() => undefined);
    this.#clearTimer();
    await this.#draining;
    await this.#drain();
  }

  statistics(): JournalStatistics {
    return {
      queuedRows: this.#queuedRows(),
      queuedBytes: this.#segments.bytes,
      writtenRows: this.#written,
      lostRows: this.#lost,
      refusedRows: this.#refusedRows,
      lastRefusal: this.#lastRefusal,
      failingSince: this.#failingSince,
      reason: this.#reason,
    };
  }

  #queuedRows(): number {
    return Math.max(0, this.#segments.rows - this.#drainedRows);
  }

  async #startAt(cursor: Cursor): Promise<void> {
    for (const segment of this.#segments.list) if (segment.number < cursor.segment) this.#segments.remove(segment);
    const first = this.#segments.list[0];
    if (first === undefined || first.number !== cursor.segment) {
      this.#cursor = { segment: first?.number ?? cursor.segment, offset: 0 };
      return;
    }
    this.#cursor = cursor;
    this.#drainedRows = first.rows;
    for await (const { batches } of this.#segments.from(cursor)) this.#drainedRows -= rowsOf(batches);
  }

  async #append(batches: readonly PointBatch[]): Promise<void> {
    const rows = rowsOf(batches);
    if (rows === 0) return;
    let lying;
    try {
      lying = await this.#segments.append(batches);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw new ArungError(
        'unavailable',
        `The metric journal could not be written (${code}): make room on the disk of the data folder.`,
        { code: 'metrics.journal-full', cause, retryAfterS: 5 },
      );
    }
    const { at, end } = lying;
    this.#recent.push({ at, next: { segment: at.segment, offset: end }, batches });
    this.#recentRows += rows;
    while (this.#recentRows > maxRecentRows && this.#recent.length > 0) {
      this.#recentRows -= rowsOf(this.#recent.shift()?.batches ?? []);
    }
    this.#dropBeyondBounds();
    if (this.#failingSince === null) this.#drainIn(0);
  }

  #drainIn(pauseMs: number): void {
    if (this.#stopped || this.#draining !== null || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#drain();
    }, pauseMs);
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#drainAll()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#draining = null;
        if (this.#failingSince !== null) this.#drainIn(this.#pauseMs);
        else if (this.#queuedRows() > 0) this.#drainIn(0);
      });
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    for (;;) {
      const part = await this.#nextPart();
      if (part === null) return;
      const { segment } = this.#cursor;
      await this.#send(part.batches);
      // Meanwhile the journal may have been full and this segment dropped.
      if (this.#cursor.segment !== segment) continue;
      this.#drainedRows += rowsOf(part.batches);
      this.#written += rowsOf(part.batches);
      this.#advance(part.next);
      this.#worked();
      if (this.#stopped) return;
    }
  }

  /** Records from the cursor on, up to a part; null when all is drained. */
  async #nextPart(): Promise<{ readonly batches: readonly PointBatch[]; readonly next: Cursor } | null> {
    for (;;) {
      const segment = this.#segments.list[0];
      if (segment === undefined) return null;
      if (this.#cursor.segment !== segment.number) this.#cursor = { segment: segment.number, offset: 0 };
      const waits = this.#cursor.offset < segment.bytes;
      const part = waits ? (this.#fromMemory() ?? (await this.#fromDisk())) : null;
      if (part !== null) return part;
      if (!segment.sealed) return null;
      // Drained to its end, or to where it was cut off.
      if (this.#segments.list[0] === segment) this.#leave(segment);
    }
  }

  #fromMemory(): { readonly batches: readonly PointBatch[]; readonly next: Cursor } | null {
    const { segment, offset } = this.#cursor;
    let from = 0;
    while (from < this.#recent.length) {
      const at = this.#recent[from]?.at;
      if (at !== undefined && (at.segment > segment || (at.segment === segment && at.offset >= offset))) break;
      from++;
    }
    for (const { batches } of this.#recent.splice(0, from)) this.#recentRows -= rowsOf(batches);
    const first = this.#recent[0];
    if (first === undefined || first.at.segment !== segment || first.at.offset !== offset) return null;
    const batches: PointBatch[] = [];
    let rows = 0;
    let next = this.#cursor;
    for (const record of this.#recent) {
      const more = rowsOf(record.batches);
      if (record.at.segment !== segment || (rows > 0 && rows + more > this.#options.partRows)) break;
      batches.push(...record.batches);
      rows += more;
      next = record.next;
    }
    return { batches, next };
  }

  async #fromDisk(): Promise<{ readonly batches: readonly PointBatch[]; readonly next: Cursor } | null> {
    const batches: PointBatch[] = [];
    let rows = 0;
    let next: Cursor | null = null;
    for await (const record of this.#segments.from(this.#cursor)) {
      const more = rowsOf(record.batches);
      if (rows > 0 && rows + more > this.#options.partRows) break;
      batches.push(...record.batches);
      rows += more;
      next = record.next;
    }
    return next === null ? null : { batches, next };
  }

  async #send(batches: readonly PointBatch[]): Promise<void> {
    try {
      await this.#store.write(batches);
    } catch (error) {
      if (!(error instanceof ArungError) || error.kind !== 'invalid') throw error;
      await sift({
        batches,
        reason: error,
        write: (part) => this.#store.write(part),
        setAside: (batch, reason) => this.#setAside(batch, reason),
      });
    }
  }

  #setAside(batch: PointBatch, reason: ArungError): void {
    const now = this.#clock.now();
    const file = this.#refused.setAside(batch, reason.message, now);
    const rows = batch.times.length;
    if (this.#refusedRows === 0) {
      this.#logger.error(
        { code: reason.code, reason: reason.message, file },
        'the metric store refuses points: they are set aside',
      );
    }
    this.#refusedRows += rows;
    // They are counted as written by the part they were in.
    this.#written -= rows;
    this.#lastRefusal = { at: now, reason: reason.message };
  }

  #advance(cursor: Cursor): void {
    this.#cursor = cursor;
    this.#segments.saveCursor(cursor);
    const segment = this.#segments.list[0];
    const done = segment !== undefined && segment.number === cursor.segment && cursor.offset >= segment.bytes;
    if (done && segment.sealed) this.#leave(segment);
  }

  #leave(segment: { readonly number: number }): void {
    const found = this.#segments.list.find(({ number }) => number === segment.number);
    if (found !== undefined) this.#segments.remove(found);
    this.#drainedRows = 0;
    this.#cursor = { segment: this.#segments.list[0]?.number ?? segment.number + 1, offset: 0 };
    this.#segments.saveCursor(this.#cursor);
  }

  #dropBeyondBounds(): void {
    const oldest = this.#clock.now() / 1_000 - this.#options.maxAgeS;
    for (const segment of this.#segments.list) {
      if (!segment.sealed) return;
      const full = this.#segments.bytes > this.#options.maxBytes;
      if (!full && segment.newest >= oldest) return;
      const drained = segment.number === this.#cursor.segment ? this.#drainedRows : 0;
      const rows = segment.rows - drained;
      if (this.#lost === 0 && rows > 0) {
        this.#logger.error(
          { rows, reason: full ? 'size' : 'age' },
          'the metric store is away for too long: the oldest points of the journal are lost',
        );
      }
      this.#lost += rows;
      this.#leave(segment);
    }
  }

  #failed(error: unknown): void {
    const fields = error instanceof ArungError ? { code: error.code, reason: error.message } : { err: error };
    this.#reason = error instanceof Error ? error.message : String(error);
    const asked = error instanceof ArungError ? (error.retryAfterS ?? 0) * 1_000 : 0;
    const pause = Math.max(firstPauseMs, this.#pauseMs * 2, this.#failingSince === null ? 0 : asked);
    this.#pauseMs = Math.min(pause, this.#options.maxPauseMs);
    if (this.#failingSince !== null) return;
    this.#failingSince = this.#clock.now();
    this.#logger.error(fields, 'the metric store takes no points: they are kept on disk and tried again');
  }

  #worked(): void {
    if (this.#failingSince === null) return;
    const seconds = Math.round((this.#clock.now() - this.#failingSince) / 1_000);
    this.#logger.info({ seconds, waitingRows: this.#queuedRows() }, 'the metric store takes points again');
    this.#failingSince = null;
    this.#reason = null;
    this.#pauseMs = 0;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
