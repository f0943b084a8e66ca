import type { Clock } from '../domain/clock.ts';

/** A tick that is later than this has been held up. */
const patienceMs = 30;

/**
 * Wakes the engine when something is due and lets it sleep else: to wake a process at rest costs more than what it then
 * does. A tick has two halves, and between them the sockets are read: what has arrived is seen before anything is called
 * lost.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #first: (nowMs: number, passedMs: number) => void;
  readonly #second: () => void;
  readonly #idleTicks: () => number;
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  /** Something came up since the last tick. */
  #stirred = false;
  #lastMs: number;
  #plannedMs: number;
  #listeningMs = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly tickMs: number;
    readonly first: (nowMs: number, passedMs: number) => void;
    readonly second: () => void;
    /** Ticks until the next at which anything is due. */
    readonly idleTicks: () => number;
  }) {
    this.#clock = options.clock;
    this.#tickMs = options.tickMs;
    this.#first = options.first;
    this.#second = options.second;
    this.#idleTicks = options.idleTicks;
    this.#lastMs = this.#clock.monotonic();
    this.#plannedMs = this.#lastMs;
  }

  start(): void {
    this.#running = true;
    this.#plan(1);
  }

  stop(): void {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /**
   * Milliseconds that we have listened. This time stands still while the process is held up (a long garbage collection,
   * a busy machine): answers that lie in the socket unread are not late.
   */
  listenedMs(nowMs: number): number {
    return this.#listeningMs + Math.max(0, Math.min(nowMs, this.#plannedMs + patienceMs) - this.#lastMs);
  }

  /** Something came up: the next tick is no further off than one. */
  stir(): void {
    if (this.#stirred) return;
    this.#stirred = true;
    if (this.#timer === null || this.#plannedMs - this.#clock.monotonic() <= this.#tickMs) return;
    clearTimeout(this.#timer);
    this.#plan(1);
  }

  /** There is something to do at `dueMs`. */
  by(dueMs: number): void {
    if (this.#timer === null || dueMs > this.#plannedMs - this.#tickMs) return;
    clearTimeout(this.#timer);
    const tick = Math.floor(this.#clock.monotonic() / this.#tickMs);
    this.#plan(Math.max(1, Math.ceil(dueMs / this.#tickMs) - tick));
  }

  #plan(ticks: number): void {
    const nowMs = this.#clock.monotonic();
    this.#plannedMs = (Math.floor(nowMs / this.#tickMs) + ticks) * this.#tickMs;
    this.#timer = setTimeout(this.#ring, Math.ceil(this.#plannedMs - nowMs));
  }

  readonly #ring = (): void => {
    this.#timer = null;
    const nowMs = this.#clock.monotonic();
    const passedMs = nowMs - this.#lastMs;
    this.#listeningMs = this.listenedMs(nowMs);
    this.#lastMs = nowMs;
    this.#plannedMs = nowMs;
    this.#stirred = false;
    this.#first(nowMs, passedMs);
    setImmediate(this.#finish);
  };

  readonly #finish = (): void => {
    if (!this.#running) return;
    this.#second();
    this.#plan(this.#stirred ? 1 : this.#idleTicks());
  };
}
