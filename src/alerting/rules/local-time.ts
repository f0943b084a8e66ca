/** A moment on a wall clock. */
export interface LocalTime {
  /** ISO 8601 weekday, Monday 1. */
  readonly weekday: number;
  /** Minutes since midnight as the clock shows them. */
  readonly minute: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

const quarterS = 900;
const keptQuarters = 4_000;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * Local times of one zone of the IANA database. Offsets change at whole quarters of an hour, so that each quarter is
 * worked out once.
 */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #quarters = new Map<number, LocalTime>();

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  }

  /** `timeS`: seconds since the epoch. */
  at(timeS: number): LocalTime {
    const quarter = Math.floor(timeS / quarterS);
    const start = this.#quarters.get(quarter) ?? this.#workOut(quarter);
    const minute = start.minute + Math.floor((timeS - quarter * quarterS) / 60);
    return { ...start, minute };
  }

  /** 0 is Monday from midnight to one. */
  hourOfWeek(timeS: number): number {
    const { weekday, minute } = this.at(timeS);
    return (weekday - 1) * 24 + Math.floor(minute / 60);
  }

  #workOut(quarter: number): LocalTime {
    const parts = new Map(
      this.#format.formatToParts(quarter * quarterS * 1_000).map(({ type, value }) => [type, value] as const),
    );
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const time = {
      weekday: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
      minute: number('hour') * 60 + number('minute'),
      date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
    };
    if (this.#quarters.size >= keptQuarters) this.#quarters.clear();
    this.#quarters.set(quarter, time);
    return time;
  }
}

const clocks = new Map<string, LocalClock>();

export function localClock(timeZone: string): LocalClock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const made = new LocalClock(timeZone);
  clocks.set(timeZone, made);
  return made;
}
