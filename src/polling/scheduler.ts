import type { Logger } from 'pino';
import { WheelTimer, type TimerWheel } from './timer-wheel.ts';

/** Something that is done at an interval, always at the same place within it. */
export abstract class RegularTask extends WheelTimer {
  readonly intervalMs: number;
  readonly offsetMs: number;
  readonly #scheduler: Scheduler;

  /** `phase` (0 to 1) is the place within the interval. */
  constructor(scheduler: Scheduler, options: { readonly intervalMs: number; readonly phase: number }) {
    super();
    this.#scheduler = scheduler;
    this.intervalMs = options.intervalMs;
    this.offsetMs = Math.round(options.phase * options.intervalMs);
  }

  abstract run(): void;

  /** It was done just now, out of turn: its next turn is left out where it comes so soon. */
  protected leaveOut(withinMs: number): void {
    this.#scheduler.start(this, withinMs);
  }

  fire(): void {
    this.#scheduler.start(this);
    this.#scheduler.guard(this);
  }
}

export class ScheduledTask extends RegularTask {
  readonly #run: () => void;

  constructor(
    scheduler: Scheduler,
    options: { readonly intervalMs: number; readonly phase: number; readonly run: () => void },
  ) {
    super(scheduler, options);
    this.#run = options.run;
  }

  run(): void {
    this.#run();
  }
}

/**
 * What is done regularly begins at whole fifths of a second, or fifths of a shorter interval: what comes together wakes the
 * process once and not each for itself.
 */
const stepMs = 200;
const stepsOfInterval = 5;

/**
 * Spreads what is done regularly over its interval, each at its place within it; a deadline that was missed is skipped and
 * never made up for. Monotonic time only: a clock that is set changes nothing.
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
    this.start(task);
    return task;
  }

  /** It is done from now on, or from so many milliseconds on, until it is cancelled. */
  start(task: RegularTask, inMs = 0): void {
    const step = Math.min(stepMs, task.intervalMs / stepsOfInterval);
    this.#wheel.add(task, Math.ceil(nextDueMs(this.#now() + inMs, task.intervalMs, task.offsetMs) / step) * step);
  }

  /** When it is done next, on the wheel's axis of time. */
  dueMs(task: RegularTask): number {
    return this.#wheel.dueMs(task);
  }

  /** Once, after so many milliseconds. */
  after(delayMs: number, run: () => void): WheelTimer {
    const timer = new OnceTimer(this, run);
    this.#wheel.add(timer, this.#now() + delayMs);
    return timer;
  }

  cancel(timer: WheelTimer): void {
    this.#wheel.remove(timer);
  }

  guard(task: { run(): void }): void {
    try {
      task.run();
    } catch (error) {
      this.#logger.error({ err: error }, 'a scheduled task of the polling engine failed');
    }
  }
}

class OnceTimer extends WheelTimer {
  readonly run: () => void;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler, run: () => void) {
    super();
    this.#scheduler = scheduler;
    this.run = run;
  }

  fire(): void {
    this.#scheduler.guard(this);
  }
}

/** The first moment after `nowMs` that lies `offsetMs` after the beginning of an interval. */
export function nextDueMs(nowMs: number, intervalMs: number, offsetMs: number): number {
  return Math.floor((nowMs - offsetMs) / intervalMs + 1) * intervalMs + offsetMs;
}
