import { describe, expect, it } from 'vitest';
import { periodBetween, periodOf } from './report-periods.ts';

const text = (period: { from: number; to: number } | null): string[] | null =>
  period === null ? null : [new Date(period.from).toISOString(), new Date(period.to).toISOString()];

describe('the period of a report', () => {
  // 02.00 of the first of December in Makassar, the last of November in London.
  const now = Date.UTC(2026, 10, 30, 18);

  it('has the days of the reader’s zone', () => {
    expect(text(periodOf('month', 'Asia/Makassar', now))).toEqual([
      '2026-11-30T16:00:00.000Z',
      '2026-11-30T18:00:00.000Z',
    ]);
    expect(text(periodOf('last-month', 'Asia/Makassar', now))).toEqual([
      '2026-10-31T16:00:00.000Z',
      '2026-11-30T16:00:00.000Z',
    ]);
    expect(text(periodOf('month', 'UTC', now))?.[0]).toBe('2026-11-01T00:00:00.000Z');
    expect(text(periodOf('7d', 'Asia/Makassar', now))?.[0]).toBe('2026-11-24T16:00:00.000Z');
    expect(text(periodOf('last-month', 'Asia/Jakarta', Date.UTC(2026, 0, 5)))).toEqual([
      '2025-11-30T17:00:00.000Z',
      '2025-12-31T17:00:00.000Z',
    ]);
  });

  it('holds both of the days that were chosen', () => {
    expect(text(periodBetween('2026-11-01', '2026-11-30', 'Asia/Makassar'))).toEqual([
      '2026-10-31T16:00:00.000Z',
      '2026-11-30T16:00:00.000Z',
    ]);
    expect(periodBetween('2026-11-02', '2026-11-01', 'UTC')).toBeNull();
    expect(periodBetween('', '2026-11-01', 'UTC')).toBeNull();
  });
});
