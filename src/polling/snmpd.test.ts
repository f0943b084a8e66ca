import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, peer } from '../../tests/support/peers.ts';
import { systemClock } from '../domain/clock.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type SiteId } from '../domain/ids.ts';
import type { Plan, PollTarget } from '../domain/plan.ts';
import { seriesOf, type PointBatch } from '../domain/point.ts';
import { diagnose } from './diagnose.ts';
import { PollingEngine } from './engine.ts';
import { LocalAgent } from './local-agent.ts';
import { SnmpClient } from './snmp/client.ts';

const logger = pino({ level: 'silent' });

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

describeWithPeer('snmpd', 'Debian’s snmpd', (snmpd) => {
  let folder = '';
  let port = 0;
  let daemon: ChildProcess | null = null;
  let engine: PollingEngine;
  let client: SnmpClient;

  function target(change: Partial<PollTarget> = {}): PollTarget {
    return {
      deviceId: newId<DeviceId>(),
      siteId: newId<SiteId>(),
      agentId: newId<AgentId>(),
      name: 'srv-snmpd-01',
      role: 'server',
      gateway: false,
      protocol: 'snmp',
      address: '127.0.0.1',
      port,
      serial: '',
      secret: { kind: 'snmp-v2c', community: 'rahasia' },
      profile: null,
      interfaces: [],
      backbone: false,
      ...change,
    };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arung-snmpd-'));
    port = await freePort();
    const config = join(folder, 'snmpd.conf');
    await writeFile(
      config,
      `agentaddress udp:127.0.0.1:${port}\nrocommunity rahasia\nsysLocation Watampone\nsysServices 76\n`,
    );
    daemon = spawn(snmpd, ['-f', '-Lo', '-C', '-c', config, '-I', '-smux', '-p', join(folder, 'pid')], {
      env: { SNMP_PERSISTENT_DIR: folder, MIBS: '' },
      stdio: 'ignore',
    });
    engine = new PollingEngine({ clock: systemClock, logger, options: { reachabilityMs: 1_000 } });
    client = new SnmpClient(engine);
    await engine.start();
    for (let i = 0; i < 50; i += 1) {
      const found = await client.get(target(), ['1.3.6.1.2.1.1.6.0']).catch(() => null);
      if (found !== null) return;
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

  it.each(['snmp-v1', 'snmp-v2c'] as const)(
    'answers single values by %s, and what it does not have is absent',
    async (kind) => {
      const found = await client.get(target({ secret: { kind, community: 'rahasia' } }), [
        '1.3.6.1.2.1.1.6.0',
        '1.3.6.1.2.1.99.99.0',
        '1.3.6.1.2.1.1.3.0',
      ]);
      expect(String(found.get('1.3.6.1.2.1.1.6.0')?.value)).toBe('Watampone');
      expect(found.get('1.3.6.1.2.1.1.3.0')?.value).toBeTypeOf('number');
      expect(found.size).toBe(2);
    },
  );

  it.each(['snmp-v1', 'snmp-v2c'] as const)('is walked by %s as Debian’s snmpwalk does it', async (kind) => {
    const rows = await client.walk(target({ secret: { kind, community: 'rahasia' } }), '1.3.6.1.2.1.2.2.1', {
      maxRows: 5_000,
    });
    expect(rows.length).toBeGreaterThan(20);
    const snmpwalk = peer('snmpwalk');
    if (snmpwalk === null) return;
    const version = kind === 'snmp-v1' ? '-v1' : '-v2c';
    const { stdout } = await promisify(execFile)(
      snmpwalk,
      [version, '-c', 'rahasia', '-On', '-m', '', `127.0.0.1:${port}`, '1.3.6.1.2.1.2.2.1'],
      { maxBuffer: 1 << 24 },
    );
    const theirs = stdout.split('\n').flatMap((line) => /^\.(\S+) = /.exec(line)?.[1] ?? []);
    expect(rows.map((row) => row.oid)).toEqual(theirs);
  });

  it('is walked to the end of what it has', async () => {
    const rows = await client.walk(target(), '1.3.6.1.6.3', { maxRows: 100_000 });
    expect(rows.length).toBeGreaterThan(10);
    expect(await client.walk(target(), '1.3.6.1.2.1.1', { maxRows: 3 })).toHaveLength(3);
  });

  it('is polled: probes, interfaces with their rates, health', async () => {
    const device = target();
    const index = (await client.walk(device, '1.3.6.1.2.1.2.2.1.1', { maxRows: 100 }))[0]?.value;
    const port = newId<InterfaceId>();
    const series = [seriesOf('interface', { device: device.deviceId, interface: port })];
    const slot = { scale: 1, row: 0, ceiling: 0 } as const;
    const plan: Plan = {
      id: 'cd'.repeat(32),
      deviceId: device.deviceId,
      ifTableLastChange: null,
      groups: [
        {
          group: 'interfaces',
          intervalMs: 1_500,
          series,
          slots: [
            { ...slot, oid: `1.3.6.1.2.1.31.1.1.1.6.${String(index)}`, kind: 'counter64', field: 0, scale: 8 },
            { ...slot, oid: `1.3.6.1.2.1.2.2.1.8.${String(index)}`, kind: 'gauge', field: 8 },
          ],
        },
        {
          group: 'health',
          intervalMs: 1_500,
          series: [seriesOf('device', { device: device.deviceId })],
          slots: [
            { ...slot, oid: '1.3.6.1.2.1.1.3.0', kind: 'timeticks', field: 2 },
            // UCD-SNMP-MIB: memory available of memory total
            { ...slot, oid: '1.3.6.1.4.1.2021.4.5.0', kind: 'gauge', field: 1, silent: true },
            { ...slot, oid: '1.3.6.1.4.1.2021.4.6.0', kind: 'gauge', field: 1, ratioOf: 1 },
          ],
        },
      ],
    };
    const batches: PointBatch[] = [];
    const agent = new LocalAgent({
      targets: { targets: () => Promise.resolve([device]), onChange: () => () => undefined },
      agentId: device.agentId,
      plans: { planFor: () => Promise.resolve(plan) },
      engine,
      bus: { publish: (batch) => void batches.push(batch), to: () => () => undefined },
      logger,
      dataDir: folder,
    });
    await agent.start();
    const rate = (): number | undefined =>
      batches.findLast((batch) => batch.measurement === 'interface' && !Number.isNaN(batch.values[0] ?? NaN))
        ?.values[0];
    for (let i = 0; i < 80 && rate() === undefined; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    await agent.stop();
    expect(rate()).toBeGreaterThanOrEqual(0);
    expect(batches.find((batch) => batch.measurement === 'probe')?.values[0]).toBe(1);
    const health = batches.find((batch) => batch.measurement === 'device');
    expect(health?.values[1]).toBeGreaterThan(0);
    expect(health?.values[1]).toBeLessThan(100);
    expect(health?.values[2]).toBeGreaterThanOrEqual(0);
  });

  it('is asked for hundreds of variables at once', { timeout: 60_000 }, async () => {
    const device = target();
    const rows = await client.walk(device, '1.3.6.1.2.1', { maxRows: 600 });
    const oids = rows.flatMap((row) => (typeof row.value === 'number' ? [row.oid] : [])).slice(0, 300);
    expect(oids.length).toBeGreaterThan(130);
    const plan: Plan = {
      id: 'ef'.repeat(32),
      deviceId: device.deviceId,
      ifTableLastChange: null,
      groups: [
        {
          group: 'health',
          intervalMs: 1_000,
          series: oids.map(() => seriesOf('port', { device: device.deviceId, interface: newId<InterfaceId>() })),
          slots: oids.map((oid, row) => ({ oid, row, kind: 'gauge', field: 0, scale: 1, ceiling: 0 })),
        },
      ],
    };
    const agent = new LocalAgent({
      targets: { targets: () => Promise.resolve([device]), onChange: () => () => undefined },
      agentId: device.agentId,
      plans: { planFor: () => Promise.resolve(plan) },
      engine,
      bus: { publish: () => undefined, to: () => () => undefined },
      logger,
      dataDir: folder,
    });
    await agent.start();
    const learned = (): number => agent.deviceReport(device.deviceId)?.variablesPerPacket ?? 0;
    for (let i = 0; i < 400 && learned() < 120; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    const report = agent.deviceReport(device.deviceId);
    await agent.stop();
    expect(report?.variablesPerPacket).toBeGreaterThanOrEqual(120);
    expect(report?.groups.find((group) => group.group === 'health')).toMatchObject({ lastLost: 0 });
  });

  it('says which of the causes it is when it does not answer', async () => {
    expect((await diagnose(target(), systemClock)).cause).toBe('none');
    const wrong = await diagnose(target({ secret: { kind: 'snmp-v2c', community: 'salah' } }), systemClock);
    expect(wrong.cause).toBe('community');
    expect(wrong.message).toContain('check the community');
    const closed = await diagnose(target({ port: await freePort() }), systemClock);
    expect(closed.cause).toBe('refused');
  });

  it('names the device, the tries and what to check when it stays silent', async () => {
    const silent = target({ secret: { kind: 'snmp-v2c', community: 'salah' } });
    await expect(client.get(silent, ['1.3.6.1.2.1.1.3.0'])).rejects.toThrow(
      /srv-snmpd-01 \(127\.0\.0\.1:\d+\) timed out after 4 tries: check that UDP \d+ is open/,
    );
  });
});
