const firstMs = 1000;
const mostMs = 30_000;

/** How long to wait before the next try (milliseconds): doubled each time up to half a minute, spread by a fifth. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(whole * (0.8 + 0.4 * random()));
}
