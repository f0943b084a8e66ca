import { describe, expect, it } from 'vitest';
import { lastsAt, nextEdgeOf, type RecurringSpan } from './recurrence.ts';

const at = (text: string) => Date.parse(text);
const sundays = (timeZone: string, from: string, until: string | null = null): RecurringSpan => ({
  from: at(from),
  to: at(from) + 2 * 3_600_000,
  recurrence: { weekdays: [7], timeZone, until },
});

/** The next edges from a moment on. */
function edges(span: RecurringSpan, from: string, count: number): string[] {
  const found: string[] = [];
  let moment: number | null = at(from);
  while (found.length < count) {
    moment = nextEdgeOf(span, moment);
    if (moment === null) break;
    found.push(new Date(moment).toISOString());
  }
  return found;
}

describe('a span that recurs', () => {
  it('comes again on its weekdays at the same time, for as long', () => {
    const span = sundays('Asia/Makassar', '2026-11-29T23:00:00+08:00');
    expect(edges(span, '2026-11-29T00:00:00Z', 4)).toEqual([
      '2026-11-29T15:00:00.000Z',
      '2026-11-29T17:00:00.000Z',
      '2026-12-06T15:00:00.000Z',
      '2026-12-06T17:00:00.000Z',
    ]);
    expect(lastsAt(span, at('2026-12-06T16:59:59Z'))).toBe(true);
    expect(lastsAt(span, at('2026-12-06T17:00:00Z'))).toBe(false);
    expect(lastsAt(span, at('2026-11-22T16:00:00Z'))).toBe(false);
  });

  it('keeps the time of its clocks when they are changed, and its length', () => {
    const span = sundays('Europe/Berlin', '2026-10-18T01:00:00+02:00');
    // The clocks go back at 03:00 of the 25th: two hours from 01:00 on end where they show 02:00 for the second time.
    expect(edges(span, '2026-10-18T12:00:00Z', 4)).toEqual([
      '2026-10-24T23:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-11-01T00:00:00.000Z',
      '2026-11-01T02:00:00.000Z',
    ]);
    const spring = sundays('Europe/Berlin', '2026-03-22T02:30:00+01:00');
    // 02:30 is left out on the 29th.
    expect(edges(spring, '2026-03-28T12:00:00Z', 2)).toEqual(['2026-03-29T01:30:00.000Z', '2026-03-29T03:30:00.000Z']);
  });

  it('begins no more from its end on', () => {
    const span = sundays('Asia/Makassar', '2026-11-29T23:00:00+08:00', '2026-12-06T15:00:00Z');
    expect(edges(span, '2026-11-29T17:00:00Z', 4)).toEqual([]);
    expect(lastsAt(span, at('2026-12-06T16:00:00Z'))).toBe(false);
  });

  it('is once when it does not recur', () => {
    const span = { ...sundays('Asia/Makassar', '2026-11-29T23:00:00+08:00'), recurrence: null };
    expect(edges(span, '2026-11-01T00:00:00Z', 5)).toHaveLength(2);
  });
});
