import type { Logger } from 'pino';
import { WheelTimer, type TimerWheel } from './timer-wheel.ts';

/** Something that is done at an interval, always at the same place within it. */
export class ScheduledTask extends WheelTimer {
  readonly intervalMs: number;
  readonly phase: number;
  readonly #scheduler: Scheduler;
  readonly #run: () => void;

  constructor(
    scheduler: Scheduler,
    options: { readonly intervalMs: number; readonly phase: number; readonly run: () => void },
  ) {
    super();
    this.#scheduler = scheduler;
    this.intervalMs = options.intervalMs;
    this.phase = options.phase;
    this.#run = options.run;
  }

  fire(): void {
    this.#scheduler.again(this);
    this.#scheduler.guard(this.#run);
  }
}

/**
 * What is done regularly begins at whole fifths of a second, or fifths of a shorter interval: what comes together wakes the
 * process once and not each for itself.
 */
const stepMs = 200;
const stepsOfInterval = 5;

/**
 * Spreads what is done regularly over its interval. `phase` (0 to 1) is the place within it; a deadline that was missed
 * is skipped and never made up for. Monotonic time only: a clock that is set changes nothing.
 */
export class Scheduler {
  readonly #wheel: TimerWheel;
  readonly #now: () => number;
  readonly #logger: Logger;

  constructor(options: { readonly wheel: TimerWheel; readonly now: () => number; readonly logger: Logger }) {
    this.#wheel = options.wheel;
    this.#now = options.now;
    this.#logger = options.logger;
  }

  every(options: { readonly intervalMs: number; readonly phase: number; readonly run: () => void }): ScheduledTask {
    const task = new ScheduledTask(this, options);
    this.again(task);
    return task;
  }

  /** Once, after so many milliseconds. */
  after(delayMs: number, run: () => void): WheelTimer {
    const timer = new OnceTimer(() => this.guard(run));
    this.#wheel.add(timer, this.#now() + delayMs);
    return timer;
  }

  cancel(timer: WheelTimer): void {
    this.#wheel.remove(timer);
  }

  again(task: ScheduledTask): void {
    const step = Math.min(stepMs, task.intervalMs / stepsOfInterval);
    this.#wheel.add(task, Math.ceil(nextDueMs(this.#now(), task.intervalMs, task.phase) / step) * step);
  }

  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#logger.error({ err: error }, 'a scheduled task of the polling engine failed');
    }
  }
}

class OnceTimer extends WheelTimer {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  fire(): void {
    this.#run();
  }
}

/** The first moment after `nowMs` that lies at `phase` of an interval. */
export function nextDueMs(nowMs: number, intervalMs: number, phase: number): number {
  const offsetMs = phase * intervalMs;
  return Math.floor((nowMs - offsetMs) / intervalMs + 1) * intervalMs + offsetMs;
}
