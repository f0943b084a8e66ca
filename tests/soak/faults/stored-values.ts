import type { MetricStore } from '../../../src/metrics/store.ts';
import { sensors, type Witness } from './witness.ts';

export interface Comparison {
  /** Values that the witness made. */
  readonly made: number;
  readonly stored: number;
  /** Seconds of one sensor that are not there. */
  readonly missing: number;
  /** Points of one second that are there more than once. */
  readonly doubled: number;
  /** Values that nobody measured at that second. */
  readonly wrong: number;
  readonly examples: readonly string[];
}

/** So many seconds are asked for at once. */
const sliceS = 900;

/** What a store has of a witness, value by value. */
export async function compare(store: Pick<MetricStore, 'query'>, witness: Witness): Promise<Comparison> {
  const { from, to } = witness.span;
  const found = { made: 0, stored: 0, missing: 0, doubled: 0, wrong: 0 };
  const examples: string[] = [];
  const note = (text: string): void => void (examples.length < 10 && examples.push(text));
  // A while before and behind, too: nothing must be at another time.
  for (let start = from - sliceS; start <= to + sliceS; start += sliceS) {
    const range = { from: start, to: start + sliceS, step: { stepS: 1 } };
    const about = {
      measurement: 'sensor' as const,
      fields: ['value'],
      filter: { device: [witness.deviceId] },
      groupBy: ['sensor' as const],
    };
    const counts = await store.query({ ...range, ...about, aggregate: 'count' });
    const sums = await store.query({ ...range, ...about, aggregate: 'sum' });
    for (let sensor = 0; sensor < sensors; sensor++) {
      const of = (series: typeof counts.series) => series.find(({ tags }) => tags['sensor'] === `s${sensor}`)?.values;
      const count = of(counts.series);
      const sum = of(sums.series);
      for (let second = start; second < start + sliceS; second++) {
        const made = witness.valueAt(second, sensor);
        const at = counts.times.indexOf(second);
        const stored = count?.[at] ?? 0;
        if (made !== null) found.made++;
        found.stored += stored;
        const where = `s${sensor} at ${second}`;
        if (made !== null && stored === 0) {
          found.missing++;
          note(`${where} is missing`);
        } else if (stored > 1) {
          found.doubled++;
          note(`${where} is there ${stored} times`);
        } else if (stored === 1 && sum?.[at] !== made) {
          found.wrong++;
          note(`${where} is ${sum?.[at]} and not ${made}`);
        }
      }
    }
  }
  return { ...found, examples };
}
