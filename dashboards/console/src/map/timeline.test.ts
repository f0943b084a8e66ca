import { describe, expect, it } from 'vitest';
import { barsOf, marksOf, offsetOf, periods } from './timeline.ts';

const wita = 8 * 3_600_000;

describe('the bars of the time slider', () => {
  const timeline = (dark: number[], unknown: boolean[] = dark.map(() => false)) => ({
    from: '2026-11-24T00:00:00Z',
    to: '2026-11-25T00:00:00Z',
    stepS: 300,
    dark,
    unknown,
  });

  it('are none where nothing was dark', () => {
    expect(barsOf(timeline([0, 0, 0]))).toEqual([]);
  });

  it('say unknown where no controller ran, whatever the number', () => {
    const bars = barsOf(timeline([0, 4, 9], [true, true, false]));
    expect(bars.map((bar) => bar.kind)).toEqual(['unknown', 'unknown', 'dark']);
  });

  it('grow with the number and stay in their field', () => {
    const bars = barsOf(timeline([1, 9, 400]));
    expect(bars.map((bar) => bar.kind)).toEqual(['few', 'dark', 'dark']);
    expect(bars[0]?.height).toBeLessThan(bars[1]?.height ?? 0);
    expect(bars[2]?.height).toBeLessThanOrEqual(34);
  });
});

describe('the marks of the time slider', () => {
  it('stand at round hours of the reader’s day', () => {
    const to = Date.parse('2026-11-24T18:14:00Z');
    const marks = marksOf(to - periods[2].ms, to, wita);
    expect(marks.length).toBeGreaterThan(6);
    for (const { at } of marks) expect(((at + wita) / 3_600_000) % 3).toBe(0);
  });

  it('stand at midnight of the reader’s day for a week', () => {
    const to = Date.parse('2026-11-24T18:14:00Z');
    for (const { at } of marksOf(to - periods[3].ms, to, wita)) expect((at + wita) % 86_400_000).toBe(0);
  });

  it('know how far the zone is ahead', () => {
    expect(offsetOf('Asia/Makassar', Date.parse('2026-11-24T18:14:35Z'))).toBe(wita);
    expect(offsetOf('UTC', 0)).toBe(0);
  });
});
