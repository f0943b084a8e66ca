import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetricStore } from '../../../src/metrics/open-store.ts';
import { peer } from '../../support/peers.ts';
import { readStoredPoints } from '../stored-points.ts';
import { lasting } from './lengths.ts';
import { dark, Stage, unknown } from './stage.ts';
import { compare } from './stored-values.ts';

/** Of Debian's package faketime: the time of a process alone, never the machine's. */
const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const isThere = existsSync(library);
const hourS = 3_600;
const watchedMs = lasting(5);

describe.skipIf(!isThere)(
  `the clock of the controller set back by an hour${isThere ? '' : ' (skipped: needs libfaketime, run npm run peers)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'arung-clock-'));
    const offsetFile = join(folder, 'offset');
    const setBy = (seconds: number): void => writeFileSync(offsetFile, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    let stage: Stage;
    let startedS = 0;

    beforeAll(async () => {
      setBy(0);
      stage = await Stage.open({
        title: 'clock',
        mosquitto: peer('mosquitto'),
        env: {
          LD_PRELOAD: library,
          FAKETIME_TIMESTAMP_FILE: offsetFile,
          FAKETIME_CACHE_DURATION: '1',
          // What only ever grows does so too when somebody sets a clock.
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          NO_FAKE_STAT: '1',
        },
      });
      startedS = Math.floor(Date.now() / 1_000);
    }, 900_000);
    afterAll(async () => {
      await stage?.close();
      rmSync(folder, { recursive: true, force: true });
    }, 300_000);

    const controllerTime = async (): Promise<number> => Date.parse((await stage.demo.status()).at);

    it('changes no state, and no point is lost, doubled or of the future; set right again, neither', async () => {
      const { observer, demo } = stage;
      expect(Math.abs((await controllerTime()) - Date.now())).toBeLessThan(5_000);
      setBy(-hourS);
      await expect
        .poll(async () => Math.abs((await controllerTime()) + hourS * 1_000 - Date.now()), { timeout: 20_000 })
        .toBeLessThan(5_000);
      await pause(watchedMs);
      expect((await observer.readiness()).status).toBe('ready');
      const counted = await stage.counted();
      stage.say(`while the clock is an hour behind: ${counted}`);
      setBy(0);
      await expect
        .poll(async () => Math.abs((await controllerTime()) - Date.now()), { timeout: 20_000 })
        .toBeLessThan(5_000);
      await pause(lasting(0.5));
      const since = new Date(Date.parse(stage.since) - hourS * 1_000 - 60_000).toISOString();
      expect(await stage.changes(`${dark},${unknown}`, since)).toEqual([]);
      expect(observer.worst).toMatchObject({ down: 0, unreachable: 0, unknown: 0 });
      await stage.quiet();
      expect((await observer.readiness()).notes.metrics).toMatchObject({ lostRows: 0, refusedRows: 0 });

      await demo.stop();
      const endedS = Math.ceil(Date.now() / 1_000);
      const path = join(demo.dataDir, 'metrics.sqlite');
      const { series, faults } = readStoredPoints(path);
      expect(faults).toEqual([]);
      expect(Math.max(...series.map(({ times }) => times.at(-1) ?? 0))).toBeLessThanOrEqual(endedS);
      const early = series.filter(({ times }) => (times[0] ?? 0) < startedS - 120).length;
      stage.say(`${early} of ${series.length} series have points of the hour before`);
      const store = openMetricStore({ kind: 'embedded', path }, pino({ enabled: false }));
      await store.start();
      const both = [await compare(store, stage.patient), await compare(store, stage.hasty)];
      await store.stop();
      stage.say(`${JSON.stringify(both)}; memory ${observer.worst.memoryMb} MB at most`);
      for (const one of both) expect(one).toMatchObject({ stored: one.made, missing: 0, doubled: 0, wrong: 0 });
    });
  },
);
