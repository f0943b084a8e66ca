import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedPostgres } from '../../../src/database/embedded-postgres.ts';
import { openMetricStore } from '../../../src/metrics/open-store.ts';
import { peer } from '../../support/peers.ts';
import { processFamily } from '../../support/process-family.ts';
import { lasting } from './lengths.ts';
import { Screen } from './screen.ts';
import { dark, Stage, unknown } from './stage.ts';
import { compare } from './stored-values.ts';

const outageMs = lasting(1);

describe(`PostgreSQL away for ${outageMs / 1_000} s`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-postgres-'));
  const server = (): EmbeddedPostgres =>
    new EmbeddedPostgres({ dataDir: folder, logger: pino({ enabled: false }), endWithUs: false });
  let postgres: EmbeddedPostgres;
  let stage: Stage;
  let screen: Screen | null = null;

  beforeAll(async () => {
    postgres = server();
    await postgres.start();
    stage = await Stage.open({
      title: 'postgresql',
      mosquitto: peer('mosquitto'),
      // a whole address, whose host is the folder of the socket
      always: { DATABASE_URL: postgres.url.replace('@/', '@localhost/') },
    });
    screen = await Screen.open(stage.demo);
  }, 900_000);
  afterAll(async () => {
    await screen?.close();
    await stage?.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  const outage = async (begin: () => Promise<void>, end: () => Promise<void>): Promise<void> => {
    const { observer } = stage;
    const stoppedAt = Date.now();
    await begin();
    await expect
      .poll(async () => (await observer.readiness()).checks, { timeout: 60_000 })
      .toMatchObject({ database: 'failing', broker: 'ok', metrics: 'ok' });
    const { since } = await observer.readiness();
    expect(Math.abs(Date.parse(since?.['database'] ?? '') - stoppedAt)).toBeLessThan(20_000);
    if (screen !== null) {
      await expect
        .poll(() => screen?.says(), { timeout: 20_000 })
        .toMatch(/Pemantauan terganggu\. Basis data tidak menjawab sejak /);
      expect(await screen.axe()).toEqual([]);
      await screen.shoot('postgresql');
    }
    expect((await fetch(`${stage.demo.url}/healthz`)).status).toBe(200);
    await pause(outageMs - (Date.now() - stoppedAt));
    await end();
    const endedAt = performance.now();
    await stage.whole();
    stage.say(`whole ${Math.round((performance.now() - endedAt) / 1_000)} s after its end`);
    if (screen !== null) await expect.poll(() => screen?.says(), { timeout: 20_000 }).toBe('');
    expect((await observer.readiness()).notes.database).toMatchObject({ lostEntries: 0 });
    expect(await stage.changes(`${dark},${unknown}`)).toEqual([]);
    expect(observer.worst).toMatchObject({ down: 0, unreachable: 0, unknown: 0 });
    const answer = await stage.demo.post('/api/v1/contacts', { name: `Sesudah ${endedAt}` });
    expect(answer.status).toBe(201);
  };

  it('stopped: is said with its time and changes no state', () =>
    outage(
      () => postgres.stop(),
      async () => {
        postgres = server();
        await postgres.start();
      },
    ));

  it('hanging: the same', async () => {
    const stopped = processFamily(postgres.pid ?? 0);
    await outage(
      async () => {
        for (const pid of stopped) process.kill(pid, 'SIGSTOP');
      },
      async () => {
        for (const pid of stopped.toReversed()) process.kill(pid, 'SIGCONT');
      },
    );
  });

  it('loses and doubles nothing of what was measured meanwhile', async () => {
    await stage.quiet();
    await stage.demo.stop();
    const path = join(stage.demo.dataDir, 'metrics.sqlite');
    const store = openMetricStore({ kind: 'embedded', path }, pino({ enabled: false }));
    await store.start();
    const both = [await compare(store, stage.patient), await compare(store, stage.hasty)];
    await store.stop();
    stage.say(`${JSON.stringify(both)}; memory ${stage.observer.worst.memoryMb} MB at most`);
    // The broker was there all the time: who sends once has nothing to lose either.
    for (const one of both) expect(one).toMatchObject({ stored: one.made, missing: 0, doubled: 0, wrong: 0 });
  });
});
