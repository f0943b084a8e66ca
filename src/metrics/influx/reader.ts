import type { Clock } from '../../domain/clock.ts';
import { measurements, seriesTagNames, type Measurement } from '../../domain/point.ts';
import { Accumulator, type Rolled } from '../accumulator.ts';
import { assumedIntervalS, checkedFields, checkSize } from '../query-rules.ts';
import { multipleOf, roundStep, stepTimes } from '../steps.ts';
import {
  type Aggregate,
  type LatestPoint,
  type ResultSeries,
  type SeriesFilter,
  type SeriesQuery,
  type SeriesResult,
} from '../store.ts';
import { columnsOf, stepsQuery, whereTags } from './influxql.ts';
import type { RollUps } from './roll-ups.ts';
import type { InfluxSeries, InfluxServer } from './server.ts';
import { tagText } from './tag-text.ts';
import { fiveMinutes, hourly, keptFor, raw, tiers, type Retention, type Tier } from './tiers.ts';

/** With steps from here on it does not matter how often something is measured. */
const longStepS = 600;

/** Answers queries: each stretch of time from the coarsest resolution that gives the step. */
export class Reader {
  readonly #server: InfluxServer;
  readonly #clock: Clock;
  readonly #retention: Retention;
  readonly #rollUps: RollUps;

  constructor(options: {
    readonly server: InfluxServer;
    readonly clock: Clock;
    readonly retention: Retention;
    readonly rollUps: RollUps;
  }) {
    this.#server = options.server;
    this.#clock = options.clock;
    this.#retention = options.retention;
    this.#rollUps = options.rollUps;
  }

  async query(query: SeriesQuery): Promise<SeriesResult> {
    checkedFields(query);
    const where = whereTags(query.filter);
    const stepS = await this.#step(query, where);
    checkSize(Math.ceil((query.to - query.from) / stepS), 1);
    const times = stepTimes(query.from, query.to, stepS);
    if (where === null || query.fields.length === 0) return { stepS, times, series: [] };
    const first = times[0] ?? 0;
    const end = first + times.length * stepS;
    const groupBy = seriesTagNames.filter((name) => query.groupBy.includes(name));
    const segments = this.#segments(first, end, stepS);
    const statements = segments.map((segment) => stepsQuery({ ...query, ...segment, where, stepS, groupBy }));
    const lines = new Map<string, { readonly tags: Record<string, string>; readonly fields: Accumulator[] }>();
    const answers = statements.length === 0 ? [] : await this.#server.query(statements);
    for (const [index, segment] of segments.entries()) {
      for (const found of answers[index] ?? []) {
        const tags = tagsOf(found);
        const key = JSON.stringify(tags);
        let line = lines.get(key);
        if (line === undefined) {
          checkSize(times.length, (lines.size + 1) * query.fields.length);
          line = { tags, fields: query.fields.map(() => new Accumulator(times.length, query.aggregate)) };
          lines.set(key, line);
        }
        collect({ found, fields: line.fields, first, stepS, aggregate: query.aggregate, notBefore: segment.from });
      }
    }
    const series: ResultSeries[] = [];
    for (const { tags, fields } of lines.values()) {
      for (const [index, line] of fields.entries()) {
        if (line.empty) continue;
        series.push({ measurement: query.measurement, tags, field: query.fields[index] ?? '', values: line.values() });
      }
    }
    return { stepS, times, series };
  }

  async latest(measurement: Measurement, filter: SeriesFilter, maxAgeS: number): Promise<readonly LatestPoint[]> {
    const where = whereTags(filter);
    if (where === null) return [];
    const names = measurements[measurement].fields;
    const oldest = Math.floor(this.#clock.now() / 1_000) - maxAgeS;
    const tags = seriesTagNames.map((name) => `"${name}"`).join(', ');
    // One statement a field: only then is the time the one of the value.
    const answers = await this.#server.query(
      names.map(
        (name) =>
          `SELECT last("${name}") FROM "${raw.policy}"."${measurement}" ` +
          `WHERE time >= ${oldest}s${where} GROUP BY ${tags}`,
      ),
    );
    const points = new Map<
      string,
      { measurement: Measurement; tags: Record<string, string>; time: number; values: Record<string, number> }
    >();
    for (const [index, name] of names.entries()) {
      for (const found of answers[index] ?? []) {
        const of = tagsOf(found);
        const key = JSON.stringify(of);
        const [time, value] = found.values[0] ?? [];
        if (typeof time !== 'number' || typeof value !== 'number') continue;
        const point = points.get(key) ?? { measurement, tags: of, time, values: {} };
        point.time = Math.max(point.time, time);
        point.values[name] = value;
        points.set(key, point);
      }
    }
    return [...points.values()];
  }

