import { describe, expect, it } from 'vitest';
import { nextAttendance } from './attendance.ts';

const windows = [
  { purpose: 'attendance' as const, weekdays: [1, 2, 3, 4, 5], from: '07:15', to: '08:15' },
  { purpose: 'attendance' as const, weekdays: [1, 2, 3, 4, 5], from: '16:00', to: '17:00' },
  { purpose: 'office' as const, weekdays: [1, 2, 3, 4, 5, 6, 7], from: '06:00', to: '17:00' },
];
const bone = { timeZone: 'Asia/Makassar', windows, holidays: ['2026-12-25'] };
const hours = (count: number) => count * 3_600_000;
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

describe('when people clock in next', () => {
  it('is the first window after now, by the clock of the place', () => {
    expect(iso(nextAttendance([bone], Date.parse('2026-11-23T18:12:00Z'), hours(18)))).toBe('2026-11-23T23:15:00.000Z');
    expect(iso(nextAttendance([bone], Date.parse('2026-11-24T00:00:00Z'), hours(18)))).toBe('2026-11-24T08:00:00.000Z');
  });

  it('is nothing on holidays, at weekends, and where it is too far ahead', () => {
    expect(nextAttendance([bone], Date.parse('2026-12-24T20:00:00Z'), hours(18))).toBeNull();
    expect(nextAttendance([bone], Date.parse('2026-11-27T20:00:00Z'), hours(18))).toBeNull();
    expect(nextAttendance([bone], Date.parse('2026-11-23T18:12:00Z'), hours(2))).toBeNull();
    expect(nextAttendance([], Date.parse('2026-11-23T18:12:00Z'), hours(18))).toBeNull();
  });

  it('keeps to the clock when it is set: a day of 23 hours begins as every day', () => {
    const berlin = {
      timeZone: 'Europe/Berlin',
      windows: windows.slice(0, 1).map((one) => ({ ...one, weekdays: [7] })),
      holidays: [],
    };
    // 29 March 2026, summer time begins at 01:00 UTC
    expect(iso(nextAttendance([berlin], Date.parse('2026-03-28T22:00:00Z'), hours(18)))).toBe(
      '2026-03-29T05:15:00.000Z',
    );
  });
});
