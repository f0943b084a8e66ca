import type { ScheduledTask, Scheduler } from './scheduler.ts';
import type { WheelTimer } from './timer-wheel.ts';

const minuteMs = 60_000;
/** After a start the first summary is not waited for a minute: the one before it ended when this program did. */
const firstMs = 3_000;
const laterMs = 1_000;

/**
 * Closes the minute of a device's probes once a minute. Where none has ended in it, it is looked again when the next one has
 * begun: at most one such look is waited for, however many minutes pass without a probe.
 */
export class MinuteSummary {
  readonly #scheduler: Scheduler;
  readonly #close: () => boolean;
  readonly #untilProbeMs: () => number;
  readonly #everyMinute: ScheduledTask;
  #later: WheelTimer | null = null;

  /**
   * @param options.close gives false when no probe has ended in the minute.
   * @param options.untilProbeMs how long until the next probe begins; 0 while one is under way.
   */
  constructor(options: {
    readonly scheduler: Scheduler;
    readonly phase: number;
    readonly close: () => boolean;
    readonly untilProbeMs: () => number;
  }) {
    this.#scheduler = options.scheduler;
    this.#close = options.close;
    this.#untilProbeMs = options.untilProbeMs;
    this.#everyMinute = this.#scheduler.every({ intervalMs: minuteMs, phase: options.phase, run: () => this.#look() });
    this.#lookAfter(firstMs);
  }

  stop(): void {
    this.#scheduler.cancel(this.#everyMinute);
    if (this.#later !== null) this.#scheduler.cancel(this.#later);
  }

  #look(): void {
    if (this.#close() || this.#later !== null) return;
    this.#lookAfter(this.#untilProbeMs() + laterMs);
  }

  #lookAfter(delayMs: number): void {
    this.#later = this.#scheduler.after(delayMs, () => {
      this.#later = null;
      this.#look();
    });
  }
}
