import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestSpanMs, rateOf, shortestSpanMs } from './rates.ts';

const gigabit = 1e9 * 1.05;
const octets32 = { bits: 32, scale: 8, ceiling: gigabit } as const;
const octets64 = { bits: 64, scale: 8, ceiling: gigabit } as const;

describe('rateOf', () => {
  it('is the growth of the counter per second, scaled', () => {
    expect(rateOf({ ...octets64, before: 1_000, now: 126_000, spanMs: 10_000 })).toBe(100_000);
  });

  it('takes a 32-bit wrap for what it is', () => {
    expect(rateOf({ ...octets32, before: 2 ** 32 - 1_000, now: 249_000, spanMs: 10_000 })).toBe(200_000);
  });

  it('believes no wrap that would be faster than the line', () => {
    expect(rateOf({ ...octets32, ceiling: 1e6, before: 3_000_000_000, now: 5, spanMs: 10_000 })).toBeNaN();
  });

  it('believes no wrap where the counter may have wrapped twice', () => {
    expect(rateOf({ ...octets32, ceiling: 1e10, before: 4_000_000_000, now: 5, spanMs: 10_000 })).toBeNaN();
  });

  it('believes no wrap without a ceiling', () => {
    expect(rateOf({ ...octets32, ceiling: 0, before: 4_294_967_000, now: 5, spanMs: 10_000 })).toBeNaN();
  });

  it('gives nothing after a 64-bit counter was cleared', () => {
    expect(rateOf({ ...octets64, before: 8e12, now: 12, spanMs: 10_000 })).toBeNaN();
  });

  it('gives nothing for the first reading', () => {
    expect(rateOf({ ...octets64, before: Number.NaN, now: 12, spanMs: 10_000 })).toBeNaN();
  });

  const anything = fc.record({
    bits: fc.constantFrom(32 as const, 64 as const),
    before: fc.oneof(fc.double(), fc.nat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 64 - 2048, Number.NaN)),
    now: fc.oneof(fc.double(), fc.nat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 64 - 2048, Number.NaN)),
    spanMs: fc.oneof(fc.double(), fc.integer({ min: 0, max: 200_000 })),
    scale: fc.constantFrom(1, 8),
    ceiling: fc.oneof(fc.constantFrom(0, 1e6, gigabit), fc.double({ min: 0, noNaN: true })),
  });

  it('is never negative, never infinite under a ceiling, never above the ceiling', () => {
    fc.assert(
      fc.property(anything, (reading) => {
        const rate = rateOf(reading);
        if (Number.isNaN(rate)) return;
        expect(rate).toBeGreaterThanOrEqual(0);
        if (reading.ceiling > 0) expect(rate).toBeLessThanOrEqual(reading.ceiling);
        expect(reading.spanMs).toBeGreaterThanOrEqual(shortestSpanMs);
        expect(reading.spanMs).toBeLessThanOrEqual(longestSpanMs);
      }),
      { numRuns: 5_000 },
    );
  });

  it('finds the true rate of any steady flow, at irregular intervals and over any wrap of 32 bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 0, max: 125_000_000 }),
        fc.array(fc.integer({ min: 1_000, max: 30_000 }), { minLength: 1, maxLength: 20 }),
        (start, octetsPerSecond, spans) => {
          let total = start;
          for (const spanMs of spans) {
            const before = total % 2 ** 32;
            total += Math.floor((octetsPerSecond * spanMs) / 1000);
            const rate = rateOf({ ...octets32, before, now: total % 2 ** 32, spanMs });
            expect(Math.abs(rate - octetsPerSecond * 8)).toBeLessThanOrEqual((8 * 1000) / spanMs + 1e-3);
          }
        },
      ),
    );
  });
});
