import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import { seriesOf, type Measurement, type Series, type SeriesTagName } from '../../domain/point.ts';
import { localClock } from './local-time.ts';
import type { UsualSource } from './rule-context.ts';
import type { Usual } from './watch.ts';

/** What is read of the past: the metric store's question, as far as it is asked here. */
export interface PastReader {
  query(query: {
    readonly measurement: Measurement;
    readonly fields: readonly string[];
    readonly filter: { readonly [Tag in SeriesTagName]?: readonly string[] };
    readonly from: number;
    readonly to: number;
    readonly step: { readonly stepS: number };
    readonly aggregate: 'mean' | 'last' | 'count';
    readonly groupBy: readonly SeriesTagName[];
  }): Promise<{
    readonly stepS: number;
    readonly times: readonly number[];
    readonly series: readonly {
      readonly tags: Readonly<Record<string, string>>;
      readonly field: string;
      readonly values: readonly (number | null)[];
    }[];
  }>;
}

const hourS = 3_600;
const hoursOfWeek = 168;
const weeks = 6;
/** Fewer weeks say nothing of what is usual. */
const leastWeeks = 3;
const againAfterMs = 24 * 3_600_000;
const againAfterFailureMs = 60_000;
/** Series in one question, and between two of them a pause: nobody waits for it. */
const seriesAtOnce = 100;
const pauseMs = 250;
/** Each holds 168 numbers of four bytes: 14 MB in all. */
const mostProfiles = 20_000;

interface Profile {
  readonly series: Series;
  readonly field: string;
  readonly timeZone: string;
  /** By hour of the week; null before the first reading. */
  hours: Float32Array | null;
  /** Milliseconds since the epoch: not read before. */
  nextReadMs: number;
  isWaiting: boolean;
}

/**
 * What is usual of a series at an hour of the week: the median of that hour's means over the last six weeks, by the wall
 * clock of the place. Read when a rule first asks, a few series at a time, and once a day from then on.
 */
export class UsualProfiles implements UsualSource {
  readonly #store: PastReader;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #profiles = new Map<string, Profile>();
  readonly #waiting: Profile[] = [];
  #reading: Promise<void> | null = null;
  #stopped = false;

  constructor(options: { readonly store: PastReader; readonly clock: Clock; readonly logger: Logger }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.length = 0;
    await this.#reading;
  }

  usualOf(series: Series, field: string, timeZone: string): Usual {
    const key = `${field} ${timeZone} ${series.key}`;
    let profile = this.#profiles.get(key);
    if (profile === undefined) {
      // Which series came first is as good as any other choice; the rest is never unusual.
      if (this.#profiles.size >= mostProfiles) return () => Number.NaN;
      profile = { series, field, timeZone, hours: null, nextReadMs: 0, isWaiting: false };
      this.#profiles.set(key, profile);
    }
    const known = profile;
    const clock = localClock(timeZone);
    return (timeS) => {
      this.#want(known);
      return known.hours?.[clock.hourOfWeek(timeS)] ?? Number.NaN;
    };
  }

  /** Resolves when what was asked for so far has been read, or could not be. */
  async settled(): Promise<void> {
    while (this.#reading !== null) await this.#reading;
  }

  #want(profile: Profile): void {
    if (profile.isWaiting || this.#stopped || this.#clock.now() < profile.nextReadMs) return;
    profile.isWaiting = true;
    this.#waiting.push(profile);
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
  }

  async #readAll(): Promise<void> {
    // A moment, so that all that one batch asks for is read together.
    await pause(pauseMs / 10);
    while (this.#waiting.length > 0 && !this.#stopped) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const alike = this.#waiting.filter(
        ({ series, field }) => series.measurement === first.series.measurement && field === first.field,
      );
      const some = new Set(alike.slice(0, seriesAtOnce));
      for (let i = this.#waiting.length - 1; i >= 0; i -= 1) {
        const one = this.#waiting[i];
        if (one !== undefined && some.has(one)) this.#waiting.splice(i, 1);
      }
      await this.#readSome([...some], first.series.measurement, first.field);
      if (this.#waiting.length > 0) await pause(pauseMs);
    }
  }

  async #readSome(profiles: readonly Profile[], measurement: Measurement, field: string): Promise<void> {
    const now = this.#clock.now();
    const to = Math.floor(now / 1_000 / hourS) * hourS;
    const tags = Object.keys(profiles[0]?.series.tags ?? {}) as SeriesTagName[];
    try {
      const { times, series } = await this.#store.query({
        measurement,
        fields: [field],
        filter: Object.fromEntries(
          tags.map((tag) => [tag, [...new Set(profiles.map((one) => one.series.tags[tag] ?? ''))]]),
        ),
        from: to - weeks * hoursOfWeek * hourS,
        to,
        step: { stepS: hourS },
        aggregate: 'mean',
        groupBy: tags,
      });
      const found = new Map(series.map((one) => [seriesOf(measurement, one.tags).key, one.values]));
      for (const profile of profiles) {
        const values = found.get(profile.series.key);
        profile.hours = values === undefined ? null : profileOf(times, values, profile.timeZone);
        profile.nextReadMs = now + againAfterMs;
      }
    } catch (error) {
      this.#logger.warn({ err: error }, 'what is usual at this hour could not be read; it is tried again');
      for (const profile of profiles) profile.nextReadMs = now + againAfterFailureMs;
    } finally {
      for (const profile of profiles) profile.isWaiting = false;
    }
  }
}

/** The median for each hour of the week; NaN where fewer than three weeks have a value. */
export function profileOf(
  times: readonly number[],
  values: readonly (number | null)[],
  timeZone: string,
): Float32Array {
  const clock = localClock(timeZone);
  const byHour: number[][] = Array.from({ length: hoursOfWeek }, () => []);
  for (const [index, time] of times.entries()) {
    const value = values[index] ?? null;
    // Where the zone is half an hour off, an hour of ours belongs to where its middle lies.
    if (value !== null) byHour[clock.hourOfWeek(time + hourS / 2)]?.push(value);
  }
  return Float32Array.from(byHour, (list) => {
    if (list.length < leastWeeks) return Number.NaN;
    const sorted = list.sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const high = sorted[Math.floor(middle)] ?? Number.NaN;
    return Number.isInteger(middle) ? (high + (sorted[middle - 1] ?? Number.NaN)) / 2 : high;
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
