import { i18n, t } from '../../lib/i18n.svelte.ts';
import type { HoursOfWeek } from './people-views.ts';

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** `Sen–Jum 08.00–16.00`: days that follow each other as a span. */
export function hoursText(hours: HoursOfWeek): string {
  const name = (day: number): string => t(`duty.weekday.${day as (typeof weekdays)[number]}`);
  const sorted = [...hours.weekdays].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return t('duty.never');
  const inRow = sorted.length > 2 && last - first === sorted.length - 1;
  const days =
    sorted.length === 7 ? t('duty.daily') : inRow ? `${name(first)}–${name(last)}` : sorted.map(name).join(', ');
  return `${days} ${clock(hours.from)}–${clock(hours.to)}`;
}

/** A time of day as the reader's language writes it: `08.00`. */
const clock = (time: string): string => (i18n.language === 'id' ? time.replace(':', '.') : time);
