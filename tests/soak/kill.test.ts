import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { simulatorInventory } from '../../src/demo/places.ts';
import type { InventoryDocument } from '../../src/inventory/document.ts';
import { Demo, everyDevice, postgresServersOn, processesWith } from '../support/demo.ts';
import type { MetricGroup } from '../../src/domain/plan.ts';
import type { DevicePollReport } from '../../src/polling/poll-report.ts';
import { terminalTiming } from '../../src/telemetry/polled-terminal.ts';
import { gapsOf, type Absence, type Intervals } from './gaps.ts';
import { InventoryWriter, thingsOf, wholeGroup } from './inventory-writer.ts';
import { seeded } from './seeded.ts';
import { SimulatorApart } from './simulator-apart.ts';
import { readStoredPoints } from './stored-points.ts';

const rounds = Number(process.env['ARUNG_TEST_SOAK_KILLS'] ?? 20);
const seed = Number(process.env['ARUNG_TEST_SOAK_SEED'] ?? 20_261_125);
/** A controller is left alone for up to so long before it is killed. */
const longestLifeS = 75;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** What an inventory has otherwise than it was acknowledged. */
function wrongIn(document: InventoryDocument, written: InventoryWriter): readonly string[] {
  const wrong: string[] = [];
  const roles = new Map((document.contacts ?? []).map((contact) => [contact.name, contact.role ?? '']));
  for (const [name, role] of written.contacts) {
    if (written.undecided.has(name)) continue;
    if ((roles.get(name) ?? null) !== role) wrong.push(`${name} is ${roles.get(name)} and not ${role}`);
  }
  for (const name of written.undecided) {
    // its creation at least was acknowledged: a change that hung may be there or not, but for a removal it stays
    const last = written.contacts.get(name);
    if (last === 'satu' && !roles.has(name)) wrong.push(`${name} is gone`);
  }
  for (const name of written.groups) {
    if (thingsOf(document, name) !== wholeGroup) wrong.push(`${name} has ${thingsOf(document, name)} of ${wholeGroup}`);
  }
  for (const name of written.undecidedGroups) {
    const found = thingsOf(document, name);
    if (found !== 0 && found !== wholeGroup) wrong.push(`half of ${name}: ${found} of ${wholeGroup}`);
  }
  return wrong;
}

/** Which group of a device's plan a measurement comes from. */
const groupOf: Readonly<Record<string, MetricGroup>> = {
  interface: 'interfaces',
  agent: 'interfaces',
  device: 'health',
  sensor: 'sensors',
};
/** Summaries of probes are closed once a minute, whatever the plan says; terminals tell all of themselves as often. */
const fixedS: Readonly<Record<string, number>> = { reachability: 60, terminal: terminalTiming.statusEveryMs / 1000 };

/** The intervals of the plans that the controller polls by now. */
async function plannedIntervals(demo: Demo): Promise<Intervals> {
  const planned = new Map<string, number>();
  const devices = await demo.all<{ id: string; protocol: string }>('/api/v1/devices');
  for (const { id } of devices.filter((device) => device.protocol === 'snmp')) {
    const { groups } = await demo.get<Pick<DevicePollReport, 'groups'>>(`/api/v1/devices/${id}/plan`);
    for (const { group, intervalMs } of groups) planned.set(`${id} ${group}`, intervalMs / 1000);
  }
  return ({ measurement, device }) =>
    fixedS[measurement] ?? planned.get(`${device} ${groupOf[measurement] ?? ''}`) ?? null;
}

