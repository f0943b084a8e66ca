import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../../domain/ids.ts';
import { measurements, seriesOf, type Measurement, type PointBatch, type Series } from '../../domain/point.ts';
import type { MetricStore, SeriesQuery, SeriesResult } from '../store.ts';

/** A batch of one measurement from rows; fields that are left out are absent. */
export function batchOf(
  measurement: Measurement,
  rows: readonly { readonly series: Series; readonly time: number; readonly [field: string]: number | Series }[],
): PointBatch {
  const fields: readonly string[] = measurements[measurement].fields;
  return {
    agent: 'local' as AgentId,
    measurement,
    series: rows.map(({ series }) => series),
    times: Float64Array.from(rows, ({ time }) => time),
    values: Float64Array.from(
      rows.flatMap((row) => fields.map((field) => (typeof row[field] === 'number' ? row[field] : NaN))),
    ),
  };
}

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
      const statistics = await store.statistics();
      expect(statistics).toMatchObject({ series: 1, rowsWritten: 1, rowsRefused: 0 });
      expect(statistics.bytes).toBeGreaterThan(0);
    });
  });
}
