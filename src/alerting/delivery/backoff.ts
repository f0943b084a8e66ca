const firstMs = 5_000;
const longestMs = 10 * 60_000;

/**
 * How long until a message is tried again, milliseconds: twice as long after each failure, from 5 s to 10 min, a fifth
 * more or less so that not all come back at once; never sooner than the channel asks for, and never later than an hour.
 */
export function pauseAfter(attempts: number, retryAfterMs: number | null, random: () => number = Math.random): number {
  const doubled = Math.min(firstMs * 2 ** Math.min(Math.max(attempts - 1, 0), 20), longestMs);
  const spread = doubled * (0.8 + 0.4 * random());
  return Math.round(Math.min(Math.max(spread, retryAfterMs ?? 0), 3_600_000));
}

/** Nobody is helped by a message that is older than this: it has failed. */
export const giveUpAfterMs = 24 * 3_600_000;
