import { describe, expect, it } from 'vitest';
import type { Calendar } from '../../domain/site.ts';
import { isWithinHours } from './calendar-hours.ts';
import { LocalClock } from './local-time.ts';
import { profileOf } from './usual.ts';

const at = (text: string): number => Date.parse(text) / 1_000;

describe('the hour of the week', () => {
  it('is that of the place', () => {
    // Monday in Makassar begins on Sunday at 16:00 UTC.
    expect(new LocalClock('Asia/Makassar').hourOfWeek(at('2026-11-29T16:00:00Z'))).toBe(0);
    expect(new LocalClock('Asia/Makassar').hourOfWeek(at('2026-11-29T15:59:59Z'))).toBe(167);
    expect(new LocalClock('Asia/Jakarta').hourOfWeek(at('2026-11-29T16:00:00Z'))).toBe(167);
    // Half an hour and three quarters of an hour off.
    expect(new LocalClock('Asia/Kolkata').hourOfWeek(at('2026-11-29T18:29:59Z'))).toBe(167);
    expect(new LocalClock('Asia/Kolkata').hourOfWeek(at('2026-11-29T18:30:00Z'))).toBe(0);
    expect(new LocalClock('Asia/Kathmandu').hourOfWeek(at('2026-11-29T18:15:00Z'))).toBe(0);
  });

  it('follows daylight saving: the office opens at nine in summer and in winter', () => {
    const berlin = new LocalClock('Europe/Berlin');
    expect(berlin.hourOfWeek(at('2026-10-19T07:00:00Z'))).toBe(9);
    expect(berlin.hourOfWeek(at('2026-10-26T08:00:00Z'))).toBe(9);
    // Two o'clock comes twice on 25 October, and never on 29 March.
    expect([0, 1, 2].map((h) => berlin.hourOfWeek(at('2026-10-25T00:30:00Z') + h * 3_600) % 24)).toEqual([2, 2, 3]);
    expect([0, 1].map((h) => berlin.hourOfWeek(at('2026-03-29T00:30:00Z') + h * 3_600) % 24)).toEqual([1, 3]);
  });

  it('makes one profile of the weeks on both sides of a change of the clock', () => {
    const from = at('2026-10-05T00:00:00Z');
    const times = Array.from({ length: 6 * 168 }, (_, hour) => from + hour * 3_600);
    const berlin = new LocalClock('Europe/Berlin');
    const values = times.map((time) => (berlin.hourOfWeek(time) === 9 ? 900 : 100));
    const profile = profileOf(times, values, 'Europe/Berlin');
    expect(profile[9]).toBe(900);
    expect(profile[8]).toBe(100);
    expect(profile[10]).toBe(100);
  });

  it('says nothing of an hour that fewer than three weeks know, and takes the middle of those that do', () => {
    const monday = at('2026-11-02T00:00:00Z');
    const times = [0, 1, 2, 3].map((week) => monday + week * 7 * 86_400);
    expect(profileOf(times, [10, 1_000, 12, 14], 'UTC')[0]).toBe(13);
    expect(profileOf(times, [10, null, null, 14], 'UTC')[0]).toBeNaN();
  });
});

describe('hours of a calendar', () => {
  const calendar: Calendar = {
    id: '' as Calendar['id'],
    name: 'Jam',
    timeZone: 'Asia/Makassar',
    windows: [
      { purpose: 'office', weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' },
      { purpose: 'attendance', weekdays: [1], from: '22:00', to: '02:00' },
    ],
    holidays: ['2026-12-25'],
  };

  it('are of its own zone, without holidays and other purposes', () => {
    expect(isWithinHours(calendar, 'office', at('2026-11-30T00:00:00Z'))).toBe(true);
    expect(isWithinHours(calendar, 'office', at('2026-11-29T23:59:59Z'))).toBe(false);
    expect(isWithinHours(calendar, 'office', at('2026-11-30T08:00:00Z'))).toBe(false);
    expect(isWithinHours(calendar, 'office', at('2026-12-25T01:00:00Z'))).toBe(false);
    expect(isWithinHours(calendar, 'office', at('2026-12-26T01:00:00Z'))).toBe(false);
  });

  it('go over midnight', () => {
    expect(isWithinHours(calendar, 'attendance', at('2026-11-30T15:00:00Z'))).toBe(true);
    expect(isWithinHours(calendar, 'attendance', at('2026-11-30T17:59:00Z'))).toBe(true);
    expect(isWithinHours(calendar, 'attendance', at('2026-11-30T18:00:00Z'))).toBe(false);
    expect(isWithinHours(calendar, 'attendance', at('2026-11-29T17:00:00Z'))).toBe(false);
  });
});
