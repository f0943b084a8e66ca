import { Temporal } from 'temporal-polyfill';
import { Type, type Static } from 'typebox';
import { dateAt, momentOf, type Span } from './hours.ts';

/** A repeated span lasts no longer: the next one may begin a day later. */
export const longestRepeatedMs = 86_400_000;
const horizonDays = 15;

/** When a span comes again: on these days of the week at the time at which it first began, for as long. */
export const Recurrence = Type.Object(
  {
    /** ISO 8601 weekdays, Monday 1. */
    weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { uniqueItems: true, minItems: 1, maxItems: 7 }),
    /** IANA name: it begins at the same time of its clocks, also when they are changed. */
    timeZone: Type.String({ maxLength: 60, examples: ['Asia/Makassar'] }),
    /** None begins at this moment or later; null: it goes on. */
    until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Recurrence = Static<typeof Recurrence>;

/** A span, the first one when it recurs. */
export interface RecurringSpan extends Span {
  readonly recurrence: Recurrence | null;
}

/** Whether it lasts at a moment. */
export function lastsAt(span: RecurringSpan, at: number): boolean {
  return spansAround(span, at, 0).some(({ from, to }) => from <= at && at < to);
}

/** Those of its spans that reach into a time, which is a month long at most. */
export function spansIn(span: RecurringSpan, from: number, to: number): readonly Span[] {
  const days = Math.min(32, Math.ceil((to - from) / longestRepeatedMs) + 1);
  return spansAround(span, from, days).filter((one) => one.from < to && one.to > from);
}

/** The next moment after `at` at which one of its spans begins or ends; null when all are over. */
export function nextEdgeOf(span: RecurringSpan, at: number): number | null {
  const edges = spansAround(span, at, horizonDays).flatMap(({ from, to }) => [from, to]);
  const ahead = edges.filter((edge) => edge > at);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

/** The first span, and those that begin from the day before a moment on until so many days after it. */
function spansAround(span: RecurringSpan, at: number, days: number): readonly Span[] {
  const { from, to, recurrence } = span;
  const spans: Span[] = [{ from, to }];
  if (recurrence === null) return spans;
  const { weekdays, timeZone } = recurrence;
  const until = recurrence.until === null ? Infinity : Date.parse(recurrence.until);
  const time = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone).toPlainTime().toString();
  const today = dateAt(Math.max(at, from), timeZone);
  for (let day = -1; day <= days; day++) {
    const date = today.add({ days: day });
    const begin = momentOf(date, time, timeZone);
    if (!weekdays.includes(date.dayOfWeek) || begin <= from || begin >= until) continue;
    // A time that the clocks leave out or show twice moves its begin, never how long it lasts (RFC 5545, DURATION).
    spans.push({ from: begin, to: begin + (to - from) });
  }
  return spans;
}
