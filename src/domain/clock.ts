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
