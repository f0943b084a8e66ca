import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMetricStore } from '../../../src/metrics/open-store.ts';
import { describeWithPeer } from '../../support/peers.ts';
import { lasting } from './lengths.ts';
import { Screen } from './screen.ts';
import { dark, Stage } from './stage.ts';
import { compare } from './stored-values.ts';

const outageMs = lasting(2);
const terminals = 449;
/** At other places, each with one device that is its site's. */
const agents = 2;

describeWithPeer('mosquitto', `Mosquitto away for ${outageMs / 1_000} s`, (program) => {
  let stage: Stage;
  let screen: Screen | null = null;

  beforeAll(async () => {
    stage = await Stage.open({ title: 'mosquitto', mosquitto: program });
    screen = await Screen.open(stage.demo);
  }, 900_000);
  afterAll(async () => {
    await screen?.close();
    await stage?.close();
  }, 300_000);

  it('is said with its time, calls nothing down, and loses nothing of who queues', async () => {
    const { observer, mosquitto, demo } = stage;
    expect((await screen?.says()) ?? '').toBe('');
    const stoppedAt = Date.now();
    await mosquitto?.stop('SIGTERM');
    await expect
      .poll(async () => (await observer.readiness()).checks, { timeout: 60_000 })
      .toMatchObject({ broker: 'failing', database: 'ok', metrics: 'ok' });
    const { since } = await observer.readiness();
    expect(Math.abs(Date.parse(since?.['broker'] ?? '') - stoppedAt)).toBeLessThan(20_000);
    if (screen !== null) {
      await expect
        .poll(() => screen?.says(), { timeout: 20_000 })
        .toMatch(/Pemantauan terganggu\. Broker MQTT tidak terjangkau sejak /);
      expect(await screen.axe()).toEqual([]);
      await screen.shoot('mosquitto');
    }
    await pause(outageMs - (Date.now() - stoppedAt));
    const { devices, sites } = await demo.status();
    stage.say(`while it was away: devices ${JSON.stringify(devices)}, sites ${JSON.stringify(sites)}`);
    // Nothing is known of what speaks through it, and nothing else is concerned.
    expect(devices).toMatchObject({ down: 0, unreachable: 0 });
    expect(devices.unknown).toBeLessThanOrEqual(terminals + agents);
    expect(sites).toMatchObject({ down: 0, unreachable: 0 });
    expect(sites.unknown).toBeLessThanOrEqual(agents);

    await mosquitto?.start();
    await stage.whole();
    if (screen !== null) await expect.poll(() => screen?.says(), { timeout: 20_000 }).toBe('');
    await stage.quiet();
    expect(await stage.changes(dark)).toEqual([]);
    expect(observer.worst).toMatchObject({ down: 0, unreachable: 0 });
    stage.say(`memory ${observer.worst.memoryMb} MB at most`);
    await demo.stop();
    const path = join(demo.dataDir, 'metrics.sqlite');
    const store = openMetricStore({ kind: 'embedded', path }, pino({ enabled: false }));
    await store.start();
    const queued = await compare(store, stage.patient);
    const once = await compare(store, stage.hasty);
    await store.stop();
    stage.say(`who queues: ${JSON.stringify(queued)}`);
    const { made, sent } = stage.hasty.counts;
    stage.say(
      `who sends once (QoS 0): ${once.made - once.stored} of ${once.made} values lost; ` +
        `${made - sent} of its ${made} messages found no broker`,
    );
    expect(queued).toMatchObject({ stored: queued.made, missing: 0, doubled: 0, wrong: 0 });
    expect(once).toMatchObject({ doubled: 0, wrong: 0 });
  });
});
