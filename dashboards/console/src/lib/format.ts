import * as numbers from './numbers.ts';
import { i18n } from './i18n.svelte.ts';
import { currentTime, now } from './now.svelte.ts';

/** The formats of `numbers.ts` in the reader's language and zone. What reads them is drawn again when those change. */
type Maybe = number | null | undefined;

export const none = numbers.none;
export const number = (value: Maybe, decimals = 0): string => numbers.number(i18n.language, value, decimals);
export const percent = (value: Maybe, decimals = 0): string => numbers.percent(i18n.language, value, decimals);
export const quantity = (value: Maybe, unit: string, decimals = 0): string =>
  numbers.quantity(i18n.language, value, unit, decimals);
/** Bits per second: `1,2 Gbps`. */
export const rate = (bps: Maybe): string => numbers.rate(i18n.language, bps);
/** Of an interface or link, short: `1 G`. */
export const capacity = (bps: Maybe): string => numbers.capacity(i18n.language, bps);
export const bytes = (value: Maybe): string => numbers.bytes(i18n.language, value);
/** `02.14`, with seconds `02.14.03`. Milliseconds since the epoch. */
export const time = (at: number, seconds = false): string => numbers.timeOfDay(i18n.language, at, i18n.zone, seconds);
export const day = (at: number): string => numbers.day(i18n.language, at, i18n.zone, currentTime());
export const month = (at: number): string => numbers.month(i18n.language, at, i18n.zone);
export const dayWithWeekday = (at: number): string => numbers.dayWithWeekday(i18n.language, at, i18n.zone);
export const instant = (at: number, seconds = true): string => numbers.instant(i18n.language, at, i18n.zone, seconds);
/** Ticks each second. */
export const age = (at: number): string => numbers.age(i18n.language, at, now(), i18n.zone);
export const duration = (ms: Maybe): string => numbers.duration(i18n.language, ms);
/** `00.03.49` since a moment; ticks each second. */
export const ticking = (since: number): string => numbers.ticking(i18n.language, now() - since);
export const zone = (): string => numbers.zoneName(i18n.zone);
/** The day and the time, also of today: where nothing around it says that a time of today is meant. */
export const dated = (at: number): string => numbers.dated(i18n.language, at, i18n.zone, currentTime());
/** On the day itself the time with seconds, before that the day and time. */
export const moment = (at: number): string => {
  const here = numbers.dateParts(currentTime(), i18n.zone);
  const there = numbers.dateParts(at, i18n.zone);
  return here.day === there.day && here.month === there.month && here.year === there.year
    ? time(at, true)
    : `${day(at)} ${time(at)}`;
};
