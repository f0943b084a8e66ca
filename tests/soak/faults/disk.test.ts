import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetricStore } from '../../../src/metrics/open-store.ts';
import { mayMount, SmallDisk } from '../small-disk.ts';
import { lasting } from './lengths.ts';
import { Screen } from './screen.ts';
import { dark, Stage, unknown } from './stage.ts';
import { compare } from './stored-values.ts';

/** Longer than a device may be unheard of before it is unknown. */
const outageMs = lasting(1.5);
const title = `the disk full for ${outageMs / 1_000} s, with the embedded broker`;

describe.skipIf(!mayMount)(mayMount ? title : `${title} (skipped: only root may mount a small one)`, () => {
  let disk: SmallDisk;
  let stage: Stage;
  let screen: Screen | null = null;

  beforeAll(async () => {
    disk = new SmallDisk(500);
    const dataDir = join(disk.path, 'data');
    stage = await Stage.open({ title: 'disk', mosquitto: null, always: { ARUNG_DATA_DIR: dataDir } });
    screen = await Screen.open(stage.demo);
  }, 900_000);
  afterAll(async () => {
    await screen?.close();
    await stage?.close();
    disk?.remove();
  }, 300_000);

  it('is said with its time, changes no state, and loses nothing: neither then nor by a kill in it', async () => {
    const { observer, demo } = stage;
    disk.fill();
    // The file of the store has some room of its own.
    await expect.poll(async () => (await observer.readiness()).checks['metrics'], { timeout: 120_000 }).toBe('failing');
    const saidAt = Date.now();
    const { since, reasons } = await observer.readiness();
    expect(reasons).toEqual({ metrics: 'disk' });
    expect(Math.abs(Date.parse(since?.['metrics'] ?? '') - saidAt)).toBeLessThan(10_000);
    if (screen !== null) {
      await expect
        .poll(() => screen?.says(), { timeout: 20_000 })
        .toMatch(/Pemantauan terganggu\. Cakram server Arung tidak dapat ditulisi sejak /m);
      expect(await screen.axe()).toEqual([]);
      await screen.shoot('disk');
    }
    await pause(outageMs - (Date.now() - saidAt));
    disk.free();
    await stage.whole();
    if (screen !== null) await expect.poll(() => screen?.says(), { timeout: 20_000 }).toBe('');
    // The agents at the witnesses' sites are turned away while nothing can be kept, and are not silent for that.
    expect(await stage.changes(`${dark},${unknown}`)).toEqual([]);
    expect(observer.worst).toMatchObject({ down: 0, unreachable: 0, unknown: 0 });

    disk.fill();
    await pause(lasting(0.25));
    await demo.kill();
    disk.free();
    await demo.start('serve');
    await stage.whole();
    await stage.quiet();
    expect((await observer.readiness()).notes.metrics).toMatchObject({ lostRows: 0, refusedRows: 0 });
    expect(await stage.changes(dark)).toEqual([]);
    await demo.stop();
    const path = join(disk.path, 'data', 'metrics.sqlite');
    const store = openMetricStore({ kind: 'embedded', path }, pino({ enabled: false }));
    await store.start();
    const queued = await compare(store, stage.patient);
    const once = await compare(store, stage.hasty);
    await store.stop();
    stage.say(`who queues: ${JSON.stringify(queued)}; memory ${observer.worst.memoryMb} MB at most`);
    stage.say(`who sends once (QoS 0): ${once.made - once.stored} of ${once.made} values lost`);
    expect(queued).toMatchObject({ stored: queued.made, missing: 0, doubled: 0, wrong: 0 });
    expect(once).toMatchObject({ doubled: 0, wrong: 0 });
  });
});
