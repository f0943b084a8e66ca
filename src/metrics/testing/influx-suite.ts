import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunningInflux } from '../../../tests/support/influx.ts';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { systemClock } from '../../domain/clock.ts';
import { seriesOf } from '../../domain/point.ts';
import { copyMetrics } from '../copy.ts';
import { InfluxStore } from '../influx/store.ts';
import { Journal } from '../journal/journal.ts';
import { openMetricStore } from '../open-store.ts';
import { aggregates, type MetricStore, type SeriesQuery, type SeriesResult } from '../store.ts';
import { batchOf } from './contract-rows.ts';
import { describeMetricStore, walked } from './contract.ts';
import { byHand, choiceFor, startedInflux } from './influx.ts';

const logger = pino({ enabled: false });
const drainer = join(import.meta.dirname, '../journal/testing/drainer.ts');
/** Each costs a start of Node; `ARUNG_TEST_KILLS=20` for a thorough run. */
const kills = Number(process.env['ARUNG_TEST_KILLS'] ?? 3);
const day = 86_400;
const port = (device: string, name: string) => seriesOf('interface', { device, interface: name });

/** What holds for both versions, on a real server: the contract, roll-ups, reconciling, and a server that goes away. */
export function describeInfluxStore(version: 1 | 2): void {
  describeWithPeer(`influxd${version}`, `InfluxDB ${version}`, (program) => {
    // Deadlines are for what hangs, not for what a loaded machine makes slow.
    vi.setConfig({ testTimeout: 180_000 });
    let influx: RunningInflux;
    let made = 0;
    beforeAll(async () => {
      influx = await startedInflux(version, program);
    }, 240_000);
    afterAll(async () => {
      await influx.end();
    });

    async function started(name: string): Promise<InfluxStore> {
      const store = openMetricStore({ ...choiceFor(influx, name), retention: { rawS: 7 * day } }, logger);
      if (!(store instanceof InfluxStore)) throw new Error('not an InfluxDB');
      await store.start();
      return store;
    }
    const fresh = (): string => `own-${version}-${++made}`;

    function ask(store: Pick<MetricStore, 'query'>, query: Partial<SeriesQuery>): Promise<SeriesResult> {
      return store.query({
        measurement: 'interface',
        fields: ['in_bps'],
        filter: {},
        from: 0,
        to: 1,
        step: { stepS: 300 },
        aggregate: 'mean',
        groupBy: ['device', 'interface'],
        ...query,
      });
    }

    describeMetricStore(`InfluxDB ${version}`, async () => {
      const store = await started(fresh());
      return { store, end: () => store.stop() };
    });

    it('keeps what strangers measured within one second apart, to the microsecond', async () => {
      const store = await started(fresh());
      const from = Math.floor(Date.now() / 1_000) - 60;
      const series = seriesOf('external', { device: 'd1', sensor: 'cpu usage' });
      const rows = Array.from({ length: 40 }, (_, i) => ({ series, time: from + i / 4 + i * 1e-6, value: i }));
      for (let again = 0; again < 2; again++) await store.write([batchOf('external', rows)]);
      const query = { measurement: 'external', fields: ['value'], from, to: from + 20, step: { stepS: 1 } } as const;
      const { series: counts } = await ask(store, { ...query, groupBy: ['sensor'], aggregate: 'count' });
      expect(counts[0]?.values.slice(0, 11)).toEqual([...Array.from({ length: 10 }, () => 4), null]);
      await store.stop();
    });

    describe('roll-ups', () => {
      /** Three hours ago at a full hour. */
      const start = Math.floor(Date.now() / 3_600_000) * 3_600 - 3 * 3_600;
      const rows = Array.from({ length: 720 }, (_, i) => ({
        series: port('d1', `p${i % 2}`),
        time: start + i * 15,
        in_bps: (i * 7_919) % 1_009,
      }));

      it('give the same answer as the raw points, for every aggregate, also after points that come late', async () => {
        const store = await started(fresh());
        await store.write([batchOf('interface', rows)]);
        const late = { series: port('d1', 'p0'), time: start + 7, in_bps: 5_000 };
        const same = async (of: typeof rows): Promise<void> => {
          for (const stepS of [300, 900, 3_600]) {
            for (const aggregate of aggregates) {
              const range = { from: start, to: start + 3 * 3_600, stepS, aggregate };
              const { series } = await ask(store, { ...range, step: { stepS } });
              const expected = walked(of, { ...range, groupBy: ['device', 'interface'] });
              expect(series).toHaveLength(2);
              for (const { tags, values } of series) {
                const wanted = expected.get(JSON.stringify(tags)) ?? [];
                for (const [step, value] of wanted.entries()) {
                  if (value === null) expect(values[step], `${aggregate} ${stepS}`).toBeNull();
                  else expect(values[step], `${aggregate} ${stepS}`).toBeCloseTo(value, 6);
                }
              }
            }
          }
        };
        await same(rows);
        await store.reconcile();
        await same(rows);
        await store.write([batchOf('interface', [late])]);
        await same([...rows, late]);
        await store.reconcile();
        await same([...rows, late]);
        await store.stop();
      });

      it('are what long steps are read from', async () => {
        const store = await started(fresh());
        await store.write([batchOf('interface', rows)]);
        await store.reconcile();
        const of = 'interface,device=d1,interface=p0';
        await store.writeRolled('1h', [`${of} in_bps_max=77777 ${start}`]);
        await store.writeRolled('5m', [`${of} in_bps_max=55555 ${start}`]);
        const first = async (stepS: number): Promise<number | null | undefined> => {
          const { series } = await ask(store, { from: start, to: start + 3_600, step: { stepS }, aggregate: 'max' });
          return series.find(({ tags }) => tags['interface'] === 'p0')?.values[0];
        };
        expect(await first(3_600)).toBe(77_777);
        expect(await first(300)).toBe(55_555);
        expect(await first(60)).toBeLessThan(1_009);
        await store.stop();
      });

      it('answer alone where raw points are not kept any more', async () => {
        const store = await started(fresh());
        const time = Math.floor(Date.now() / 1_000 / day) * day - 30 * day;
        await store.writeRolled('5m', [`interface,device=d1,interface=p1 in_bps_sum=30,in_bps_count=3 ${time}`]);
        await store.reconcile();
        const { stepS, series } = await ask(store, { from: time, to: time + 600, step: { stepS: 60 } });
        expect(stepS).toBe(300);
        expect(series[0]?.values).toEqual([10, null]);
        await store.stop();
      });
    });

    describe('the loop that keeps the server right', () => {
      it('mends retention and makes a roll-up anew that somebody removed', async () => {
        const name = fresh();
        const store = await started(name);
        const hand = byHand(influx);
        expect(await hand.rawKeptFor(name)).toBe(7 * day);
        const start = Math.floor(Date.now() / 3_600_000) * 3_600 - 2 * 3_600;
        await store.write([batchOf('interface', [{ series: port('d1', 'p1'), time: start, in_bps: 8 }])]);
        await store.reconcile();
        await hand.keepRawFor(name, 2 * day);
        await hand.removeRollUp(name);
        await store.reconcile();
        await store.reconcile();
        expect(await hand.rawKeptFor(name)).toBe(7 * day);
        const { oldest } = await store.statistics();
        expect(oldest).toEqual({ raw: start, '5m': start, '1h': start });
        await store.stop();
      });

      it('makes everything anew when a write finds nothing', async () => {
        const name = fresh();
        const store = await started(name);
        await byHand(influx).removeEverything(name);
        const time = Math.floor(Date.now() / 1_000) - 60;
        await store.write([batchOf('interface', [{ series: port('d1', 'p1'), time, in_bps: 8 }])]);
        expect(await store.latest('interface', {}, 3_600)).toHaveLength(1);
        await store.stop();
      });
    });

    describe('behind the journal', () => {
      const now = Math.floor(Date.now() / 1_000) - 3_000;

      async function count(store: InfluxStore): Promise<number> {
        const range = { from: now - 3_600, to: now + 7_200, step: { stepS: 3_600 } };
        const { series } = await ask(store, { ...range, aggregate: 'count', groupBy: [] });
        return series.flatMap(({ values }) => values).reduce<number>((sum, value) => sum + (value ?? 0), 0);
      }

      it('a server that is stopped in the middle loses nothing and doubles nothing', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'arung-journal-'));
        const store = await started(fresh());
        const journal = new Journal({
          store,
          clock: systemClock,
          logger,
          folder,
          maxPauseMs: 300,
          segmentBytes: 20_000,
        });
        await journal.start();
        let time = now;
        const write = (): Promise<void> =>
          journal.write([
            batchOf(
              'interface',
              Array.from({ length: 20 }, (_, i) => ({ series: port('d1', `p${i}`), time, in_bps: i })),
            ),
          ]);
        const writeMany = async (times: number): Promise<void> => {
          for (let i = 0; i < times; i++, time++) await write();
        };
        await writeMany(50);
        await influx.stop();
        await writeMany(100);
        await vi.waitFor(() => expect(journal.statistics().failingSince).not.toBeNull(), { timeout: 60_000 });
        // A server that is stopping refuses before it is silent.
        await vi.waitFor(() => expect(journal.statistics().reason).toMatch(/does not answer/), 30_000);
        await influx.start();
        await writeMany(50);
        const kill = influx.kill();
        await writeMany(50);
        await kill;
        await influx.start();
        await vi.waitFor(() => expect(journal.statistics()).toMatchObject({ queuedRows: 0, failingSince: null }), {
          timeout: 60_000,
        });
        expect(await count(store)).toBe(250 * 20);
        expect(journal.statistics()).toMatchObject({ lostRows: 0, refusedRows: 0 });
        await journal.stop();
        await store.stop();
        rmSync(folder, { recursive: true, force: true });
      }, 240_000);

      it('sets aside what the server refuses, with its reason, and stores the rest', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'arung-journal-'));
        const name = fresh();
        const store = await started(name);
        await byHand(influx).write(name, `sensor,device=other value="a text" ${now}`);
        const journal = new Journal({ store, clock: systemClock, logger, folder });
        await journal.start();
        const sensor = seriesOf('sensor', { device: 'd1', sensor: 's' });
        await journal.write([
          batchOf(
            'interface',
            Array.from({ length: 40 }, (_, i) => ({ series: port('d1', 'p1'), time: now + i, in_bps: i })),
          ),
          batchOf('sensor', [
            { series: sensor, time: now, value: 1 },
            { series: sensor, time: now + 1, value: 2 },
          ]),
        ]);
        await journal.drained();
        expect(await count(store)).toBe(40);
        expect(journal.statistics()).toMatchObject({
          refusedRows: 2,
          writtenRows: 40,
          queuedRows: 0,
          failingSince: null,
        });
        const [file = ''] = readdirSync(join(folder, 'refused'));
        expect(readFileSync(join(folder, 'refused', file), 'utf8')).toMatch(/field type conflict|type string/);
        await journal.stop();
        await store.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      it('loses nothing and doubles nothing when the program is killed at random moments of the drain', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'arung-journal-'));
        const name = fresh();
        const base = now - (now % 3_600);
        let next = 0;
        const run = async (until: (line: string) => boolean): Promise<void> => {
          const args = [folder, JSON.stringify(choiceFor(influx, name)), String(next), String(base)];
          const child = spawn(process.execPath, [drainer, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
          const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
          for await (const line of createInterface({ input: child.stdout })) {
            const row = /^acknowledged (\d+)$/.exec(line)?.[1];
            if (row !== undefined) next = Number(row) + 1;
            if (!until(line)) continue;
            // Before its output is closed: an end by a broken pipe would be no kill.
            child.kill('SIGKILL');
            break;
          }
          await gone;
        };
        for (let kill = 0; kill < kills; kill++) {
          const lines = 1 + Math.floor(Math.random() * 300);
          let seen = 0;
          await run(() => ++seen >= lines);
        }
        await run((line) => line === 'drained');
        const store = await started(name);
        const range = { from: base, to: base + 7_200, step: { stepS: 1 }, groupBy: ['interface'] } as const;
        const { series } = await ask(store, { ...range, aggregate: 'sum' });
        const found = new Map<number, number>();
        for (const { values, tags } of series) {
          for (const [second, value] of values.entries()) {
            if (value !== null) found.set(second * 10 + Number(tags['interface']?.slice(1)), value);
          }
        }
        // A row that was on disk when the kill came may be there without having been acknowledged; `next` is written again then.
        expect(found.size).toBe(next);
        for (const [row, value] of found) expect(value).toBe(row);
        await store.stop();
        rmSync(folder, { recursive: true, force: true });
      }, 600_000);

      it('a program that starts before its server waits for it', async () => {
        await influx.stop();
        const store = await started(fresh());
        const time = Math.floor(Date.now() / 1_000);
        const batches = [batchOf('interface', [{ series: port('d1', 'p1'), time, in_bps: 8 }])];
        await expect(store.write(batches)).rejects.toMatchObject({ kind: 'unavailable', code: 'metrics.influx-away' });
        await influx.start();
        await store.write(batches);
        expect(await store.latest('interface', {}, 3_600)).toHaveLength(1);
        await store.stop();
      }, 120_000);
    });

    describe('a copy of history', () => {
      it('moves raw points and older roll-ups, goes on after a stop, and changes nothing when repeated', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'arung-copy-'));
        const source = openMetricStore({ kind: 'embedded', path: join(folder, 'metrics.sqlite') }, logger);
        await source.start();
        const target = await started(fresh());
        const now = Math.floor(Date.now() / 1_000);
        const rows = Array.from({ length: 200 }, (_, i) => ({
          series: port('d1', `p${i % 2}`),
          time: now - 4_000 + i * 20,
          in_bps: i,
        }));
        const sensors = [{ series: seriesOf('sensor', { device: 'd1', sensor: 'a\\,b' }), time: now - 30, value: 2 }];
        await source.write([batchOf('interface', rows), batchOf('sensor', sensors)]);
        const notePath = join(folder, 'note.json');
        const options = { from: source, to: target, fromTime: 0, toTime: now, notePath };
        let parts = 0;
        const stopped = copyMetrics({
          ...options,
          onProgress: () => {
            if (++parts === 3) throw new Error('stopped');
          },
        });
        await expect(stopped).rejects.toThrow('stopped');
        const again = await copyMetrics(options);
        expect(again.resumed).toBe(true);
        expect((await copyMetrics(options)).resumed).toBe(false);
        for (const aggregate of aggregates) {
          const range = { from: now - 4_200, to: now + 60, step: { stepS: 60 }, aggregate };
          expect(sorted(await ask(target, range)), aggregate).toEqual(sorted(await ask(source, range)));
        }
        expect(await target.latest('sensor', {}, 3_600)).toEqual(await source.latest('sensor', {}, 3_600));
        await target.stop();
        await source.stop();
        rmSync(folder, { recursive: true, force: true });
      });
    });
  });
}

function sorted(result: SeriesResult): SeriesResult {
  const key = (one: SeriesResult['series'][number]): string => JSON.stringify([one.tags, one.field]);
  return { ...result, series: result.series.toSorted((one, other) => key(one).localeCompare(key(other))) };
}
