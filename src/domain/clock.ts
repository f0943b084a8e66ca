/** Time as the program sees it; tests hand in their own. */
export interface Clock {
  /** Milliseconds since the epoch, UTC; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds that only ever grow; for durations and timeouts. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/**
 * The latest that it may be: what the clock says, or what it said at first and the time since. Points of others are held
 * against it, so that a clock that was set back takes none of theirs for one of the future.
 */
export function latestOf(clock: Clock): Clock {
  const began = { at: clock.now(), monotonic: clock.monotonic() };
  return {
    now: () => Math.max(clock.now(), began.at + clock.monotonic() - began.monotonic),
    monotonic: () => clock.monotonic(),
  };
}

/** Ends a timer; one that has fired already is not minded. */
export type CancelTimer = () => void;

/** Timers as the program sees them; a simulation in virtual time hands in its own. */
export interface Timers {
  /** Runs once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): CancelTimer;
  /** Runs again and again, `ms` milliseconds apart. */
  every(ms: number, run: () => void): CancelTimer;
}

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};
