import type { StoredSeries } from './stored-points.ts';

/** A time without a controller, in seconds since the epoch: from its end to the next that says where it is. */
export interface Absence {
  readonly from: number;
  readonly to: number;
}

export interface Gaps {
  readonly measurement: string;
  readonly intervalS: number;
  readonly series: number;
  /** Absences looked at, over all series. */
  readonly checked: number;
  /** Longest gap less the absence in it, in seconds. */
  readonly worstS: number;
  /** Gaps longer than the absences in them and one interval. */
  readonly over: number;
  readonly examples: readonly { readonly overS: number; readonly text: string }[];
}

/** At each start: points bear whole seconds and are written once a second, and to have polled everything takes a moment. */
const toleranceS = 5;
const mostExamples = 5;

/** The interval of a series in seconds, as its device is polled; null where nothing is known of it. */
export type Intervals = (series: StoredSeries) => number | null;

/**
 * Looks at every gap that an absence falls into: it may be as long as the time without a controller in it and one interval:
 * that of the plan, else the usual distance of its points.
 */
export function gapsOf(
  series: readonly StoredSeries[],
  absences: readonly Absence[],
  intervals: Intervals,
): readonly Gaps[] {
  const kinds = new Map<
    string,
    { -readonly [Key in keyof Gaps]: Gaps[Key] } & { examples: { overS: number; text: string }[] }
  >();
  for (const one of series) {
    const intervalS = intervals(one) ?? usualDistance(one.times);
    if (intervalS === null) continue;
    const key = `${one.measurement} ${intervalS}`;
    let kind = kinds.get(key);
    if (kind === undefined) {
      const { measurement } = one;
      kind = { measurement, intervalS, series: 0, checked: 0, worstS: 0, over: 0, examples: [] };
      kinds.set(key, kind);
    }
    kind.series++;
    for (let at = 1; at < one.times.length; at++) {
      const from = one.times[at - 1] ?? 0;
      const to = one.times[at] ?? 0;
      const within = absences.filter((absence) => absence.from < to && absence.to > from);
      // a machine that is late by itself is another matter
      if (within.length === 0) continue;
      const absentS = within.reduce((sum, absence) => sum + absence.to - absence.from, 0);
      const beyondS = to - from - absentS;
      kind.checked += within.length;
      kind.worstS = Math.max(kind.worstS, beyondS);
      const overS = beyondS - intervalS - toleranceS * within.length;
      if (overS <= 0) continue;
      kind.over++;
      kind.examples.push({
        overS,
        text:
          `${one.measurement} of ${one.device} ${one.interface ?? ''}: ${to - from} s from ${from}, absent ` +
          within
            .map((absence) => `${(absence.from - from).toFixed(1)} to ${(absence.to - from).toFixed(1)}`)
            .join(' and '),
      });
    }
  }
  for (const { examples } of kinds.values()) {
    examples.sort((one, other) => other.overS - one.overS);
    examples.splice(mostExamples);
  }
  return [...kinds.values()].sort((one, other) => (one.measurement < other.measurement ? -1 : 1));
}

/** The usual distance of points, one of the intervals that Arung has; null for a series with too few of them. */
function usualDistance(times: readonly number[]): number | null {
  const steps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  if (steps.length < 5) return null;
  const median = steps.sort((one, other) => one - other)[Math.floor(steps.length / 2)] ?? 0;
  return [10, 30, 60, 300, 3600].reduce((best, one) => (Math.abs(one - median) < Math.abs(best - median) ? one : best));
}
