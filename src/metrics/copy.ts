import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArungError } from '../domain/errors.ts';
import type { AgentId } from '../domain/ids.ts';
import {
  measurements,
  seriesOf,
  seriesTagNames,
  type Measurement,
  type PointBatch,
  type SeriesTags,
} from '../domain/point.ts';
import { headOf } from './influx/lines.ts';
import { statistics } from './influx/tiers.ts';
import type { MetricStore, SeriesQuery } from './store.ts';

/** A store that history can be copied to: `writeRolled` takes entries of a roll-up as line protocol. */
export interface CopyTarget extends Pick<MetricStore, 'write'> {
  writeRolled?(resolution: 'raw' | '5m' | '1h', lines: readonly string[]): Promise<void>;
}

export interface CopyProgress {
  readonly resolution: 'raw' | '5m' | '1h';
  readonly measurement: Measurement;
  /** Seconds since the epoch up to which this measurement is copied, and where it ends. */
  readonly until: number;
  readonly end: number;
  readonly rows: number;
}

interface Stretch {
  readonly resolution: 'raw' | '5m' | '1h';
  readonly stepS: number;
  readonly from: number;
  readonly to: number;
}

const stored = (Object.keys(measurements) as Measurement[]).filter((name) => measurements[name].stored);
/** Steps of one question at first; more while answers are small, halved where that makes too many numbers. */
const firstWindowSteps = 600;
const mostWindowSteps = 7_200;
const day = 86_400;
/** In a note: where the copy began. */
const began = 'from';

/**
 * Copies history from one store to another, through the questions that every store answers: raw points second by
 * second, and before them the roll-ups as far back as the source has them. What was copied is noted in `notePath`
 * behind each part: a copy that was stopped goes on there, unless it left out what is asked for now; a part that is copied
 * twice changes nothing.
 * Gives the rows that were copied in this run.
 */
export async function copyMetrics(options: {
  readonly from: Pick<MetricStore, 'query' | 'statistics'>;
  readonly to: CopyTarget;
  /** Seconds since the epoch; older points stay where they are. */
  readonly fromTime: number;
  readonly toTime: number;
  readonly notePath: string;
  readonly onProgress?: (progress: CopyProgress) => void;
}): Promise<{ readonly rows: number; readonly resumed: boolean }> {
  const { from, to, fromTime, notePath, onProgress } = options;
  const { oldest } = await from.statistics();
  const days = new Map<Measurement, readonly number[]>();
  for (const measurement of stored) days.set(measurement, await daysWithPoints(from, measurement, options));
  const stretches = stretchesOf(oldest, { ...options, firstDay: Math.min(...[...days.values()].flat()) }).filter(
    ({ resolution }) => resolution === 'raw' || to.writeRolled,
  );
  const note = readNote(notePath, fromTime);
  let rows = 0;
  for (const stretch of stretches) {
    for (const measurement of stored) {
      const name = `${stretch.resolution} ${measurement}`;
      let steps = firstWindowSteps;
      for (const part of partsOf(stretch, days.get(measurement) ?? [])) {
        let time = Math.max(part.from, note[name] ?? 0);
        while (time < part.to) {
          let end = Math.min(part.to, time + steps * stretch.stepS);
          try {
            const copied = await copyWindow({ from, to, measurement, stretch: { ...stretch, from: time, to: end } });
            // It is kept in a coarser resolution only, and so is the rest of the day.
            if (copied === null) end = Math.min(part.to, (Math.floor(time / day) + 1) * day);
            else rows += copied;
          } catch (error) {
            if (!(error instanceof ArungError) || error.code !== 'series.too-much' || steps <= 1) throw error;
            steps = Math.ceil(steps / 2);
            continue;
          }
          if (end - time === steps * stretch.stepS) steps = Math.min(mostWindowSteps, steps + firstWindowSteps);
          time = end;
          note[name] = time;
          saveNote(notePath, note);
          onProgress?.({ resolution: stretch.resolution, measurement, until: time, end: stretch.to, rows });
        }
      }
    }
  }
  rmSync(notePath, { force: true });
  return { rows, resumed: note['resumed'] === 1 };
}

/** Starts of the days (UTC) in which a measurement has any point, over all of the time that is asked for. */
async function daysWithPoints(
  from: Pick<MetricStore, 'query'>,
  measurement: Measurement,
  range: { readonly fromTime: number; readonly toTime: number },
): Promise<readonly number[]> {
  const answer = await from.query({
    measurement,
    fields: measurements[measurement].fields,
    filter: {},
    from: range.fromTime,
    to: range.toTime + 1,
    step: { stepS: day },
    aggregate: 'count',
    groupBy: [],
  });
  return answer.times.filter((_, index) => answer.series.some(({ values }) => (values[index] ?? null) !== null));
}

/** The parts of a stretch that lie in these days, neighbours joined: years without a point cost no question. */
function partsOf(stretch: Stretch, days: readonly number[]): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  for (const start of days) {
    const from = Math.max(stretch.from, start);
    const to = Math.min(stretch.to, start + day);
    if (from >= to) continue;
    const last = parts.at(-1);
    if (last !== undefined && last.to === from) last.to = to;
    else parts.push({ from, to });
  }
  return parts;
}

