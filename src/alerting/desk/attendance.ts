import type { Calendar } from '../../domain/site.ts';

/** So long before a window opens a terminal must be repaired, if anybody is to be on time. */
const headStartMs = 45 * 60_000;

/** What a moment (milliseconds since the epoch) is at a site: people clock in or out, an office day, or a free one. */
export type AttendanceHour = 'attendance' | 'office-day' | 'free-day';

/**
 * By the calendar of a site: also shortly before a window opens it is time to clock in. A site without windows of
 * attendance has office days only.
 */
export function attendanceAt(calendar: Calendar | null, at: number): AttendanceHour {
  const windows = calendar?.windows.filter(({ purpose }) => purpose === 'attendance') ?? [];
  if (calendar === null || windows.length === 0) return 'office-day';
  const isOpen = (moment: number): boolean => {
    const { weekday, time, date } = localTime(calendar.timeZone, moment);
    if (calendar.holidays.includes(date)) return false;
    const yesterday = weekday === 1 ? 7 : weekday - 1;
    return windows.some(({ weekdays, from, to }) => {
      if (from <= to) return weekdays.includes(weekday) && time >= from && time < to;
      return (weekdays.includes(weekday) && time >= from) || (weekdays.includes(yesterday) && time < to);
    });
  };
  if (isOpen(at) || isOpen(at + headStartMs)) return 'attendance';
  const { weekday, date } = localTime(calendar.timeZone, at);
  const isOfficeDay = !calendar.holidays.includes(date) && windows.some(({ weekdays }) => weekdays.includes(weekday));
  return isOfficeDay ? 'office-day' : 'free-day';
}

const formats = new Map<string, Intl.DateTimeFormat>();
const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** As the clocks there show it: ISO 8601 weekday, `HH:MM`, `YYYY-MM-DD`. */
export function localTime(timeZone: string, at: number): { weekday: number; time: string; date: string } {
  const known = formats.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value] as const));
  return {
    weekday: weekdayNames.indexOf(parts.get('weekday') ?? '') + 1,
    time: `${parts.get('hour')}:${parts.get('minute')}`,
    date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
  };
}
