/**
 * Runs something again and again, one round after the other, until it is stopped: the loop of a reconciler. What a round
 * throws is told, and the next one is made.
 */
export class Rounds {
  readonly #run: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #running = false;

  /** @param options.everyMs from the end of a round to the next. */
  constructor(options: {
    readonly run: () => Promise<void>;
    readonly failed: (error: unknown) => void;
    readonly everyMs: number;
  }) {
    this.#run = options.run;
    this.#failed = options.failed;
    this.#everyMs = options.everyMs;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** The first round comes after so many milliseconds. */
  start(afterMs = this.#everyMs): void {
    this.#running = true;
    this.wake(afterMs);
  }

  /** The next round comes after so many milliseconds, whatever was planned; nothing before `start` and after `stop`. */
  wake(afterMs: number): void {
    if (!this.#running) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#round = this.#round
        .then(() => this.#run())
        .catch(this.#failed)
        .finally(() => {
          // Somebody who woke it meanwhile wants the next one sooner.
          if (this.#timer === null) this.wake(this.#everyMs);
        });
    }, afterMs);
  }

  /** Resolves when no round runs any more. */
  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#round;
  }
}
