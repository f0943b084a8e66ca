import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { agentOfOne, snmpTarget } from '../../tests/support/polled-device.ts';
import { systemClock } from '../domain/clock.ts';
import { newId, type InterfaceId } from '../domain/ids.ts';
import type { DeviceFacts, PollTarget } from '../domain/plan.ts';
import { measurements, type PointBatch } from '../domain/point.ts';
import { PollingEngine } from '../polling/engine.ts';
import { SnmpClient } from '../polling/snmp/client.ts';
import { ClientReader } from './client-reader.ts';
import { Planner } from './planner.ts';

const logger = pino({ level: 'silent' });

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** This machine as Debian's snmpd shows it: identified, planned, polled. */
describeWithPeer('snmpd', 'a host with Debian’s snmpd', (snmpd) => {
  let folder = '';
  let daemon: ChildProcess | null = null;
  let target: PollTarget;
  let planner: Planner;
  let facts: DeviceFacts;
  const engine = new PollingEngine({ clock: systemClock, logger });
  const client = new SnmpClient(engine);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arung-identify-'));
    const port = await freePort();
    const config = join(folder, 'snmpd.conf');
    await writeFile(config, `agentaddress udp:127.0.0.1:${port}\nrocommunity rahasia\nsysName srv-watampone\n`);
    daemon = spawn(snmpd, ['-f', '-Lo', '-C', '-c', config, '-I', '-smux', '-p', join(folder, 'pid')], {
      env: { SNMP_PERSISTENT_DIR: folder, MIBS: '' },
      stdio: 'ignore',
    });
    await engine.start();
    target = snmpTarget({ name: 'srv-watampone', role: 'server', address: '127.0.0.1', port });
    planner = new Planner({
      readerFor: (one) => new ClientReader(client, one),
      sink: {
        record: (found) => {
          facts = found;
          const interfaces = found.interfaces.map((one) => ({
            id: newId<InterfaceId>(),
            name: one.name,
            mac: one.mac,
            ifIndex: one.ifIndex,
            speedBps: one.speedBps,
            carriesLink: true,
          }));
          return Promise.resolve({ ...target, interfaces });
        },
      },
      memory: { lastFacts: () => Promise.resolve(null) },
      clock: systemClock,
      intervals: { reachabilityMs: 1_000, backboneMs: 1_000, edgeMs: 1_000, healthMs: 1_000 },
    });
    for (let i = 0; i < 50; i += 1) {
      if ((await client.get(target, ['1.3.6.1.2.1.1.5.0']).catch(() => null)) !== null) return;
    }
    throw new Error('snmpd did not start');
  });
  afterAll(async () => {
    await engine.stop();
    if (daemon !== null) {
      daemon.kill();
      await once(daemon, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['snmp-v2c', 'snmp-v1'] as const)(
    'is a Linux host by %s, with CPU, memory and its interfaces',
    async (kind) => {
      const one: PollTarget = { ...target, deviceId: newId(), secret: { kind, community: 'rahasia' } };
      const plan = await planner.planFor(one, { rewalk: true });
      expect(facts).toMatchObject({ profile: 'net-snmp/linux', sysName: 'srv-watampone' });
      expect(facts.firmware).toMatch(/^\d+\.\d+/);
      expect(facts.interfaces.map(({ name }) => name)).toContain('lo');
      expect(new Set(facts.readings.map(({ field }) => field))).toEqual(new Set(['cpu_percent', 'memory_percent']));
      expect(plan.groups.map(({ group }) => group)).toEqual(['reachability', 'interfaces', 'health']);
    },
  );

  it('is polled by its plan: its memory comes out as a percentage, and its load once snmpd has one', async () => {
    const batches: PointBatch[] = [];
    const publish = (batch: PointBatch) => void batches.push(batch);
    const agent = agentOfOne({ target, plans: planner, engine, dataDir: folder, publish });
    await agent.start();
    const health = () => batches.find((batch) => batch.measurement === 'device');
    for (let i = 0; i < 100 && health() === undefined; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    await agent.stop();
    const fields: readonly string[] = measurements.device.fields;
    const memory = health()?.values[fields.indexOf('memory_percent')];
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThan(100);
    // snmpd has no hrProcessorLoad in its first minute.
    const load = health()?.values[fields.indexOf('cpu_percent')] ?? Number.NaN;
    if (!Number.isNaN(load)) expect(load).toBeLessThanOrEqual(100);
  });
});