  /** The range cut where the coarser resolutions end; each part is a whole number of their steps. */
  #segments(first: number, end: number, stepS: number): { tier: Tier; from: number; to: number }[] {
    const segments: { tier: Tier; from: number; to: number }[] = [];
    let from = first;
    for (const tier of [hourly, fiveMinutes]) {
      if (stepS % tier.stepS !== 0 || from >= end) continue;
      const to = Math.min(end, this.#rollUps.doneUntil(tier, from));
      if (to <= from) continue;
      segments.push({ tier, from, to });
      from = to;
    }
    if (from < end) segments.push({ tier: raw, from, to: end });
    return segments;
  }

  async #step(query: SeriesQuery, where: string | null): Promise<number> {
    const now = Math.floor(this.#clock.now() / 1_000);
    const kept = tiers.find((tier) => query.from >= now - keptFor(tier, this.#retention)) ?? hourly;
    if ('stepS' in query.step) return kept.stepS === 0 ? query.step.stepS : multipleOf(query.step.stepS, kept.stepS);
    const range = query.to - query.from;
    const { maxPoints } = query.step;
    const least = roundStep(range, maxPoints, Math.max(1, kept.stepS));
    if (least >= longStepS || where === null)
      return roundStep(range, maxPoints, Math.max(kept.stepS, 2 * assumedIntervalS));
    return roundStep(range, maxPoints, Math.max(kept.stepS, 2 * (await this.#interval(query, where))));
  }

  /** How often the series are measured, in seconds: the longest of the usual distances of a few of them. */
  async #interval(query: SeriesQuery, where: string): Promise<number> {
    const fields = query.fields.map((name) => `"${name}"`).join(', ');
    const tags = seriesTagNames.map((name) => `"${name}"`).join(', ');
    const since = Math.floor(this.#clock.now() / 1_000) - 3_600;
    const [found = []] = await this.#server.query([
      `SELECT ${fields} FROM "${raw.policy}"."${query.measurement}" WHERE time >= ${since}s${where} ` +
        `GROUP BY ${tags} ORDER BY time DESC LIMIT 6 SLIMIT 8`,
    ]);
    let longest = 0;
    for (const series of found) {
      const times = series.values.map(([time]) => Number(time));
      const distances = times.slice(1).map((time, index) => (times[index] ?? time) - time);
      const median = distances.sort((one, other) => one - other)[Math.floor(distances.length / 2)];
      longest = Math.max(longest, median ?? 0);
    }
    return longest === 0 ? assumedIntervalS : longest;
  }
}

function tagsOf(series: InfluxSeries): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const name of seriesTagNames) {
    const value = series.tags?.[name] ?? '';
    if (value !== '') tags[name] = tagText(value);
  }
  return tags;
}

function collect(part: {
  readonly found: InfluxSeries;
  readonly fields: readonly Accumulator[];
  readonly first: number;
  readonly stepS: number;
  readonly aggregate: Aggregate;
  /** Start of the stretch: of two in one step the later has the last value. */
  readonly notBefore: number;
}): void {
  const { found, fields, first, stepS, aggregate, notBefore } = part;
  const columns = columnsOf(aggregate);
  for (const row of found.values) {
    const time = Number(row[0]);
    const step = Math.floor((time - first) / stepS);
    for (const [field, line] of fields.entries()) {
      const value = row[1 + field * columns];
      if (typeof value !== 'number') continue;
      const count = aggregate === 'mean' ? row[2 + field * columns] : aggregate === 'count' ? value : 1;
      if (typeof count !== 'number') continue;
      const rolled: Rolled = { min: value, max: value, sum: value, count, last: value };
      line.add(step, Math.max(time, notBefore), rolled);
    }
  }
}
