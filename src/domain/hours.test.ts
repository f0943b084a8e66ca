import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateAt, isWithinHours, nextOutsideHours, nextWithinHours, spanOn } from './hours.ts';
import type { HoursOfWeek } from './person.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const office: HoursOfWeek = { weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00', timeZone: 'Asia/Makassar' };
const night: HoursOfWeek = { weekdays: everyDay, from: '22:00', to: '06:00', timeZone: 'Asia/Makassar' };
const at = (text: string) => Date.parse(text);
const hourMs = 3_600_000;

describe('hours of the week', () => {
  it('begin at their first moment and have ended at their last, by the clocks of their zone', () => {
    // Monday
    expect(isWithinHours([office], at('2026-11-30T07:59:59.999+08:00'))).toBe(false);
    expect(isWithinHours([office], at('2026-11-30T08:00:00+08:00'))).toBe(true);
    expect(isWithinHours([office], at('2026-11-30T15:59:59.999+08:00'))).toBe(true);
    expect(isWithinHours([office], at('2026-11-30T16:00:00+08:00'))).toBe(false);
    expect(isWithinHours([office], at('2026-11-29T10:00:00+08:00'))).toBe(false);
  });

  it('that end before they begin reach into the next day, whatever weekday that is', () => {
    const friday = { ...night, weekdays: [5] };
    expect(isWithinHours([friday], at('2026-12-05T05:59:00+08:00'))).toBe(true);
    expect(isWithinHours([friday], at('2026-12-04T05:59:00+08:00'))).toBe(false);
    expect(nextOutsideHours([friday], at('2026-12-04T23:00:00+08:00'))).toBe(at('2026-12-05T06:00:00+08:00'));
  });

  it('say when they begin next, over a weekend', () => {
    expect(nextWithinHours([office], at('2026-12-04T18:00:00+08:00'))).toBe(at('2026-12-07T08:00:00+08:00'));
    expect(nextWithinHours([{ ...office, weekdays: [] }], 0)).toBeNull();
  });

  it('that touch end together, and never when they are the whole week', () => {
    const evening = { ...office, from: '16:00', to: '22:00' };
    expect(nextOutsideHours([office, evening], at('2026-11-30T09:00:00+08:00'))).toBe(at('2026-11-30T22:00:00+08:00'));
    const always = { ...office, weekdays: everyDay, from: '00:00', to: '00:00' };
    expect(nextOutsideHours([always], at('2026-11-30T09:00:00+08:00'))).toBeNull();
  });

  it('are as long as a day of 23 or 25 hours is', () => {
    const day: HoursOfWeek = { weekdays: everyDay, from: '00:00', to: '00:00', timeZone: 'Europe/Berlin' };
    const lengthOn = (noon: string) => {
      const span = spanOn(day, dateAt(at(noon), day.timeZone));
      return span === null ? null : (span.to - span.from) / hourMs;
    };
    expect(lengthOn('2026-03-29T12:00:00Z')).toBe(23);
    expect(lengthOn('2026-10-25T12:00:00Z')).toBe(25);
    expect(lengthOn('2026-06-01T12:00:00Z')).toBe(24);
  });

  it('begin as much later as the clocks are put forward, and at the first of two equal times', () => {
    const early: HoursOfWeek = { weekdays: everyDay, from: '02:30', to: '05:00', timeZone: 'Europe/Berlin' };
    expect(nextWithinHours([early], at('2026-03-29T00:00:00Z'))).toBe(at('2026-03-29T03:30:00+02:00'));
    expect(nextWithinHours([early], at('2026-10-25T00:00:00Z'))).toBe(at('2026-10-25T02:30:00+02:00'));
    // 02:00 to 03:00 does not exist on that day.
    const skipped = { ...early, from: '02:00', to: '03:00' };
    expect(nextWithinHours([skipped], at('2026-03-29T00:00:00Z'))).toBe(at('2026-03-30T02:00:00+02:00'));
  });

  it('agree with themselves: what begins next is within, what ends is without, and nothing lies between', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
    const hours = fc.record({
      weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 7 }),
      from: time,
      to: time,
      timeZone: fc.constantFrom('Asia/Makassar', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe'),
    });
    const moment = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z') });
    fc.assert(
      fc.property(
        fc.array(hours, { minLength: 1, maxLength: 3 }),
        moment,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (list, from, part) => {
          const begin = nextWithinHours(list, from);
          if (begin !== null) {
            expect(isWithinHours(list, begin)).toBe(true);
            if (begin > from) expect(isWithinHours(list, Math.floor(from + (begin - from) * part))).toBe(false);
          }
          const end = nextOutsideHours(list, from);
          if (end !== null) {
            expect(isWithinHours(list, end)).toBe(false);
            if (end > from) expect(isWithinHours(list, Math.floor(from + (end - from) * part))).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
