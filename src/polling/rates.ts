const two32 = 2 ** 32;
const two64 = 2 ** 64;

/** Readings closer than this give no rate: a device that counts in steps would show a spike. */
export const shortestSpanMs = 1_000;
/** Readings further apart than this give no rate: the mean of hours is no reading of now. */
export const longestSpanMs = 3_600_000;

/**
 * The rate per second between two readings of a counter, scaled, to a thousandth (below 1,000 to a millionth); NaN when it cannot be told: a reading is missing, the
 * span is too short or too long, the counter went back other than by a plausible wrap, or the rate is above the
 * ceiling. Never negative, never above the ceiling.
 *
 * A wrap is believed only under a ceiling, and only when the counter cannot have wrapped twice within the span.
 */
export function rateOf(reading: {
  readonly bits: 32 | 64;
  readonly before: number;
  readonly now: number;
  readonly spanMs: number;
  readonly scale: number;
  readonly ceiling: number;
}): number {
  return rate(reading.bits, reading.before, reading.now, reading.spanMs, reading.scale, reading.ceiling);
}

/** `rateOf` for the poll path: six numbers in, one out, no object. */
export function rate(
  bits: number,
  before: number,
  now: number,
  spanMs: number,
  scale: number,
  ceiling: number,
): number {
  if (!(spanMs >= shortestSpanMs && spanMs <= longestSpanMs)) return Number.NaN;
  let delta = now - before;
  if (delta < 0) {
    const size = bits === 32 ? two32 : two64;
    if (!(ceiling > 0) || now < 0 || before >= size || (ceiling / scale) * (spanMs / 1000) >= size) return Number.NaN;
    delta += size;
  }
  const perSecond = (delta * scale * 1000) / spanMs;
  if (ceiling > 0 && perSecond > ceiling) return Number.NaN;
  // The span is known to a millisecond: digits beyond that say nothing, and every store and line would carry them.
  const rounded = perSecond < 1_000 ? Math.round(perSecond * 1e6) / 1e6 : Math.round(perSecond * 1e3) / 1e3;
  return ceiling > 0 && rounded > ceiling ? ceiling : rounded;
}
