import type { Calendar } from '../../domain/site.ts';

const minute = 60_000;
const hour = 60 * minute;

/** When people clock in or out next, milliseconds since the epoch; null when not within `withinMs`. */
export function nextAttendance(
  calendars: readonly Pick<Calendar, 'timeZone' | 'windows' | 'holidays'>[],
  now: number,
  withinMs: number,
): number | null {
  const starts = calendars.flatMap(({ timeZone, windows, holidays }) =>
    datesFrom(now, withinMs, timeZone).flatMap((date) => {
      if (holidays.includes(date)) return [];
      const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
      return windows
        .filter(({ purpose, weekdays }) => purpose === 'attendance' && weekdays.includes(weekday))
        .map(({ from }) => instantOf(date, from, timeZone));
    }),
  );
  const coming = starts.filter((at) => at > now && at <= now + withinMs);
  return coming.length === 0 ? null : Math.min(...coming);
}

/** The days that it is there meanwhile; asked by the hour, for a day may have 23. */
function datesFrom(now: number, withinMs: number, timeZone: string): readonly string[] {
  const hours = Array.from({ length: Math.ceil(withinMs / hour) + 1 }, (_, ahead) => now + ahead * hour);
  return [...new Set(hours.map((at) => localDate(at, timeZone)))];
}

function localDate(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
}

/** A local time as an instant: its clock reading as if it were UTC, corrected by the zone's offset then. */
function instantOf(date: string, time: string, timeZone: string): number {
  const reading = Date.parse(`${date}T${time}:00Z`);
  const offset = (at: number): number => {
    const parts = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(at);
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '00';
    return (
      Date.parse(`${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:00Z`) -
      Math.floor(at / minute) * minute
    );
  };
  return reading - offset(reading - offset(reading));
}
