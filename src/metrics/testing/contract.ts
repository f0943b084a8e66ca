import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seriesOf, type Series, type SeriesTagName } from '../../domain/point.ts';
import { aggregates, type Aggregate, type MetricStore, type SeriesQuery, type SeriesResult } from '../store.ts';
import { batchOf } from './contract-rows.ts';

/**
 * What every member of the family must do, whatever it keeps its points in. `make` gives a started, empty store and the
 * way to end it.
 */
export function describeMetricStore(
  title: string,
  make: () => Promise<{ readonly store: MetricStore; readonly end: () => Promise<void> }>,
): void {
  describe(`${title} as a metric store`, () => {
    let store: MetricStore;
    let end: () => Promise<void>;
    /** An hour ago, at a full hour: new enough for every retention. */
    const start = Math.floor(Date.now() / 3_600_000) * 3_600 - 3_600;
    const port = (device: string, name: string): Series => seriesOf('interface', { device, interface: name });

    beforeEach(async () => {
      ({ store, end } = await make());
    });
    afterEach(async () => {
      await end();
    });

    function ask(query: Partial<SeriesQuery>): Promise<SeriesResult> {
      return store.query({
        measurement: 'interface',
        fields: ['in_bps'],
        filter: {},
        from: start,
        to: start + 180,
        step: { stepS: 60 },
        aggregate: 'mean',
        groupBy: ['device', 'interface', 'sensor'],
        ...query,
      });
    }

    it('reads what was written as soon as it was acknowledged, on aligned steps, null for gaps', async () => {
      await store.write([
        batchOf('interface', [
          { series: port('d1', 'p1'), time: start + 1, in_bps: 10, out_bps: 1 },
          { series: port('d1', 'p1'), time: start + 31, in_bps: 20 },
          { series: port('d1', 'p1'), time: start + 125, in_bps: 40 },
        ]),
      ]);
      expect(await ask({ from: start + 7, to: start + 130 })).toEqual({
        stepS: 60,
        times: [start, start + 60, start + 120],
        series: [
          {
            measurement: 'interface',
            tags: { device: 'd1', interface: 'p1' },
            field: 'in_bps',
            values: [15, null, 40],
          },
        ],
      });
    });

    it('answers many series and fields at once, each under its tags, and none without points', async () => {
      await store.write([
        batchOf('interface', [
          { series: port('d1', 'p1'), time: start, in_bps: 1, out_bps: 2 },
          { series: port('d1', 'p2'), time: start, in_bps: 3 },
          { series: port('d2', 'p1x'), time: start, in_bps: 5 },
        ]),
      ]);
      const { series } = await ask({ fields: ['in_bps', 'out_bps'], filter: { device: ['d1', 'absent'] } });
      expect(series.map(({ tags, field, values }) => [tags['interface'], field, values[0]]).sort()).toEqual([
        ['p1', 'in_bps', 1],
        ['p1', 'out_bps', 2],
        ['p2', 'in_bps', 3],
      ]);
      expect((await ask({ filter: { device: [] } })).series).toEqual([]);
      expect((await ask({ filter: { device: ['d1'], interface: ['p1x'] } })).series).toEqual([]);
    });

    it('takes the series together that differ only in tags that are not grouped by', async () => {
      await store.write([
        batchOf('interface', [
          { series: port('d1', 'p1'), time: start, in_bps: 1 },
          { series: port('d1', 'p2'), time: start + 10, in_bps: 3 },
          { series: port('d2', 'p3'), time: start, in_bps: 100 },
        ]),
      ]);
      for (const [aggregate, expected] of [
        ['mean', 2],
        ['min', 1],
        ['max', 3],
        ['sum', 4],
        ['count', 2],
        ['last', 3],
      ] as const) {
        const { series } = await ask({ aggregate, groupBy: ['device'], filter: { device: ['d1'] } });
        expect(
          series.map(({ tags, values }) => [tags, values[0]]),
          aggregate,
        ).toEqual([[{ device: 'd1' }, expected]]);
      }
      expect((await ask({ aggregate: 'sum', groupBy: [] })).series.map(({ values }) => values[0])).toEqual([104]);
    });

    it('takes a repeat as nothing new, and what comes later for the same time over it', async () => {
      const row = { series: port('d1', 'p1'), time: start + 5, in_bps: 7 };
      await store.write([batchOf('interface', [row])]);
      await store.write([batchOf('interface', [row, row])]);
      await store.write([batchOf('interface', [{ series: port('d1', 'p1'), time: start + 5, out_bps: 9 }])]);
      const { series } = await ask({ aggregate: 'count', fields: ['in_bps', 'out_bps'] });
      expect(series.map(({ field, values }) => [field, values[0]])).toEqual([
        ['in_bps', 1],
        ['out_bps', 1],
      ]);
    });

    it('gives the newest value of each field, and none that is too old', async () => {
      const sensor = seriesOf('sensor', { device: 'd1', sensor: 'a=b, c' });
      const now = Math.floor(Date.now() / 1_000);
      await store.write([
        batchOf('sensor', [
          { series: sensor, time: now - 600, value: 1 },
          { series: sensor, time: now - 20, value: 2 },
        ]),
      ]);
      expect(await store.latest('sensor', { device: ['d1'] }, 300)).toEqual([
        { measurement: 'sensor', tags: { device: 'd1', sensor: 'a=b, c' }, time: now - 20, values: { value: 2 } },
      ]);
      expect(await store.latest('sensor', { device: ['d1'] }, 10)).toEqual([]);
    });

    it('keeps the checks of a service apart by who looked, and finds them by the service', async () => {
      const now = Math.floor(Date.now() / 1_000) - 60;
      const look = (agent: string, check: string, service: string, up: number) => ({
        series: seriesOf('service', { agent, check, service }),
        time: now,
        up,
        total_ms: up === 1 ? 20 : NaN,
      });
      await store.write([
        batchOf('service', [look('a', 'http', 's1', 1), look('b', 'http', 's1', 0), look('a', 'http', 's2', 1)]),
      ]);
      const query = {
        measurement: 'service',
        fields: ['up', 'total_ms'],
        from: now,
        to: now + 1,
        step: { stepS: 1 },
        aggregate: 'mean',
      } as const;
      const found = await store.query({ ...query, filter: { service: ['s1'] }, groupBy: ['agent', 'check'] });
      expect(found.series.map(({ tags, field, values }) => [tags['agent'], field, values[0]]).sort()).toEqual([
        ['a', 'total_ms', 20],
        ['a', 'up', 1],
        ['b', 'up', 0],
      ]);
      const both = await store.query({
        ...query,
        filter: { service: ['s1', 's2'], agent: ['a'] },
        groupBy: ['service'],
      });
      expect(
        both.series
          .filter(({ field }) => field === 'up')
          .map(({ tags }) => tags)
          .sort(),
      ).toHaveLength(2);
    });

    it('gives every aggregate as a plain walk over the rows does, whatever the step and the grouping', async () => {
      const rows = Array.from({ length: 600 }, (_, i) => ({
        series: port(`d${i % 2}`, `p${i % 3}`),
        time: start + ((i * 37) % 1_800),
        in_bps: (i * 7_919) % 1_009,
      }));
      await store.write([batchOf('interface', rows.slice(0, 250)), batchOf('interface', rows.slice(250))]);
      for (const aggregate of aggregates) {
        for (const [stepS, groupBy] of [
          [60, ['device', 'interface']],
          [300, ['interface']],
          [3_600, []],
        ] as const) {
          const answer = await ask({ from: start, to: start + 3_600, step: { stepS }, aggregate, groupBy });
          expect(answer.stepS).toBe(stepS);
          const expected = walked(rows, { from: start, to: start + 3_600, stepS, aggregate, groupBy });
          const found = answer.series.map(({ tags, values }) => [JSON.stringify(tags), values] as const);
          expect(found.map(([tags]) => tags).sort(), aggregate).toEqual([...expected.keys()].sort());
          for (const [tags, values] of found) {
            for (const [step, value] of (expected.get(tags) ?? []).entries()) {
              // The embedded store keeps five digits; of rows of one second any may be the last.
              if (value === null) expect(values[step], `${aggregate} ${tags}`).toBeNull();
              else if (aggregate !== 'last' || groupBy.length === 2) expect(values[step]).toBeCloseTo(value, 1);
            }
          }
        }
      }
    });

    it('keeps every text that a device may send, and finds it by that text alone', async () => {
      const now = Math.floor(Date.now() / 1_000) - 60;
      const texts = [
        '', 'a b', 'a,b', 'a=b', 'a\\', 'a\\,b', '\\\\', "x' OR 1=1 --", '"quoted"', 'line\nfeed', 'tab\there', '%5C', '%', '%25',
        'suhu ruang °C', '温度', '💡', ' ', '$1', '/.*/', ';DROP DATABASE arung', '#no comment', 'value=1 1', '\u0000nul',
      ]; // prettier-ignore
      const rows = texts.map((text, i) => ({
        series: seriesOf('sensor', { device: 'd', sensor: text }),
        time: now,
        value: i + 1,
      }));
      await store.write([batchOf('sensor', rows)]);
      const all = {
        measurement: 'sensor',
        fields: ['value'],
        from: now - 60,
        to: now + 60,
        step: { stepS: 600 },
      } as const;
      const { series } = await ask({ ...all, groupBy: ['sensor'], aggregate: 'sum' });
      const found = new Map(series.map(({ tags, values }) => [tags['sensor'], values.find((value) => value !== null)]));
      expect(found).toEqual(new Map(texts.map((text, i) => [text, i + 1])));
      for (const [i, text] of texts.entries()) {
        const one = await ask({ ...all, filter: { sensor: [text] }, groupBy: [], aggregate: 'sum' });
        expect(
          one.series.map(({ values }) => values.find((value) => value !== null)),
          JSON.stringify(text),
        ).toEqual([i + 1]);
      }
    });

    it('cuts days in UTC, wherever the machine stands', async () => {
      const zone = process.env['TZ'];
      process.env['TZ'] = 'Asia/Makassar';
      try {
        const midnight = Math.floor(Date.now() / 86_400_000) * 86_400 - 86_400;
        await store.write([
          batchOf('interface', [
            { series: port('d1', 'p1'), time: midnight - 1, in_bps: 1 },
            { series: port('d1', 'p1'), time: midnight, in_bps: 2 },
            { series: port('d1', 'p1'), time: midnight + 8 * 3_600, in_bps: 4 },
          ]),
        ]);
        const range = {
          from: midnight - 86_400,
          to: midnight + 86_400,
          step: { stepS: 86_400 },
          aggregate: 'sum',
        } as const;
        const { times, series } = await ask(range);
        expect(times).toEqual([midnight - 86_400, midnight]);
        expect(series[0]?.values).toEqual([1, 6]);
      } finally {
        if (zone === undefined) delete process.env['TZ'];
        else process.env['TZ'] = zone;
      }
    });

    it('answers a range of decades in few steps, and many thousands of steps of an hour', async () => {
      const rows = Array.from({ length: 12_000 }, (_, i) => ({
        series: port('d1', 'p1'),
        time: start - 10_000 + i,
        in_bps: i,
      }));
      await store.write([batchOf('interface', rows)]);
      const wide = await ask({ from: 0, to: start + 3_600, step: { maxPoints: 200 }, aggregate: 'count' });
      expect(wide.times.length).toBeLessThanOrEqual(200);
      expect(wide.stepS % 86_400).toBe(0);
      expect(wide.series[0]?.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(12_000);
      const fine = await ask({ from: start - 10_000, to: start + 2_000, step: { stepS: 1 }, aggregate: 'last' });
      expect(fine.series[0]?.values.filter((value) => value !== null)).toHaveLength(12_000);
    });

    it('refuses a question that has no answer', async () => {
      await expect(ask({ fields: ['nothing'] })).rejects.toMatchObject({
        kind: 'invalid',
        code: 'series.unknown-field',
      });
      await expect(ask({ from: start, to: start })).rejects.toMatchObject({ code: 'series.empty-range' });
      await expect(ask({ step: { stepS: 0 } })).rejects.toMatchObject({ code: 'series.wrong-step' });
    });

    it('says how much it holds', async () => {
      await store.write([batchOf('interface', [{ series: port('d1', 'p1'), time: start, in_bps: 1 }])]);
      expect(await store.statistics()).toMatchObject({ rowsWritten: 1, rowsRefused: 0 });
      // A server counts what it holds now and then.
      await vi.waitFor(async () => expect((await store.statistics()).series).toBe(1), {
        timeout: 60_000,
        interval: 200,
      });
      expect((await store.statistics()).bytes).toBeGreaterThan(0);
    });
  });
}

type Row = { readonly series: Series; readonly time: number; readonly in_bps: number };

/** The answer by definition: for each group, each step's aggregate of its rows, null where there is none. */
export function walked(
  rows: readonly Row[],
  query: {
    readonly from: number;
    readonly to: number;
    readonly stepS: number;
    readonly aggregate: Aggregate;
    readonly groupBy: readonly SeriesTagName[];
  },
): Map<string, (number | null)[]> {
  const { from, to, stepS, aggregate, groupBy } = query;
  const newest = new Map<string, Row>();
  for (const row of rows) newest.set(`${row.series.key} ${row.time}`, row);
  const groups = new Map<string, Row[][]>();
  for (const row of newest.values()) {
    if (row.time < from || row.time >= to) continue;
    const tags: Record<string, string> = {};
    for (const name of groupBy) {
      const value = row.series.tags[name];
      if (value !== undefined) tags[name] = value;
    }
    const key = JSON.stringify(tags);
    const steps = groups.get(key) ?? Array.from({ length: Math.ceil((to - from) / stepS) }, () => []);
    steps[Math.floor((row.time - from) / stepS)]?.push(row);
    groups.set(key, steps);
  }
  const value = (found: readonly Row[]): number | null => {
    if (found.length === 0) return null;
    const values = found.map(({ in_bps }) => in_bps);
    const sum = values.reduce((one, other) => one + other, 0);
    switch (aggregate) {
      case 'mean':
        return sum / values.length;
      case 'sum':
        return sum;
      case 'count':
        return values.length;
      case 'min':
        return Math.min(...values);
      case 'max':
        return Math.max(...values);
      case 'last':
        return [...found].sort((one, other) => one.time - other.time).at(-1)?.in_bps ?? null;
    }
  };
  return new Map([...groups].map(([key, steps]) => [key, steps.map(value)]));
}
