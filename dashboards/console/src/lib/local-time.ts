import { dateParts } from './numbers.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** What a field of type `datetime-local` holds for a moment (milliseconds since the epoch) in a time zone. */
export function localText(at: number, zone: string): string {
  const { year, month, day, hour, minute } = dateParts(at, zone);
  return `${year}-${two(month)}-${two(day)}T${hour}:${minute}`;
}

/**
 * The moment (milliseconds since the epoch) of `2026-11-30T08:00` in a time zone; null when the text is none. An hour
 * that the clocks leave out is taken as the one after it.
 */
export function momentOfLocal(text: string, zone: string): number | null {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text.slice(0, 16) + 'Z') : Number.NaN;
  if (Number.isNaN(wall)) return null;
  let at = wall;
  // The second pass is for a guess on the other side of a change of the clocks.
  for (let pass = 0; pass < 2; pass++) at += wall - Date.parse(localText(at, zone) + 'Z');
  return at;
}
