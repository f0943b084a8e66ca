import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../../domain/ids.ts';
import { seriesOf, type PointBatch } from '../../domain/point.ts';
import { openMetricStore } from '../open-store.ts';
import { describeMetricStore } from '../testing/contract.ts';
import { EmbeddedStore } from './store.ts';

let folder: string;
let path: string;
const stores: EmbeddedStore[] = [];
const logger = pino({ enabled: false });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-store-'));
  path = join(folder, 'metrics.db');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.stop().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function started(): Promise<EmbeddedStore> {
  const store = new EmbeddedStore({ path, logger });
  await store.start();
  stores.push(store);
  return store;
}

const series = [seriesOf('sensor', { device: 'd', sensor: 'temperature.board' })];
function batch(time: number, value: number): PointBatch {
  return {
    agent: 'local' as AgentId,
    measurement: 'sensor',
    series,
    times: Float64Array.of(time),
    values: Float64Array.of(value),
  };
}

describeMetricStore('EmbeddedStore', async () => {
  const own = mkdtempSync(join(tmpdir(), 'arung-contract-'));
  const store = openMetricStore({ kind: 'embedded', path: join(own, 'metrics.db') }, logger);
  await store.start();
  return {
    store,
    end: async () => {
      await store.stop();
      rmSync(own, { recursive: true, force: true });
    },
  };
});

describe('EmbeddedStore', () => {
  it('takes over a file of the format before, in which each tag had a column', async () => {
    const now = Math.floor(Date.now() / 1000);
    const first = await started();
    await first.write([batch(now, 42)]);
    await first.stop();
    stores.length = 0;
    const file = new DatabaseSync(path);
    file.exec(`
      CREATE TABLE series_1 (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, measurement TEXT NOT NULL,
        device TEXT NOT NULL, interface TEXT, sensor TEXT);
      INSERT INTO series_1 SELECT id, key, measurement, tags ->> 'device', tags ->> 'interface', tags ->> 'sensor' FROM series;
      DROP TABLE series;
      ALTER TABLE series_1 RENAME TO series;
      PRAGMA user_version = 1;`);
    file.close();
    const second = await started();
    await second.write([batch(now + 1, 43)]);
    expect(await second.latest('sensor', { device: ['d'] }, 600)).toEqual([
      {
        measurement: 'sensor',
        tags: { device: 'd', sensor: 'temperature.board' },
        time: now + 1,
        values: { value: 43 },
      },
    ]);
    expect((await second.statistics()).series).toBe(1);
  });

  it('writes batches of several measurements and answers from a new start', async () => {
    const now = Math.floor(Date.now() / 1000);
    const first = await started();
    await first.write([batch(now - 60, 40), batch(now, 42)]);
    await first.write([
      {
        ...batch(now, 1),
        measurement: 'agent',
        series: [seriesOf('agent', { device: 'd' })],
        values: Float64Array.of(5, 1, 0, 9),
      },
    ]);
    await first.stop();
    stores.length = 0;
    const second = await started();
    expect(await second.latest('sensor', { sensor: ['temperature.board'] }, 600)).toEqual([
      { measurement: 'sensor', tags: { device: 'd', sensor: 'temperature.board' }, time: now, values: { value: 42 } },
    ]);
    expect(await second.latest('agent', { device: ['d'] }, 600)).toMatchObject([
      { values: { poll_ms: 5, lost_packets: 0 } },
    ]);
    expect((await second.statistics()).series).toBe(2);
    // Series that this process has not introduced yet are written and read all the same.
    await second.write([batch(now + 1, 43)]);
    expect((await second.latest('sensor', {}, 600))[0]?.values).toEqual({ value: 43 });
  });

  it('says that the file is in use to a second program', async () => {
    await started();
    await expect(new EmbeddedStore({ path, logger }).start()).rejects.toMatchObject({ code: 'metrics.in-use' });
  });

  it('refuses with a sentence when it is not running', async () => {
    const store = new EmbeddedStore({ path, logger });
    await expect(store.write([batch(1, 1)])).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'metrics.not-running',
    });
  });

  it('loses no acknowledged row and doubles none when it is killed with kill -9, time after time', async () => {
    const base = Math.floor(Date.now() / 1000) - 100_000;
    let acknowledged = base - 1;
    for (let round = 0; round < 4; round++) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'testing/crash-writer.ts'), path, String(acknowledged + 1)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const target = acknowledged + 20 + Math.floor(Math.random() * 60);
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged >= target) {
          child.kill('SIGKILL');
          break;
        }
      }
      await gone;
      const store = await started();
      const steps = Math.ceil((acknowledged - base + 2) / 60);
      const result = await store.query({
        measurement: 'reachability',
        fields: ['rtt_ms'],
        filter: {},
        from: base,
        to: base + steps * 60,
        step: { stepS: 1 },
        aggregate: 'count',
        groupBy: ['device'],
      });
      expect(result.series).toHaveLength(3);
      for (const line of result.series) {
        const kept = line.values.slice(0, acknowledged - base + 1);
        expect(kept).toEqual(kept.map(() => 1));
        // One more may have been durable before its acknowledgement was read; no more.
        expect(line.values.filter((value) => value !== null).length).toBeLessThanOrEqual(kept.length + 40);
      }
      await store.stop();
      stores.length = 0;
    }
  }, 60_000);
});
