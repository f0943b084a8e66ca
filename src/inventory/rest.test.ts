import { describe, expect, it } from 'vitest';
import { Rest } from './rest.ts';

describe('the rest between readings', () => {
  it('is none before the first, some times as long as the last, and at most two seconds', () => {
    const rest = new Rest();
    expect(rest.leftMs(0)).toBeLessThanOrEqual(0);
    rest.after(1_000, 1_020);
    expect(rest.leftMs(1_020)).toBe(100);
    expect(rest.leftMs(1_120)).toBe(0);
    rest.after(2_000, 9_000);
    expect(rest.leftMs(9_000)).toBe(2_000);
  });
});
