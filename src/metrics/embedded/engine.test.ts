import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../domain/clock.ts';
import { measurements, seriesOf } from '../../domain/point.ts';
import type { SeriesQuery } from '../store.ts';
import { Engine } from './engine.ts';
import { asArungError, isFull } from './file.ts';
import type { Retention, WriteRequest } from './messages.ts';

const day = 86_400;
/** A multiple of three days, so that every tier begins a chunk there. */
const origin = Math.floor(1_764_000_000 / (3 * day)) * 3 * day;

class HandClock implements Clock {
  seconds = origin;
  now(): number {
    return this.seconds * 1000;
  }
  monotonic(): number {
    return this.seconds * 1000;
  }
}

let folder: string;
let clock: HandClock;
const logged: string[] = [];
const open: Engine[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-metrics-'));
  clock = new HandClock();
  logged.length = 0;
});
afterEach(() => {
  for (const engine of open.splice(0)) {
    try {
      engine.close();
    } catch {
      // closed by the test
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

function engineAt(options: { maxBytes?: number; retention?: Partial<Retention> } = {}): Engine {
  const engine = new Engine(
    {
      path: join(folder, 'metrics.db'),
      maxBytes: options.maxBytes ?? 1e9,
      retention: { rawS: 7 * day, fiveMinutesS: 90 * day, hourlyS: 730 * day, ...options.retention },
    },
    clock,
    (_level, message) => logged.push(message),
  );
  open.push(engine);
  return engine;
}

interface Row {
  readonly device: string;
  readonly time: number;
  readonly loss?: number;
  readonly rtt?: number;
}

/** Every write introduces its series anew, as a restarted controller does. */
function rowsOf(rows: readonly Row[], base = 0): WriteRequest {
  const devices = [...new Set(rows.map((row) => row.device))];
  return {
    introduce: devices.map((device, index) => ({
      handle: base + index,
      series: {
        key: seriesOf('reachability', { device }).key,
        measurement: 'reachability',
        tags: { device },
      },
    })),
    blocks: [
      {
        measurement: 'reachability',
        series: Int32Array.from(rows, (row) => base + devices.indexOf(row.device)),
        times: Float64Array.from(rows, (row) => row.time),
        values: Float64Array.from(rows.flatMap((row) => [row.loss ?? NaN, row.rtt ?? NaN, NaN])),
      },
    ],
  };
}

function ask(options: Partial<SeriesQuery> & { from: number; to: number }): SeriesQuery {
  return {
    measurement: 'reachability',
    fields: ['rtt_ms'],
    filter: {},
    step: { stepS: 60 },
    aggregate: 'mean',
    groupBy: ['device', 'interface', 'sensor'],
    ...options,
  };
}

function settle(engine: Engine): void {
  while (engine.maintain());
}

describe('the embedded engine', () => {
  it('answers at once what was written: steps aligned to UTC, null for gaps', () => {
    const engine = engineAt();
    engine.write(
      rowsOf([
        { device: 'd', time: origin + 5, rtt: 2 },
        { device: 'd', time: origin + 35, rtt: 4 },
        { device: 'd', time: origin + 130, rtt: 8 },
      ]),
    );
    const result = engine.query(ask({ from: origin + 1, to: origin + 180 }));
    expect(result.times).toEqual([origin, origin + 60, origin + 120]);
    expect(result.series).toEqual([
      { measurement: 'reachability', tags: { device: 'd' }, field: 'rtt_ms', values: [3, null, 8] },
    ]);
  });

  it('gives the same answer before and after packing, rolling up and a restart, as a plain sum over the rows does', () => {
    const time = fc.integer({ min: 0, max: 4 * day });
    const row = fc.record({
      device: fc.constantFrom('a', 'b', 'c'),
      time,
      rtt: fc.integer({ min: 1, max: 900 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { maxLength: 30 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(60, 300, 900, 3_600, 7_200),
        fc.constantFrom('mean', 'min', 'max', 'sum', 'count', 'last'),
        fc.boolean(),
        (writes, stepS, aggregate, asOne) => {
          // Of several series with the same newest time, any may be the last: not compared.
          const together = asOne && aggregate !== 'last';
          clock.seconds = origin;
          const path = join(folder, `p-${Math.random()}.db`);
          const retention = { rawS: 700 * day, fiveMinutesS: 700 * day, hourlyS: 700 * day };
          let engine = new Engine({ path, maxBytes: 1e9, retention }, clock, () => undefined);
          const truth = new Map<string, number>();
          for (const rows of writes) {
            // The clock goes on a day between writes: rows of earlier days are late and reopen what is closed.
            clock.seconds += day + 3_700;
            const now = clock.seconds;
            const kept = rows.map((r) => ({ ...r, time: Math.min(origin + r.time, now) }));
            engine.write(rowsOf(kept));
            for (const r of kept) truth.set(`${r.device} ${r.time}`, r.rtt);
            const query = ask({
              from: origin,
              to: origin + 5 * day,
              step: { stepS },
              aggregate,
              groupBy: together ? [] : ['device'],
            });
            const expected = oracle(truth, stepS, aggregate, together);
            expect(flatten(engine.query(query))).toEqual(expected);
            clock.seconds += 20;
            settle(engine);
            expect(flatten(engine.query(query))).toEqual(expected);
            engine.close();
            engine = new Engine({ path, maxBytes: 1e9, retention }, clock, () => undefined);
            expect(flatten(engine.query(query))).toEqual(expected);
          }
          engine.close();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('takes a repeat and a row that completes another at the same time without a second point', () => {
    const engine = engineAt();
    const first = rowsOf([{ device: 'd', time: origin + 10, rtt: 2 }]);
    engine.write(first);
    engine.write(rowsOf([{ device: 'd', time: origin + 10, rtt: 2 }]));
    engine.write(rowsOf([{ device: 'd', time: origin + 10, loss: 50 }]));
    clock.seconds += 3_600;
    settle(engine);
    engine.write(rowsOf([{ device: 'd', time: origin + 10, rtt: 2 }]));
    clock.seconds += 60;
    settle(engine);
    const counted = engine.query(
      ask({ from: origin, to: origin + 60, aggregate: 'count', fields: ['loss_percent', 'rtt_ms'] }),
    );
    expect(counted.series.map((s) => [s.field, s.values])).toEqual([
      ['loss_percent', [1]],
      ['rtt_ms', [1]],
    ]);
  });

  it('chooses a round step from the points wanted, not finer than the data', () => {
    const engine = engineAt();
    engine.write(rowsOf(Array.from({ length: 20 }, (_, i) => ({ device: 'd', time: origin + i * 30, rtt: 1 }))));
    const close = engine.query(ask({ from: origin, to: origin + 600, step: { maxPoints: 500 } }));
    expect(close.stepS).toBe(60);
    expect(close.series[0]?.values).not.toContain(null);
    expect(engine.query(ask({ from: origin, to: origin + day, step: { maxPoints: 49 } })).stepS).toBe(1_800);
  });

  it('gives the newest value of each field, from memory or from chunks, and nothing that is too old', () => {
    const engine = engineAt();
    engine.write(
      rowsOf([
        { device: 'd', time: origin + 10, loss: 5 },
        { device: 'd', time: origin + 20, rtt: 7 },
      ]),
    );
    clock.seconds = origin + 30;
    const expected = [
      { measurement: 'reachability', tags: { device: 'd' }, time: origin + 20, values: { rtt_ms: 7, loss_percent: 5 } },
    ];
    expect(engine.latest('reachability', {}, 300)).toEqual(expected);
    clock.seconds = origin + 1_800;
    settle(engine);
    expect(engine.latest('reachability', { device: ['d'] }, 3_600)).toEqual(expected);
    expect(engine.latest('reachability', { device: ['d'] }, 300)).toEqual([]);
    // One field goes on, the other stays as it was last measured: in a chunk, while the newer row is in none yet.
    engine.write(rowsOf([{ device: 'd', time: origin + 1_795, rtt: 9 }]));
    expect(engine.latest('reachability', { device: ['d'] }, 3_600)).toMatchObject([
      { time: origin + 1_795, values: { rtt_ms: 9, loss_percent: 5 } },
    ]);
    expect(engine.latest('reachability', { device: ['d'] }, 300)).toMatchObject([{ values: { rtt_ms: 9 } }]);
  });

  it('drops raw points by age, answers the same range from the roll-up, and refuses rows from before', () => {
    const engine = engineAt({ retention: { rawS: day } });
    clock.seconds = origin + day;
    engine.write(rowsOf(Array.from({ length: 48 }, (_, i) => ({ device: 'd', time: origin + i * 1_800, rtt: i }))));
    clock.seconds = origin + 10 * day;
    settle(engine);
    expect(engine.statistics().oldest['raw']).toBeNull();
    const result = engine.query(ask({ from: origin, to: origin + day, step: { stepS: 60 } }));
    expect(result.stepS).toBe(300);
    expect(result.series[0]?.values.filter((v) => v !== null)).toEqual(Array.from({ length: 48 }, (_, i) => i));
    engine.write(rowsOf([{ device: 'd', time: origin + 60, rtt: 1 }]));
    expect(engine.statistics().rowsRefused).toBe(1);
  });

  it('refuses rows from the future', () => {
    const engine = engineAt();
    engine.write(rowsOf([{ device: 'd', time: origin + 2 * day, rtt: 1 }]));
    expect(engine.statistics()).toMatchObject({ rowsRefused: 1, rowsWritten: 0 });
  });

  it('stays below its bytes by dropping the oldest raw points first', () => {
    const engine = engineAt({ maxBytes: 1.4e6 });
    for (let hour = 0; hour < 72; hour++) {
      clock.seconds = origin + hour * 3_600;
      const rows: Row[] = [];
      for (let i = 0; i < 60; i++) {
        for (let d = 0; d < 20; d++) {
          rows.push({
            device: `d${d}`,
            time: clock.seconds - 3_600 + i * 60,
            rtt: Math.random() * 900,
            loss: Math.random(),
          });
        }
      }
      engine.write(rowsOf(rows));
      settle(engine);
    }
    clock.seconds += 3_600;
    settle(engine);
    const { bytes, oldest } = engine.statistics();
    expect(bytes).toBeLessThan(1.7e6);
    expect(oldest['raw']).toBeGreaterThan(origin);
    expect(logged).toContain('dropped the oldest points of the metric store');
    // What was dropped can still be seen, more coarsely.
    const old = engine.query(
      ask({ from: origin, to: origin + 6 * 3_600, filter: { device: ['d3'] }, step: { stepS: 300 } }),
    );
    expect(old.series[0]?.values.filter((v) => v !== null).length).toBeGreaterThan(60);
  });

  it('says that the disk is full, loses nothing that was acknowledged, and goes on when there is room', () => {
    const engine = engineAt({ maxBytes: 400_000 });
    let error: unknown;
    let acknowledged = 0;
    try {
      for (; acknowledged < 1_000; acknowledged++) {
        engine.write(
          rowsOf(Array.from({ length: 200 }, (_, i) => ({ device: `d${i}`, time: origin + acknowledged, rtt: 1 }))),
        );
      }
    } catch (caught) {
      error = caught;
    }
    expect(isFull(error)).toBe(true);
    expect(asArungError(error, 'metrics.db')).toMatchObject({ kind: 'unavailable', code: 'metrics.disk-full' });
    engine.close();
    const roomier = engineAt({ maxBytes: 4_000_000 });
    const result = roomier.query(
      ask({ from: origin, to: origin + 1_000, aggregate: 'count', groupBy: [], step: { stepS: 3_600 } }),
    );
    expect(result.series[0]?.values).toEqual([acknowledged * 200]);
    roomier.write(rowsOf([{ device: 'd0', time: origin + 2_000, rtt: 1 }]));
  });

  it('moves a damaged file aside at the start and begins a new one', () => {
    const path = join(folder, 'metrics.db');
    writeFileSync(path, 'this is no database, and it is long enough to be looked at as one'.repeat(200));
    const engine = engineAt();
    engine.write(rowsOf([{ device: 'd', time: origin, rtt: 1 }]));
    expect(readdirSync(folder).some((name) => name.startsWith('metrics.db.damaged-'))).toBe(true);
    expect(logged[0]).toContain('damaged');
  });

  it('moves a file that is damaged while it runs aside, and keeps what is in memory', () => {
    const path = join(folder, 'metrics.db');
    const engine = engineAt();
    for (let i = 0; i < 60; i++) {
      clock.seconds = origin + i * 300;
      engine.write(
        rowsOf(Array.from({ length: 100 }, (_, d) => ({ device: `d${d}`, time: clock.seconds, rtt: Math.random() }))),
      );
      settle(engine);
    }
    engine.close();
    truncateSync(path, 8192 * 3);
    const damaged = engineAt();
    damaged.write(rowsOf([{ device: 'd1', time: clock.seconds, rtt: 42 }], 5_000));
    let recovered = false;
    try {
      damaged.query(ask({ from: origin, to: clock.seconds + 60 }));
    } catch (error) {
      recovered = damaged.recover(error);
    }
    // Either the damage shows at the start (then all is new already) or in the query.
    expect(recovered || logged.some((line) => line.includes('damaged'))).toBe(true);
    damaged.write(rowsOf([{ device: 'd2', time: clock.seconds, rtt: 43 }], 6_000));
    const result = damaged.query(
      ask({ from: clock.seconds - 60, to: clock.seconds + 60, filter: { device: ['d1', 'd2'] } }),
    );
    expect(result.series.map((s) => s.values.filter((v) => v !== null))).toEqual([[42], [43]]);
  });

  it('reads fields by name, whatever order they were stored in', () => {
    expect(measurements.reachability.fields).toEqual(['loss_percent', 'rtt_ms', 'rtt_max_ms']);
    const engine = engineAt();
    expect(() => engine.query(ask({ from: 0, to: 60, fields: ['nothing'] }))).toThrow(/has no field nothing/);
    expect(() => engine.query(ask({ from: 60, to: 60 }))).toThrow(/ends before it begins/);
    expect(() => engine.query(ask({ from: 0, to: 60, step: { stepS: 0.5 } }))).toThrow(/whole number/);
  });
});

function oracle(truth: ReadonlyMap<string, number>, stepS: number, aggregate: string, together: boolean): string[] {
  const points = [...truth]
    .map(([key, value]) => ({ device: key.split(' ')[0] ?? '', time: Number(key.split(' ')[1]), value }))
    .sort((a, b) => a.time - b.time);
  const steps = new Map<string, { time: number; value: number }[]>();
  for (const point of points) {
    const key = `${together ? '' : point.device} ${Math.floor(point.time / stepS) * stepS}`;
    steps.set(key, [...(steps.get(key) ?? []), point]);
  }
  const lines: string[] = [];
  for (const [key, list] of steps) {
    const values = list.map((point) => point.value);
    const sum = values.reduce((a, b) => a + b, 0);
    const results: Record<string, number[]> = {
      mean: [sum / values.length],
      min: [Math.min(...values)],
      max: [Math.max(...values)],
      sum: [sum],
      count: [values.length],
      last: list.slice(-1).map((point) => point.value),
    };
    lines.push(`${key} ${results[aggregate]?.[0]?.toFixed(3)}`);
  }
  return lines.sort();
}

function flatten(result: ReturnType<Engine['query']>): string[] {
  const lines: string[] = [];
  for (const series of result.series) {
    series.values.forEach((value, step) => {
      if (value === null) return;
      const key = `${series.tags['device'] ?? ''} ${result.times[step]}`;
      lines.push(`${key} ${value.toFixed(3)}`);
    });
  }
  return lines.sort();
}