describe(`kill -9 of the controller, ${rounds} times at a random moment while it polls and is written to`, () => {
  let mqttPort = 0;
  let demo: Demo;
  let simulator: SimulatorApart | null = null;
  const writer = new InventoryWriter();
  const absences: Absence[] = [];
  const startsMs: number[] = [];
  const random = seeded(seed);
  const say = (text: string): void => void process.stdout.write(`kill: ${text}\n`);
  let beganAt = '';

  beforeAll(async () => {
    mqttPort = await freePort();
    demo = new Demo({ ARUNG_MQTT_PORT: String(mqttPort), ARUNG_LOG_LEVEL: 'warn' });
    // the demo makes the inventory and its simulator's part, then both are run apart
    await demo.start();
    const stoppedAt = Date.now();
    await demo.stop();
    simulator = await SimulatorApart.start(demo.dataDir, mqttPort);
    await demo.start('serve');
    absences.push({ from: stoppedAt / 1000, to: Date.now() / 1000 });
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
    beganAt = new Date().toISOString();
  }, 900_000);

  afterAll(async () => {
    await demo.stop();
    await simulator?.stop();
    await demo.remove();
  });

  it('starts again each time, with every acknowledged write and none by half', async () => {
    const findings: string[] = [];
    for (let round = 1; round <= rounds; round++) {
      const writing = writer.run(demo, 4);
      await pause(2_000 + random() * longestLifeS * 1000);
      const killedAt = Date.now();
      await demo.kill();
      await writing;
      // at once, while what it leaves behind still runs, or after a while
      await pause(random() < 0.5 ? 0 : random() * 5_000);
      const startedAt = performance.now();
      await demo.start('serve');
      startsMs.push(performance.now() - startedAt);
      absences.push({ from: killedAt / 1000, to: Date.now() / 1000 });

      const servers = postgresServersOn(demo.dataDir);
      if (servers.length !== 1) findings.push(`round ${round}: PostgreSQL servers: ${servers.join('; ')}`);
      const document = await demo.get<InventoryDocument>('/api/v1/inventory/export?format=json');
      const wrong = wrongIn(document, writer);
      findings.push(...wrong.map((one) => `round ${round}: ${one}`));
      const audit = JSON.parse(await demo.cli('audit', 'verify', '--json')) as { ok: boolean; rows: number };
      if (!audit.ok) findings.push(`round ${round}: ${JSON.stringify(audit)}`);
      say(
        `round ${round}: started in ${startsMs.at(-1)?.toFixed(0)} ms, ${writer.acknowledged} writes acknowledged so far, ` +
          `${wrong.length} wrong, ${audit.rows} audit entries whole`,
      );
    }
    expect(findings).toEqual([]);
    expect(writer.refusals.filter((text) => !text.startsWith('503'))).toEqual([]);
    expect(writer.acknowledged).toBeGreaterThan(rounds * 10);
    say(
      `${rounds} rounds, ${writer.acknowledged} writes acknowledged (${writer.contacts.size} contacts, ${writer.groups.size} groups of ${wholeGroup}), ` +
        `${writer.refusals.length} refused as busy, start ${Math.max(...startsMs).toFixed(0)} ms at most`,
    );
  });

  const calledDown = async (): Promise<readonly string[]> => {
    const keys = 'device.down,device.unreachable,site.down,site.unreachable,link.down,device.restarted';
    const events = await demo.get<{ items: readonly { key: string; entityName: string; at: string }[] }>(
      `/api/v1/events?key=${keys}&from=${beganAt}&limit=1000`,
    );
    return events.items.map((event) => `${event.at} ${event.key} ${event.entityName}`);
  };

  it('calls no device, site or link down for its own absence', async () => {
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
    expect(await calledDown()).toEqual([]);
  });

  it('has no gap longer than its absence and one interval, and no point twice', async () => {
    await pause(75_000); // every series has its next point
    const intervals = await plannedIntervals(demo);
    await demo.stop();
    const stored = readStoredPoints(join(demo.dataDir, 'metrics.sqlite'));
    say(
      `${stored.series.length} series, ${stored.rows} points, ${stored.packed} of them in chunks, ${stored.laidOver} laid over in the journal`,
    );
    expect(stored.faults).toEqual([]);
    const gaps = gapsOf(stored.series, absences, intervals);
    for (const one of gaps) {
      say(
        `${one.measurement} every ${one.intervalS} s, ${one.series} series: ` +
          `${one.checked} absences, longest gap beyond the absence ${one.worstS.toFixed(1)} s; ` +
          `beyond one interval ${one.over}`,
      );
    }
    expect(gaps.flatMap((one) => one.examples.map(({ overS, text }) => `${overS.toFixed(1)} s over: ${text}`))).toEqual(
      [],
    );
  });

  it('leaves no process behind', async () => {
    await expect
      .poll(() => processesWith(demo.dataDir).filter((line) => !line.startsWith(`${simulator?.pid} `)), {
        timeout: 30_000,
      })
      .toEqual([]);
    expect(readFileSync(simulatorInventory(demo.dataDir), 'utf8').length).toBeGreaterThan(0);
  });
});
