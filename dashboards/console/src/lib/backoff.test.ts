import { assert, double, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('the wait before the next try', () => {
  it('is about a second at first and doubles', () => {
    expect([1, 2, 3, 4].map((failures) => backoffMs(failures, () => 0.5))).toEqual([1000, 2000, 4000, 8000]);
  });

  it('stays within half a minute and a fifth, whatever came before', () => {
    assert(
      property(nat(10_000), double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const wait = backoffMs(failures, () => random);
        expect(wait).toBeGreaterThanOrEqual(800);
        expect(wait).toBeLessThanOrEqual(36_000);
      }),
    );
  });
});