/**
 * Hours and five minutes up to the oldest raw point, whose roll-ups the target makes itself; then raw points from the
 * first day on, as a store may not count what it has not packed yet: days that have none any more say so at once.
 */
function stretchesOf(
  oldest: Readonly<Record<string, number | null>>,
  range: { readonly fromTime: number; readonly toTime: number; readonly firstDay: number },
): Stretch[] {
  const end = Math.ceil(range.toTime);
  const raw = Math.max(range.fromTime, oldest['raw'] ?? end);
  const stretch = (resolution: '5m' | '1h', stepS: number): Stretch => {
    const from = Math.max(range.fromTime, oldest[resolution] ?? end);
    const align = (time: number): number => Math.floor(time / stepS) * stepS;
    return { resolution, stepS, from: align(from), to: Math.max(align(from), align(raw)) };
  };
  return [
    stretch('1h', 3_600),
    stretch('5m', 300),
    { resolution: 'raw', stepS: 1, from: Math.floor(Math.max(range.fromTime, Math.min(raw, range.firstDay))), to: end },
  ];
}

/** Rows that were copied; null where the source has the window in a coarser resolution only. */
async function copyWindow(part: {
  readonly from: Pick<MetricStore, 'query'>;
  readonly to: CopyTarget;
  readonly measurement: Measurement;
  readonly stretch: Stretch;
}): Promise<number | null> {
  const { from, to, measurement, stretch } = part;
  const query: Omit<SeriesQuery, 'aggregate'> = {
    measurement,
    fields: measurements[measurement].fields,
    filter: {},
    from: stretch.from,
    to: stretch.to,
    step: { stepS: stretch.stepS },
    groupBy: seriesTagNames,
  };
  if (stretch.resolution === 'raw') {
    const answer = await from.query({ ...query, aggregate: 'last' });
    if (answer.stepS !== 1) return null;
    const batches = rowsIn(measurement, answer);
    if (batches.length > 0) await to.write(batches);
    return batches.reduce((sum, { times }) => sum + times.length, 0);
  }
  const lines = new Map<string, { readonly head: string; readonly time: number; fields: string }>();
  for (const which of statistics) {
    const answer = await from.query({ ...query, aggregate: which });
    if (answer.stepS !== stretch.stepS) return null;
    for (const { tags, field, values } of answer.series) {
      const head = headOf(seriesOf(measurement, tags));
      for (const [step, value] of values.entries()) {
        const time = answer.times[step];
        if (value === null || time === undefined || time < stretch.from || time >= stretch.to) continue;
        const key = `${head} ${time}`;
        const line = lines.get(key) ?? { head, time, fields: '' };
        line.fields += `${line.fields === '' ? '' : ','}${field}_${which}=${value}`;
        lines.set(key, line);
      }
    }
  }
  const written = [...lines.values()].map(({ head, fields, time }) => `${head} ${fields} ${time}`);
  if (written.length > 0) await to.writeRolled?.(stretch.resolution, written);
  return written.length;
}

/** An answer of one second steps as the rows it was made from. */
function rowsIn(measurement: Measurement, answer: Awaited<ReturnType<MetricStore['query']>>): PointBatch[] {
  const names: readonly string[] = measurements[measurement].fields;
  const width = names.length;
  const bySeries = new Map<string, { readonly tags: SeriesTags; readonly rows: Map<number, Float64Array> }>();
  for (const { tags, field, values } of answer.series) {
    const key = JSON.stringify(tags);
    const found = bySeries.get(key) ?? { tags: tags, rows: new Map<number, Float64Array>() };
    bySeries.set(key, found);
    const column = names.indexOf(field);
    for (const [step, value] of values.entries()) {
      const time = answer.times[step];
      if (value === null || time === undefined) continue;
      const row = found.rows.get(time) ?? new Float64Array(width).fill(NaN);
      row[column] = value;
      found.rows.set(time, row);
    }
  }
  return [...bySeries.values()].map(({ tags, rows }) => {
    const series = seriesOf(measurement, tags);
    const values = new Float64Array(rows.size * width);
    let at = 0;
    for (const row of rows.values()) values.set(row, width * at++);
    return {
      agent: 'local' as AgentId,
      measurement,
      series: Array.from({ length: rows.size }, () => series),
      times: Float64Array.from(rows.keys()),
      values,
    };
  });
}

/** Nothing where a copy began later than this one: what it has passed over is not copied. */
function readNote(path: string, fromTime: number): Record<string, number> {
  const fresh = { [began]: fromTime };
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof found !== 'object' || found === null) return fresh;
    const note = Object.fromEntries(Object.entries(found).filter(([, time]) => typeof time === 'number'));
    return (note[began] ?? 0) > fromTime ? fresh : { ...note, [began]: fromTime, resumed: 1 };
  } catch {
    return fresh;
  }
}

function saveNote(path: string, note: Readonly<Record<string, number>>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(note));
  renameSync(`${path}.new`, path);
}
