import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { measurements, type PointBatch, type PointConsumer } from '../domain/point.ts';

/** What the queue needs of a store. */
interface Writable {
  write(batches: readonly PointBatch[]): Promise<void>;
}

/**
 * Stands between the bus, which never waits, and a store, which may be slow or away. Batches are written together about
 * once a second; while the store fails they are kept in order, up to a bound, and tried again at growing pauses. Beyond
 * the bound the oldest are lost, counted and said.
 */
export class BufferedStore implements PointConsumer, LongLived {
  readonly name = 'metric queue';
  readonly #store: Writable;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #flushEveryMs: number;
  readonly #flushRows: number;
  readonly #maxRows: number;
  readonly #maxPauseMs: number;
  #queue: PointBatch[] = [];
  #rows = 0;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #failingSince: number | null = null;
  #failingCode: string | null = null;
  #pauseMs = 0;
  #lost = 0;
  #written = 0;
  /** Batches that came, and that left the queue for the store or for good. */
  #came = 0;
  #left = 0;
  /** Who waits until what had come when they asked has left: nobody waits for what comes after. */
  #waiting: { readonly until: number; readonly done: () => void }[] = [];

  constructor(options: {
    readonly store: Writable;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly flushEveryMs?: number;
    /** So many rows are written at once without waiting for the time. */
    readonly flushRows?: number;
    /** Rows kept while the store fails; about 150 bytes each. */
    readonly maxRows?: number;
    readonly maxPauseMs?: number;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#flushEveryMs = options.flushEveryMs ?? 1_000;
    this.#flushRows = options.flushRows ?? 20_000;
    this.#maxRows = options.maxRows ?? 1_000_000;
    this.#maxPauseMs = options.maxPauseMs ?? 10_000;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes what is left; what the store does not take now is lost and counted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#clearTimer();
    await this.#writing;
    if (this.#queue.length > 0) await this.#write();
    if (this.#rows > 0) {
      this.#lost += this.#rows;
      this.#logger.error({ rows: this.#rows }, 'the metric store did not take the last points before the stop');
      this.#queue = [];
      this.#rows = 0;
      this.#left = this.#came;
    }
  }

  accept(batch: PointBatch): void {
    if (this.#stopped || !measurements[batch.measurement].stored || batch.times.length === 0) return;
    this.#queue.push(batch);
    this.#came++;
    this.#rows += batch.times.length;
    this.#dropBeyondBound();
    if (this.#rows >= this.#flushRows && this.#failingSince === null) this.#flushIn(0);
    else if (this.#timer === null) this.#flushIn(this.#failingSince === null ? this.#flushEveryMs : this.#pauseMs);
  }

  /** Resolves when all that was accepted so far is durable, or the store has refused it just now. */
  flush(): Promise<void> {
    if (this.#left === this.#came) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.push({ until: this.#came, done });
      this.#clearTimer();
      void this.#write();
    });
  }

  /** Resolves when all that was accepted so far outlives a crash; rejects with `unavailable` while the store takes nothing. */
  async durable(): Promise<void> {
    await this.flush();
    if (this.#failingSince === null) return;
    throw new ArungError('unavailable', 'The metric store takes no points now: send them again in a while.', {
      code: 'metrics.away',
      retryAfterS: 10,
    });
  }

  /**
   * For who hands in points of others: waits until there is room in the queue for more, so that they push out nobody's.
   * False when the store takes nothing now and a quarter of the bound is kept already.
   */
  async room(): Promise<boolean> {
    const enough = this.#maxRows / 4;
    if (this.#rows >= enough && this.#failingSince === null) await this.flush();
    return this.#rows < enough;
  }

  statistics(): {
    readonly queuedRows: number;
    readonly writtenRows: number;
    readonly lostRows: number;
    /** Milliseconds since the epoch since when the store fails; null while it works. */
    readonly failingSince: number | null;
    /** Code of the error that it fails with; null while it works, and for an error without one. */
    readonly failingCode: string | null;
  } {
    return {
      queuedRows: this.#rows,
      writtenRows: this.#written,
      lostRows: this.#lost,
      failingSince: this.#failingSince,
      failingCode: this.#failingCode,
    };
  }

  #flushIn(pauseMs: number): void {
    if (this.#writing !== null || this.#stopped) return;
    if (this.#timer !== null) {
      if (pauseMs > 0) return;
      this.#clearTimer();
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, pauseMs);
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeOnce().finally(() => {
      this.#writing = null;
      if (this.#queue.length === 0) return;
      if (this.#waiting.length > 0) this.#flushIn(0);
      else this.#flushIn(this.#failingSince === null ? this.#flushEveryMs : this.#pauseMs);
    });
    return this.#writing;
  }

  async #writeOnce(): Promise<void> {
    while (this.#queue.length > 0) {
      // After an outage in parts, so that no single write takes seconds.
      const part: PointBatch[] = [];
      let rows = 0;
      for (const batch of this.#queue) {
        if (part.length > 0 && rows + batch.times.length > this.#flushRows) break;
        part.push(batch);
        rows += batch.times.length;
      }
      this.#queue = this.#queue.slice(part.length);
      this.#rows -= rows;
      try {
        await this.#store.write(part);
      } catch (error) {
        this.#queue = [...part, ...this.#queue];
        this.#rows += rows;
        this.#dropBeyondBound();
        this.#failed(error);
        this.#release(this.#came);
        return;
      }
      this.#written += rows;
      this.#left += part.length;
      this.#worked();
      this.#release(this.#left);
    }
  }

  #release(until: number): void {
    const ready = this.#waiting.filter((one) => one.until <= until);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((one) => one.until > until);
    for (const { done } of ready) done();
  }

  #failed(error: unknown): void {
    this.#pauseMs = Math.min(Math.max(this.#flushEveryMs, this.#pauseMs * 2), this.#maxPauseMs);
    this.#failingCode = error instanceof ArungError ? error.code : null;
    if (this.#failingSince !== null) return;
    this.#failingSince = this.#clock.now();
    const fields = error instanceof ArungError ? { code: error.code, reason: error.message } : { err: error };
    this.#logger.error(fields, 'the metric store takes no points: they are kept in memory and tried again');
  }

  #worked(): void {
    if (this.#failingSince === null) return;
    const seconds = Math.round((this.#clock.now() - this.#failingSince) / 1000);
    this.#logger.info({ seconds, lostRows: this.#lost }, 'the metric store takes points again');
    this.#failingSince = null;
    this.#failingCode = null;
    this.#pauseMs = 0;
  }

  #dropBeyondBound(): void {
    let dropped = 0;
    while (this.#rows - dropped > this.#maxRows) {
      const oldest = this.#queue.shift();
      if (oldest === undefined) break;
      dropped += oldest.times.length;
      this.#left++;
    }
    if (dropped === 0) return;
    if (this.#lost === 0) {
      this.#logger.error(
        { maxRows: this.#maxRows },
        'the metric store is away for too long: the oldest points are lost',
      );
    }
    this.#rows -= dropped;
    this.#lost += dropped;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
