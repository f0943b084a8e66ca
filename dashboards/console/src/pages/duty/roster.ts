import { dateParts } from '../../lib/numbers.ts';
import { midnight } from '../../lib/report-periods.ts';
import type { NamedDuty } from './people-views.ts';

export interface RosterBar {
  readonly duty: NamedDuty;
  /** Share of the strip from its left edge, 0 to 1. */
  readonly left: number;
  readonly width: number;
}

export interface RosterRow {
  readonly personId: string;
  readonly name: string;
  readonly bars: readonly RosterBar[];
}

/** The first moments of `count` days and of the one after, beginning `shift` days from today: in the reader's zone. */
export function daysFrom(now: number, zone: string, count: number, shift = 0): readonly number[] {
  const { year, month, day } = dateParts(now, zone);
  return Array.from({ length: count + 1 }, (_, index) => midnight(zone, { year, month, day: day + shift + index }));
}

/** A line for each person who is on duty in the span, by name; duties are cut at its ends. */
export function rosterOf(duties: readonly NamedDuty[], from: number, to: number): readonly RosterRow[] {
  const rows = new Map<string, { personId: string; name: string; bars: RosterBar[] }>();
  for (const duty of duties) {
    const start = Math.max(from, Date.parse(duty.from));
    const end = Math.min(to, Date.parse(duty.to));
    if (end <= start) continue;
    const row = rows.get(duty.personId) ?? { personId: duty.personId, name: duty.personName, bars: [] };
    row.bars.push({ duty, left: (start - from) / (to - from), width: (end - start) / (to - from) });
    rows.set(duty.personId, row);
  }
  return [...rows.values()].sort((a, b) => a.name.localeCompare(b.name));
}
