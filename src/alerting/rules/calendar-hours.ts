import type { Calendar } from '../../domain/site.ts';
import { localClock } from './local-time.ts';

/** Whether a calendar has a window of that purpose then (seconds since the epoch); never on its holidays. */
export function isWithinHours(calendar: Calendar, purpose: 'office' | 'attendance', timeS: number): boolean {
  const { weekday, minute, date } = localClock(calendar.timeZone).at(timeS);
  if (calendar.holidays.includes(date)) return false;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return calendar.windows.some((window) => {
    if (window.purpose !== purpose) return false;
    const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
    if (from <= to) return window.weekdays.includes(weekday) && minute >= from && minute < to;
    // It goes over midnight.
    return (
      (window.weekdays.includes(weekday) && minute >= from) || (window.weekdays.includes(yesterday) && minute < to)
    );
  });
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}
