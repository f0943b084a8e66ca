/** A period of whole days in a time zone; `to` is the first moment after it. Milliseconds since the epoch. */
export interface ReportPeriod {
  readonly from: number;
  readonly to: number;
}

export const periodNames = ['7d', '30d', 'month', 'last-month', 'year'] as const;
export type PeriodName = (typeof periodNames)[number];

interface Day {
  readonly year: number;
  /** 1 to 12, as people count. */
  readonly month: number;
  readonly day: number;
}

function dayIn(zone: string, at: number): Day {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const [year = 1970, month = 1, day = 1] = parts.format(at).split('-').map(Number);
  return { year, month, day };
}

/** When a day begins there. Months and days beyond their end run on, as with `Date.UTC`. */
export function midnight(zone: string, { year, month, day }: Day): number {
  const guess = Date.UTC(year, month - 1, day);
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
  });
  const part = Object.fromEntries(text.formatToParts(guess).map(({ type, value }) => [type, Number(value)]));
  const there = Date.UTC(
    part['year'] ?? year,
    (part['month'] ?? month) - 1,
    part['day'] ?? day,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
  );
  return guess - (there - guess);
}

export function periodOf(name: PeriodName, zone: string, now: number): ReportPeriod {
  const today = dayIn(zone, now);
  const start = (change: Partial<Day>): number => midnight(zone, { ...today, ...change });
  switch (name) {
    case '7d':
      return { from: start({ day: today.day - 6 }), to: now };
    case '30d':
      return { from: start({ day: today.day - 29 }), to: now };
    case 'month':
      return { from: start({ day: 1 }), to: now };
    case 'last-month':
      return { from: start({ month: today.month - 1, day: 1 }), to: start({ day: 1 }) };
    case 'year':
      return { from: start({ month: 1, day: 1 }), to: now };
  }
}

/** `2026-11-01` to `2026-11-30`, both days included; null when that is no period. */
export function periodBetween(first: string, last: string, zone: string): ReportPeriod | null {
  const [from, to] = [dayOf(first), dayOf(last)];
  if (from === null || to === null) return null;
  const period = { from: midnight(zone, from), to: midnight(zone, { ...to, day: to.day + 1 }) };
  return period.from < period.to ? period : null;
}

function dayOf(text: string): Day | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return found === null ? null : { year: Number(found[1]), month: Number(found[2]), day: Number(found[3]) };
}
