import { describe, expect, it } from 'vitest';
import { gapsOf, niceTop } from './chart.ts';
import { pathOf } from './sparkline.ts';

describe('gaps of a chart', () => {
  const times = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];
  const span = { from: 0, to: 100, stepS: 10 };

  it('are where no series has a value for two steps', () => {
    const values = [1, 1, 1, null, null, null, 1, 1, 1, 1];
    expect(gapsOf(times, [values], span)).toEqual([[20, 60]]);
    expect(gapsOf(times, [values, times.map(() => 5)], span)).toEqual([]);
  });

  it('reach to the edges, but a step that is not yet over is none', () => {
    expect(gapsOf(times, [[null, null, null, null, 1, 1, 1, 1, 1, null]], span)).toEqual([[0, 40]]);
    expect(gapsOf(times, [[1, 1, 1, 1, 1, null, null, null, null, null]], span)).toEqual([[40, 100]]);
    expect(gapsOf(times, [times.map(() => null)], span)).toEqual([[0, 100]]);
  });
});

describe('the top of an axis', () => {
  it('divides into four round steps and holds the highest value', () => {
    expect([0.28, 3, 61, 240, 1000].map(niceTop).map((top) => Number(top.toFixed(6)))).toEqual([
      0.32, 3.2, 80, 240, 1000,
    ]);
    expect(niceTop(0)).toBe(1);
    for (let most = 0.001; most < 1e10; most *= 1.37) {
      expect(niceTop(most)).toBeGreaterThanOrEqual(most);
      expect(niceTop(most)).toBeLessThanOrEqual(most * 1.7);
    }
  });
});

describe('a sparkline', () => {
  it('breaks at a gap and draws a lone value as a dot', () => {
    const path = pathOf([1, 2, null, 3, null, 4, 5], 60, 20);
    expect(path.match(/M/g)).toHaveLength(3);
    expect(path).toContain('h.1');
  });

  it('is empty without values and starts from zero for traffic', () => {
    expect(pathOf([null, null], 60, 20)).toBe('');
    expect(pathOf([0, 10], 60, 20)).toBe('M0.0 18.0L60.0 2.0');
  });

  it('stays in the middle for a level that hardly varies', () => {
    const heights = [...pathOf([24.0, 24.1, 24.0], 60, 20).matchAll(/ (\d+\.\d)/g)].map((match) => Number(match[1]));
    for (const y of heights) expect(Math.abs(y - 10)).toBeLessThan(2);
  });
});
