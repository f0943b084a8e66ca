import type { Clock } from '../../domain/clock.ts';
import { measurements, type Measurement, type SeriesTagName } from '../../domain/point.ts';
import { assumedIntervalS, checkedFields, checkSize } from '../query-rules.ts';
import { multipleOf, roundStep, stepTimes } from '../steps.ts';
import type { Aggregate, LatestPoint, ResultSeries, SeriesFilter, SeriesQuery, SeriesResult } from '../store.ts';
import { Accumulator, type Rolled } from '../accumulator.ts';
import type { ChunkFile } from './chunk-file.ts';
import { RecentRows } from './recent.ts';
import type { KnownSeries, SeriesDictionary } from './series-dictionary.ts';
import { fiveMinutes, hourly, raw, statistic, statistics, tiers, windowOf, type Tier } from './tiers.ts';

/** Answers queries from the chunks of the coarsest tier that gives the step, and the rows that are in no chunk yet. */
export class Reader {
  readonly #file: ChunkFile;
  readonly #recent: ReadonlyMap<number, RecentRows>;
  readonly #dictionary: SeriesDictionary;
  readonly #clock: Clock;

  constructor(options: {
    readonly file: ChunkFile;
    readonly recent: ReadonlyMap<number, RecentRows>;
    readonly dictionary: SeriesDictionary;
    readonly clock: Clock;
  }) {
    this.#file = options.file;
    this.#recent = options.recent;
    this.#dictionary = options.dictionary;
    this.#clock = options.clock;
  }

  query(query: SeriesQuery): SeriesResult {
    const fields = checkedFields(query);
    const matching = this.#dictionary.matching(query.measurement, query.filter);
    const stepS = this.#step(query, matching);
    const times = stepTimes(query.from, query.to, stepS);
    const groups = groupSeries(matching, query.groupBy);
    checkSize(times.length, groups.size * fields.length);
    const first = times[0] ?? 0;
    const range = { first, stepS, needed: neededFor(query.aggregate), from: first, to: first + times.length * stepS };
    const series: ResultSeries[] = [];
    for (const group of groups.values()) {
      const lines = fields.map(() => new Accumulator(times.length, query.aggregate));
      for (const member of group.members) this.#collect(member, fields, lines, range);
      for (const [index, line] of lines.entries()) {
        if (line.empty) continue;
        series.push({
          measurement: query.measurement,
          tags: group.tags,
          field: query.fields[index] ?? '',
          values: line.values(),
        });
      }
    }
    return { stepS, times, series };
  }

