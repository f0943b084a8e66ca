import { Temporal } from 'temporal-polyfill';
import type { HoursOfWeek } from './person.ts';

/** From `from` on, until before `to`; milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const dayMs = 86_400_000;
/** A week comes round in seven days; one more week for the hour that a change of the clocks swallowed. */
const horizonDays = 15;

/** Until when spans cover a time that begins at `at` without a gap; `at` itself where none does. */
export function coveredUntil(spans: readonly Span[], at: number): number {
  let until = at;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) if (from <= until) until = Math.max(until, to);
  return until;
}

/**
 * The moment at which the clocks of a zone show a time. One that they show twice is the first of the two; one that they
 * leave out is as much later as they are put forward (RFC 5545, section 3.3.5).
 */
export function momentOf(date: Temporal.PlainDate, time: string, timeZone: string): number {
  return date.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds;
}

/** The date that the clocks of a zone show at a moment. */
export function dateAt(at: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** Whether a moment lies in one of these hours. */
export function isWithinHours(hours: readonly HoursOfWeek[], at: number): boolean {
  return hours.some((one) => spanAt(one, at) !== null);
}

/** The first moment from `at` on that lies in one of these hours: `at` itself, or a later one; null when none ever does. */
export function nextWithinHours(hours: readonly HoursOfWeek[], at: number): number | null {
  if (isWithinHours(hours, at)) return at;
  const begins = hours.map((one) => nextBegin(one, at)).filter((begin) => begin !== null);
  return begins.length === 0 ? null : Math.min(...begins);
}

/** The first moment from `at` on that lies in none of these hours; null when they never end. */
export function nextOutsideHours(hours: readonly HoursOfWeek[], at: number): number | null {
  let end = at;
  // Hours that touch are one: each round goes past the ends of all that hold at the moment.
  while (end - at < horizonDays * dayMs) {
    const ends = hours.map((one) => spanAt(one, end)?.to ?? end);
    const latest = Math.max(end, ...ends);
    if (latest === end) return end;
    end = latest;
  }
  return null;
}

/** The hours of one day of the week, as a span; null on a day that has none, or whose hours the clocks leave out. */
export function spanOn(hours: HoursOfWeek, date: Temporal.PlainDate): Span | null {
  if (!hours.weekdays.includes(date.dayOfWeek)) return null;
  // The same time twice is a whole day.
  const last = hours.to > hours.from ? date : date.add({ days: 1 });
  const from = momentOf(date, hours.from, hours.timeZone);
  const to = momentOf(last, hours.to, hours.timeZone);
  return to > from ? { from, to } : null;
}

/** The span of these hours that a moment lies in: it began today or yesterday. */
function spanAt(hours: HoursOfWeek, at: number): Span | null {
  const today = dateAt(at, hours.timeZone);
  for (const date of [today, today.subtract({ days: 1 })]) {
    const span = spanOn(hours, date);
    if (span !== null && span.from <= at && at < span.to) return span;
  }
  return null;
}

function nextBegin(hours: HoursOfWeek, at: number): number | null {
  const today = dateAt(at, hours.timeZone);
  for (let days = 0; days < horizonDays; days++) {
    const span = spanOn(hours, today.add({ days }));
    if (span !== null && span.from >= at) return span.from;
  }
  return null;
}
