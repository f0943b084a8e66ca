import { describe, expect, it } from 'vitest';
import { Restarts } from './restarts.ts';

describe('a restart', () => {
  it('is an uptime that began after the last answer', () => {
    const restarts = new Restarts();
    restarts.observe('a', 1000, 0);
    expect(restarts.observe('a', 1005, 5_000)).toBe(false);
    expect(restarts.observe('a', 12, 40_000)).toBe(true);
  });

  it('is not an answer that was long on its way', () => {
    const restarts = new Restarts();
    restarts.observe('a', 6_480_000, 0);
    expect(restarts.observe('a', 6_480_000, 45_000)).toBe(false);
  });

  it('is not the wrap of sysUpTime after 497 days', () => {
    const restarts = new Restarts();
    restarts.observe('a', 2 ** 32 / 100 - 2, 0);
    expect(restarts.observe('a', 3, 5_000)).toBe(false);
  });
});