  latest(measurement: Measurement, filter: SeriesFilter, maxAgeS: number): LatestPoint[] {
    const names = measurements[measurement].fields;
    const oldest = Math.floor(this.#clock.now() / 1000) - maxAgeS;
    return this.#dictionary.matching(measurement, filter).flatMap((series) => {
      const newest = new NewestValues(names, oldest);
      const rows = this.#recent.get(series.id) ?? new RecentRows(names.length);
      for (let row = rows.length - 1; row >= 0 && !newest.endsAt(rows.times[row] ?? 0); row--) {
        for (const field of names.keys()) newest.note(field, rows.times[row] ?? 0, rows.value(row, field));
      }
      // What is written rarely may have its last value in a chunk while newer rows of others are in none yet.
      this.#latestInChunks(series, newest);
      return newest.time === 0 ? [] : [{ measurement, tags: series.tags, time: newest.time, values: newest.values() }];
    });
  }

  #latestInChunks(series: KnownSeries, newest: NewestValues): void {
    const first = this.#file.oldest(raw) ?? Infinity;
    for (let start = this.#file.doneUntil(raw) - raw.chunkS; start >= first; start -= raw.chunkS) {
      if (newest.endsAt(start + raw.chunkS - 1)) return;
      const { missing } = newest;
      const chunk = this.#file.readColumns(raw, start, series, missing);
      if (chunk === null) continue;
      for (let row = chunk.times.length - 1; row >= 0; row--) {
        const time = chunk.times[row] ?? 0;
        if (newest.endsAt(time)) return;
        for (const [index, field] of missing.entries()) newest.note(field, time, chunk.columns[index]?.[row] ?? NaN);
      }
    }
  }

  #step(query: SeriesQuery, matching: readonly KnownSeries[]): number {
    const kept = this.#finestKept(query.from);
    if ('stepS' in query.step) {
      return kept.stepS === 0 ? query.step.stepS : multipleOf(query.step.stepS, kept.stepS);
    }
    const range = query.to - query.from;
    return roundStep(range, query.step.maxPoints, Math.max(kept.stepS, 2 * this.#interval(matching)));
  }

  /** The finest tier that still has what there was at a time. */
  #finestKept(time: number): Tier {
    for (const [index, tier] of tiers.entries()) {
      const dropped = this.#file.droppedUntil(tier);
      if (time >= dropped) return tier;
      const coarser = tiers[index + 1];
      const oldest = coarser === undefined ? null : this.#file.oldest(coarser);
      if (oldest === null || oldest >= dropped) return tier;
    }
    return hourly;
  }

  /** How often the series are measured: the longest of their usual distances, from a few of them. */
  #interval(matching: readonly KnownSeries[]): number {
    let longest = 0;
    const stride = Math.max(1, Math.floor(matching.length / 16));
    for (let index = 0; index < matching.length; index += stride) {
      const times = this.#recent.get(matching[index]?.id ?? -1)?.times.slice(-6) ?? [];
      const distances = times.slice(1).map((time, i) => time - (times[i] ?? time));
      const median = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)];
      longest = Math.max(longest, median ?? 0);
    }
    return longest === 0 ? assumedIntervalS : longest;
  }

  #collect(series: KnownSeries, fields: readonly number[], lines: readonly Accumulator[], range: Range): void {
    let from = range.from;
    // Late rows that are not worked in yet may replace rows that the roll-ups counted: then the rows themselves are read.
    const late = (this.#recent.get(series.id)?.times[0] ?? Infinity) < this.#file.doneUntil(raw);
    const asRows = late && range.from >= this.#file.droppedUntil(raw);
    for (const tier of [hourly, fiveMinutes]) {
      if (range.stepS % tier.stepS !== 0 || asRows) continue;
      const to = Math.min(range.to, this.#file.doneUntil(tier));
      if (to > from) {
        this.#collectRolled(series, tier, fields, lines, { ...range, from, to });
        from = to;
      }
    }
    this.#collectRaw(series, fields, lines, { ...range, from });
    this.#collectRecent(series, fields, lines, range);
  }

  #collectRolled(
    series: KnownSeries,
    tier: Tier,
    fields: readonly number[],
    lines: readonly Accumulator[],
    range: Range,
  ): void {
    const { needed } = range;
    const wanted = fields.flatMap((field) => needed.map((which) => field * statistics.length + which));
    const rolled: Rolled = { min: NaN, max: NaN, sum: NaN, count: NaN, last: NaN };
    for (let start = this.#firstStart(tier, range.from); start < range.to; start += tier.chunkS) {
      const chunk = this.#file.readColumns(tier, start, series, wanted);
      if (chunk === null) continue;
      for (let row = 0; row < chunk.times.length; row++) {
        const time = chunk.times[row] ?? 0;
        if (time < range.from || time >= range.to) continue;
        const step = Math.floor((time - range.first) / range.stepS);
        for (let index = 0; index < fields.length; index++) {
          for (let place = 0; place < needed.length; place++) {
            const name = statistics[needed[place] ?? 0];
            if (name !== undefined) rolled[name] = chunk.columns[index * needed.length + place]?.[row] ?? NaN;
          }
          lines[index]?.add(step, time, rolled);
        }
      }
    }
  }

  #collectRaw(series: KnownSeries, fields: readonly number[], lines: readonly Accumulator[], range: Range): void {
    const to = Math.min(range.to, this.#file.doneUntil(raw));
    const recent = this.#recent.get(series.id);
    for (let start = this.#firstStart(raw, range.from); start < to; start += raw.chunkS) {
      const chunk = this.#file.readColumns(raw, start, series, fields);
      if (chunk === null) continue;
      for (let row = 0; row < chunk.times.length; row++) {
        const time = chunk.times[row] ?? 0;
        if (time < range.from || time >= range.to) continue;
        const step = Math.floor((time - range.first) / range.stepS);
        for (const [index, field] of fields.entries()) {
          const value = chunk.columns[index]?.[row] ?? NaN;
          // A late row that is not worked in yet counts instead of the older one.
          if (Number.isNaN(value) || (recent !== undefined && !Number.isNaN(recent.at(time, field)))) continue;
          lines[index]?.add(step, time, single(value));
        }
      }
    }
  }

  #collectRecent(series: KnownSeries, fields: readonly number[], lines: readonly Accumulator[], range: Range): void {
    const rows = this.#recent.get(series.id);
    if (rows === undefined) return;
    for (let row = rows.indexOf(range.from); row < rows.length; row++) {
      const time = rows.times[row] ?? 0;
      if (time >= range.to) return;
      const step = Math.floor((time - range.first) / range.stepS);
      for (const [index, field] of fields.entries()) {
        const value = rows.value(row, field);
        if (!Number.isNaN(value)) lines[index]?.add(step, time, single(value));
      }
    }
  }

  /** Start of the first chunk that may hold something at or after a time: empty years are not walked through. */
  #firstStart(tier: Tier, from: number): number {
    const oldest = this.#file.oldest(tier) ?? Infinity;
    return Math.max(windowOf(from, tier), oldest);
  }
}

