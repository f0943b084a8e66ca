import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMetricStore, type MetricStoreChoice } from '../../../src/metrics/open-store.ts';
import { startedInflux } from '../../../src/metrics/testing/influx.ts';
import { influxOrg, influxToken, type RunningInflux } from '../../support/influx.ts';
import { describeWithPeer, peer } from '../../support/peers.ts';
import { seeded } from '../seeded.ts';
import { kills, lasting } from './lengths.ts';
import { Screen } from './screen.ts';
import { dark, Stage, unknown } from './stage.ts';
import { compare } from './stored-values.ts';

const outageMs = lasting(10);
/** What the controller holds at rest, and as much again: what waits belongs on the disk. */
const mostMb = 800;

for (const version of [1, 2] as const) {
  describeWithPeer(`influxd${version}`, `InfluxDB ${version} away for ${outageMs / 1_000} s`, (program) => {
    let influx: RunningInflux;
    let stage: Stage;
    let screen: Screen | null = null;
    const choice = (): MetricStoreChoice =>
      version === 1
        ? { kind: 'influx1', url: influx.url, database: 'arung', user: null, password: null }
        : { kind: 'influx2', url: influx.url, org: influxOrg, bucket: 'arung', token: influxToken };
    const stored = async (): Promise<void> => {
      const store = openMetricStore(choice(), pino({ enabled: false }));
      const queued = await compare(store, stage.patient);
      const once = await compare(store, stage.hasty);
      stage.say(`who queues: ${JSON.stringify(queued)}`);
      stage.say(`who sends once (QoS 0): ${once.made - once.stored} of ${once.made} lost`);
      expect(queued).toMatchObject({ stored: queued.made, missing: 0, doubled: 0, wrong: 0 });
      expect(once).toMatchObject({ doubled: 0, wrong: 0 });
    };

    beforeAll(async () => {
      influx = await startedInflux(version, program);
      const env =
        version === 1
          ? { ARUNG_METRICS_STORE: 'influx1' }
          : { ARUNG_METRICS_STORE: 'influx2', ARUNG_INFLUX_ORG: influxOrg, ARUNG_INFLUX_TOKEN: influxToken };
      stage = await Stage.open({
        title: `influx ${version}`,
        mosquitto: peer('mosquitto'),
        env: { ...env, ARUNG_INFLUX_URL: influx.url },
      });
      screen = await Screen.open(stage.demo);
    }, 900_000);
    afterAll(async () => {
      await screen?.close();
      await stage?.close();
      await influx?.end();
    }, 120_000);

    it('is said with its time, changes no state, and leaves everything stored once', async () => {
      const { observer } = stage;
      const before = observer.worst.memoryMb;
      const stoppedAt = Date.now();
      await influx.stop();
      await expect
        .poll(async () => (await observer.readiness()).checks, { timeout: 60_000 })
        .toMatchObject({ metrics: 'failing', database: 'ok', broker: 'ok' });
      const { since } = await observer.readiness();
      expect(Math.abs(Date.parse(since?.['metrics'] ?? '') - stoppedAt)).toBeLessThan(20_000);
      if (screen !== null) {
        await expect
          .poll(() => screen?.says(), { timeout: 20_000 })
          .toMatch(/Pemantauan terganggu\. Penyimpan metrik tidak menerima /);
        expect(await screen.axe()).toEqual([]);
      }
      await pause(outageMs - (Date.now() - stoppedAt));
      await screen?.shoot(`influx-${version}`);
      const waiting = (await observer.readiness()).notes.metrics.waitingRows;
      expect((await observer.readiness()).since).toEqual(since);
      await influx.start();
      const startedAt = performance.now();
      await stage.whole();
      if (screen !== null) await expect.poll(() => screen?.says(), { timeout: 20_000 }).toBe('');
      stage.say(
        `${waiting} rows waited, drained after ${Math.round((performance.now() - startedAt) / 1_000)} s; ` +
          `memory ${before} MB before, ${observer.worst.memoryMb} MB at most`,
      );
      expect(await stage.changes(`${dark},${unknown}`)).toEqual([]);
      expect(observer.worst).toMatchObject({ down: 0, unreachable: 0, unknown: 0 });
      expect(observer.worst.memoryMb).toBeLessThan(mostMb);
    });

    it(`loses and doubles nothing by ${kills} times kill -9 in the drain`, async () => {
      const random = seeded(20_261_129);
      for (let round = 1; round <= kills; round++) {
        await influx.stop();
        await pause(10_000 + random() * 10_000);
        await influx.start();
        const waitedMs = random() * 2_500;
        await pause(waitedMs);
        const { waitingRows } = (await stage.observer.readiness().catch(() => null))?.notes.metrics ?? {};
        await stage.demo.kill();
        const startedAt = performance.now();
        await stage.demo.start('serve');
        stage.say(
          `kill ${round}: ${waitedMs.toFixed(0)} ms into the drain, ${waitingRows} rows waiting, ` +
            `started in ${(performance.now() - startedAt).toFixed(0)} ms`,
        );
      }
      await stage.quiet();
      const { lostRows, refusedRows } = (await stage.observer.readiness()).notes.metrics;
      expect({ lostRows, refusedRows }).toEqual({ lostRows: 0, refusedRows: 0 });
      stage.say(`counted: ${await stage.counted()}`);
      await stored();
      expect(await stage.changes(dark)).toEqual([]);
    });
  });
}
