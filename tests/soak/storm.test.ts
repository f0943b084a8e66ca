import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatorControl } from '../../agents/simulator/control.ts';
import { freePort } from '../support/free-port.ts';
import { simulatorSocket } from '../../src/demo/places.ts';
import { Demo, everyDevice } from '../support/demo.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { countNotices, messageOf, readNotices, waitingNotices } from './notice-count.ts';
import { seeded } from './seeded.ts';
import { SimulatorApart } from './simulator-apart.ts';
import { Storm, stormLinks } from './storm.ts';

const kills = Number(process.env['ARUNG_TEST_SOAK_STORM_KILLS'] ?? 50);
const seed = Number(process.env['ARUNG_TEST_SOAK_SEED'] ?? 20_261_129);
const flappingDevices = 1000;
/** A controller is left alone for so long before it is killed. Milliseconds. */
const [shortestLifeMs, longestLifeMs] = [4_000, 18_000];
/** About so long takes one round; the last links join the storm in the second half of it. */
const aboutRoundMs = 20_000;
/** A receiver takes so long to answer; every other kill waits until a call is under way, for so long at most. */
const slowestAnswerMs = 2_000;
const longestWaitForCallMs = 15_000;
/** What stood open for so long in the sight of a living controller must have been told: a terminal is missed late. */
const lastCutMs = 240_000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const say = (text: string): void => void process.stdout.write(`storm: ${text}\n`);

interface Made {
  readonly id: string;
}