/** The newest value of each field of a series, from rows that are shown from new to old. */
class NewestValues {
  readonly #names: readonly string[];
  readonly #oldest: number;
  readonly #values: number[];
  #found = 0;
  /** Of the newest of them; 0 while there is none. */
  time = 0;

  constructor(names: readonly string[], oldest: number) {
    this.#names = names;
    this.#oldest = oldest;
    this.#values = names.map(() => NaN);
  }

  /** Fields without a value. */
  get missing(): readonly number[] {
    return [...this.#values.keys()].filter((field) => Number.isNaN(this.#values[field]));
  }

  /** Whether a row of that time, and all before it, have nothing to add: they are too old, or all is found. */
  endsAt(time: number): boolean {
    return time < this.#oldest || this.#found === this.#names.length;
  }

  note(field: number, time: number, value: number): void {
    if (Number.isNaN(value) || !Number.isNaN(this.#values[field])) return;
    this.#values[field] = value;
    this.#found += 1;
    this.time = Math.max(this.time, time);
  }

  values(): Record<string, number> {
    const found = this.#names.map((name, field) => [name, this.#values[field] ?? NaN] as const);
    return Object.fromEntries(found.filter(([, value]) => !Number.isNaN(value)));
  }
}

interface Range {
  /** Start of the first step. */
  readonly first: number;
  readonly stepS: number;
  /** Statistics of a roll-up that the aggregate is made from. */
  readonly needed: readonly number[];
  readonly from: number;
  readonly to: number;
}

function neededFor(aggregate: Aggregate): number[] {
  const value = aggregate === 'mean' ? 'sum' : aggregate;
  return value === 'count' ? [statistic.count] : [statistic[value], statistic.count];
}

function single(value: number): Rolled {
  return { min: value, max: value, sum: value, count: 1, last: value };
}

function tagsOf(series: KnownSeries, names: readonly SeriesTagName[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const name of names) {
    const value = series.tags[name];
    if (value !== undefined) tags[name] = value;
  }
  return tags;
}

function groupSeries(
  matching: readonly KnownSeries[],
  groupBy: readonly SeriesTagName[],
): ReadonlyMap<string, { readonly tags: Record<string, string>; readonly members: KnownSeries[] }> {
  const groups = new Map<string, { tags: Record<string, string>; members: KnownSeries[] }>();
  for (const series of matching) {
    const tags = tagsOf(series, groupBy);
    const key = JSON.stringify(tags);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { tags, members: [series] });
    else group.members.push(series);
  }
  return groups;
}
