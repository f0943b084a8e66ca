import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multipleOf, roundStep, stepTimes } from './steps.ts';

describe('roundStep', () => {
  it('never gives more points than asked for, wherever the range begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e9 }),
        fc.integer({ min: 1, max: 3e8 }),
        fc.integer({ min: 2, max: 2000 }),
        (from, range, maxPoints) => {
          const step = roundStep(range, maxPoints, 1);
          expect(stepTimes(from, from + range, step).length).toBeLessThanOrEqual(maxPoints);
        },
      ),
    );
  });

  it('takes half an hour for a day in 49 points, and never less than the minimum', () => {
    expect(roundStep(86_400, 49, 60)).toBe(1_800);
    expect(roundStep(600, 1000, 60)).toBe(60);
  });
});

describe('stepTimes', () => {
  it('aligns to multiples of the step since the epoch and covers the range', () => {
    expect(stepTimes(65, 181, 60)).toEqual([60, 120, 180]);
    expect(stepTimes(60, 180, 60)).toEqual([60, 120]);
  });
});

describe('multipleOf', () => {
  it('goes up to the next whole number of tiers', () => {
    expect([multipleOf(60, 300), multipleOf(300, 300), multipleOf(301, 300)]).toEqual([300, 300, 600]);
  });
});