describe(`kill -9 of the controller, ${kills} times while ${flappingDevices} devices flap`, () => {
  let demo: Demo;
  let simulator: SimulatorApart | null = null;
  let database: Client;
  const random = seeded(seed);
  const webhook = new WebhookReceiver();
  const gateway = new WebhookReceiver();
  const underWay = { calls: 0 };
  const receivers = { slowestMs: slowestAnswerMs };
  let killsInCalls = 0;
  const links = stormLinks(flappingDevices, seed);

  /** The embedded PostgreSQL, beside the controller. It is another one after each start. */
  async function openDatabase(): Promise<Client> {
    const note = join(demo.dataDir, 'postgresql.location');
    const base = existsSync(note) ? readFileSync(note, 'utf8').trim() : join(demo.dataDir, 'postgresql');
    const client = new Client({ host: join(base, 'socket'), user: 'arung', database: 'arung' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async function make(path: string, body: unknown): Promise<string> {
    const answer = await demo.post(path, body);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as Made).id;
  }

  /** Three people in the place of the demo's: they are told at any hour, over channels that are recorded out here. */
  async function makePeople(hookUrl: string, gatewayUrl: string): Promise<void> {
    const { items } = await demo.get<{ items: Made[] }>('/api/v1/people?limit=200');
    for (const { id } of items) {
      const answer = await demo.call('PATCH', `/api/v1/people/${id}`, { active: false });
      expect(answer.status).toBe(200);
    }
    const hook = await make('/api/v1/channels', {
      name: 'Perekam',
      kind: 'webhook',
      settings: { url: hookUrl },
      secrets: { key: 'kunci-perekam-badai-1' },
    });
    const sms = await make('/api/v1/channels', {
      name: 'Perekam SMS',
      kind: 'sms-http',
      settings: { method: 'POST', url: gatewayUrl, body: '{"ref":"{id}","text":"{text}"}' },
    });
    const teamId = await make('/api/v1/teams', { name: 'Badai', escalateAfterS: 30 });
    const person = (name: string, level: number, regionCodes: readonly string[], channelId: string, address: string) =>
      make('/api/v1/people', { name, level, regionCodes, teamId, channels: [{ channelId, address }] });
    await person('Saksi Satu', 1, ['73.08'], hook, 'satu');
    await person('Saksi Dua', 2, ['73.08'], hook, 'dua');
    await person('Saksi SMS', 1, ['73.08.01', '73.08.02', '73.08.03'], sms, '+62 800 000 0900');
  }

  beforeAll(async () => {
    const mqttPort = await freePort();
    demo = new Demo({ ARUNG_MQTT_PORT: String(mqttPort), ARUNG_LOG_LEVEL: 'warn' });
    await demo.start();
    await demo.stop();
    simulator = await SimulatorApart.start(demo.dataDir, mqttPort);
    await demo.start('serve');
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
    for (const receiver of [webhook, gateway]) {
      receiver.answer = async () => {
        underWay.calls++;
        await pause(random() * receivers.slowestMs);
        underWay.calls--;
        return 200;
      };
    }
    await makePeople(await webhook.start(), await gateway.start());
  }, 900_000);

  afterAll(async () => {
    await demo.stop();
    await simulator?.stop();
    await webhook.stop();
    await gateway.stop();
    await demo.remove();
  });

  it('loses no message, and sends none twice', async () => {
    const control = new SimulatorControl(simulatorSocket(demo.dataDir));
    const storm = new Storm(control, links, { random, spreadMs: (kills * aboutRoundMs) / 2 });
    const devices = links.reduce((sum, { behind }) => sum + behind.size, 0);
    say(`${devices} devices behind ${links.length} links, ${kills} kills, seed ${seed}`);
    storm.start();
    for (let kill = 1; kill <= kills; kill++) {
      await pause(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs));
      if (kill % 2 === 0) await callUnderWay();
      if (underWay.calls > 0) killsInCalls++;
      await demo.kill();
      // at once, while what it leaves behind still runs, or after a while
      await pause(random() < 0.5 ? 0 : random() * 5_000);
      const startedAt = performance.now();
      await demo.start('serve');
      const tookS = (performance.now() - startedAt) / 1000;
      const calls = webhook.calls.length + gateway.calls.length;
      say(`kill ${kill}: back after ${tookS.toFixed(1)} s, ${storm.toggles} toggles, ${calls} calls received so far`);
    }
    database = await openDatabase();
    // what is left is only to be counted
    receivers.slowestMs = 0;

    await storm.stop('cut');
    const cutAt = performance.now();
    let untold = await devicesUntold();
    while (untold.length > 0 && performance.now() - cutAt < lastCutMs) {
      await pause(2_000);
      untold = await devicesUntold();
    }
    say(
      `all links cut for ${((performance.now() - cutAt) / 1000).toFixed(0)} s at the end: ${devices - untold.length} of ${devices} dark devices are in an incident that was told`,
    );
    await storm.stop('restore');
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
    await expect.poll(() => waitingNotices(database), { timeout: 1_200_000, interval: 2_000 }).toBe(0);
    // what is decided between the last look and here would be counted as lost
    await demo.stop();
    await demo.start('serve');
    await database.end().catch(() => undefined);
    database = await openDatabase();
    await expect.poll(() => waitingNotices(database), { timeout: 300_000, interval: 2_000 }).toBe(0);

    const calls = [...webhook.calls, ...gateway.calls];
    const notices = await readNotices(database);
    const messages = [...webhook.calls, ...gateway.calls].map(messageOf);
    await database.end();
    const count = countNotices(notices, messages);
    const kinds = Map.groupBy(
      notices.filter(({ state }) => state === 'sent'),
      ({ kind }) => kind,
    );
    say(`${killsInCalls} of ${kills} kills fell into a call that was not answered yet`);
    say(`sent by kind: ${[...kinds].map(([kind, some]) => `${kind} ${some.length}`).join(', ')}`);
    say(
      `decided ${count.decided}, received ${count.received} in ${calls.length} calls, lost ${count.lost.length}, ` +
        `duplicates ${count.duplicates.length}, repeated with the same key ${count.repeatedByKey}, ` +
        `repeated without a key and said ${count.repeatedAndSaid}, cancelled ${count.cancelled}, failed ${count.failed}, ` +
        `told twice of the same ${count.toldTwice.length}`,
    );
    expect(untold).toEqual([]);
    expect(count.received).toBeGreaterThan(kills);
    expect(killsInCalls).toBeGreaterThan(kills / 5);
    // Whoever is killed in a call does not know that it arrived.
    expect(count.repeatedByKey + count.repeatedAndSaid).toBeGreaterThan(0);
    expect(count.lost).toEqual([]);
    expect(count.unknown).toEqual([]);
    expect(count.duplicates).toEqual([]);
    expect(count.toldTwice).toEqual([]);
  });

  /** Waits until a receiver has a call that it has not answered. */
  async function callUnderWay(): Promise<void> {
    const until = Date.now() + longestWaitForCallMs;
    while (underWay.calls === 0 && Date.now() < until) await pause(5);
  }

  /** Devices behind the storm's links that are in no incident of which somebody was told. */
  async function devicesUntold(): Promise<readonly string[]> {
    const { rows } = await database.query<{ name: string }>(
      `select distinct devices.name from incidents join lateral unnest(ever_alerts) alert on true
       join devices on alert like '%|device:' || devices.id
       where incidents.state in ('open', 'clearing') and exists (select 1 from notices join incidents told on told.id = notices.incident_id
         where coalesce(told.merged_into, told.id) = incidents.id and notices.state in ('sent', 'sending', 'due'))`,
    );
    const told = new Set(rows.map(({ name }) => name));
    return links.flatMap(({ behind }) => [...behind].filter((name) => !told.has(name)));
  }
});
