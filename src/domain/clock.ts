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
