import type { Clock } from '../domain/clock.ts';

/**
 * A time that stands still while this process is held up (a busy machine, a long garbage collection): what was answered
 * then lies unread in the sockets, and must not be called late. Of the time between two ticks at most `longestTickMs`
 * count. Milliseconds since it was made.
 */
export class ListeningTime {
  readonly #clock: Clock;
  readonly #longestTickMs: number;
  #atTick = 0;
  #tickedAt: number;

  constructor(options: { readonly clock: Clock; readonly longestTickMs: number }) {
    this.#clock = options.clock;
    this.#longestTickMs = options.longestTickMs;
    this.#tickedAt = options.clock.monotonic();
  }

  /** To be called in every turn of the caller's timer. */
  tick(): number {
    this.#atTick = this.now();
    this.#tickedAt = this.#clock.monotonic();
    return this.#atTick;
  }

  now(): number {
    return this.#atTick + Math.min(this.#clock.monotonic() - this.#tickedAt, this.#longestTickMs);
  }
}
