import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnmpAgent, type AgentValue } from '../../tests/support/snmp-agent.ts';
import { systemClock } from '../domain/clock.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type SiteId } from '../domain/ids.ts';
import type { Plan, PlanGroup, PollTarget, Slot } from '../domain/plan.ts';
import { measurements, seriesOf, type Measurement, type PointBatch } from '../domain/point.ts';
import { PollingEngine } from './engine.ts';
import { LocalAgent } from './local-agent.ts';
import type { PollingOptions } from './options.ts';

const logger = pino({ level: 'silent' });
const agentId = newId<AgentId>();
const uptime = '1.3.6.1.2.1.1.3.0';
const inOctets = (index: number): string => `1.3.6.1.2.1.31.1.1.1.6.${index}`;
const operStatus = (index: number): string => `1.3.6.1.2.1.2.2.1.8.${index}`;
const bps = 80_000;

/** A device with `ports` interfaces that each count 10,000 octets a second. */
class Device {
  readonly agent: SnmpAgent;
  readonly id = newId<DeviceId>();
  readonly interfaces: readonly InterfaceId[];
  bootedMs = performance.now() - 600_000;
  portStatus = 1;
  constructor(ports: number) {
    this.interfaces = Array.from({ length: ports }, () => newId<InterfaceId>());
    const values: [string, () => AgentValue][] = [
      [uptime, () => ({ type: 'timeticks', value: (performance.now() - this.bootedMs) / 10 })],
    ];
    for (const [i] of this.interfaces.entries()) {
      values.push([operStatus(i + 1), () => ({ type: 'integer', value: this.portStatus })]);
      values.push([
        inOctets(i + 1),
        () => ({ type: 'counter64', value: 5e9 + (performance.now() - this.bootedMs) * (bps / 8000) }),
      ]);
    }
    this.agent = new SnmpAgent(values);
  }

  target(port: number, change: Partial<PollTarget> = {}): PollTarget {
    return {
      deviceId: this.id,
      siteId: newId<SiteId>(),
      agentId,
      name: 'rtr-test-01',
      role: 'router',
      gateway: true,
      protocol: 'snmp',
      address: '127.0.0.1',
      port,
      serial: '',
      secret: { kind: 'snmp-v2c', community: 'public' },
      profile: null,
      interfaces: [],
      backbone: false,
      ...change,
    };
  }

  plan(intervalMs: number, id = '0'.repeat(64)): Plan {
    const ports = this.interfaces.map((one) => seriesOf('port', { device: this.id, interface: one }));
    const rows = this.interfaces.map((one) => seriesOf('interface', { device: this.id, interface: one }));
    const slot = (oid: string, kind: Slot['kind'], row: number, field: number, scale = 1, ceiling = 0): Slot => ({
      oid,
      kind,
      scale,
      row,
      field,
      ceiling,
    });
    const groups: PlanGroup[] = [
      {
        group: 'reachability',
        intervalMs,
        series: [seriesOf('probe', { device: this.id }), ...ports],
        slots: [
          slot(uptime, 'timeticks', 0, 2),
          ...ports.slice(0, 2).map((_, i) => slot(operStatus(i + 1), 'gauge', i + 1, 0)),
        ],
      },
      {
        group: 'interfaces',
        intervalMs: intervalMs * 2,
        series: rows,
        slots: rows.flatMap((_, i) => [
          slot(inOctets(i + 1), 'counter64', i, 0, 8, 1.05e9),
          slot(operStatus(i + 1), 'gauge', i, 8),
        ]),
      },
    ];
    return { id, deviceId: this.id, ifTableLastChange: null, groups };
  }
}

interface Row {
  readonly measurement: Measurement;
  readonly key: string;
  readonly at: number;
  readonly time: number;
  readonly fields: Readonly<Record<string, number>>;
}

function rowsOf(batch: PointBatch): Row[] {
  const { fields } = measurements[batch.measurement];
  return batch.series.map((series, r) => ({
    measurement: batch.measurement,
    key: series.key,
    at: performance.now(),
    time: batch.times[r] ?? 0,
    fields: Object.fromEntries(
      fields.flatMap((field, f) => {
        const value = batch.values[r * fields.length + f] ?? Number.NaN;
        return Number.isNaN(value) ? [] : [[field, value]];
      }),
    ),
  }));
}

interface Running {
  readonly engine: PollingEngine;
  readonly agent: LocalAgent;
  readonly rows: Row[];
  stop(): Promise<void>;
}

let dataDir = '';
const cleanups: (() => Promise<void>)[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'arung-polling-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await rm(dataDir, { recursive: true, force: true });
});

async function run(
  targets: () => readonly PollTarget[],
  planFor: (target: PollTarget, ask: { rewalk: boolean }) => Promise<Plan>,
  options: Partial<PollingOptions> = {},
): Promise<Running> {
  const rows: Row[] = [];
  const engine = new PollingEngine({
    clock: systemClock,
    logger,
    options: { reachabilityMs: 1_000, reprobeMs: 200, ...options },
  });
  const agent = new LocalAgent({
    targets: { targets: () => Promise.resolve(targets()), onChange: () => () => undefined },
    agentId,
    plans: { planFor },
    engine,
    bus: { publish: (batch) => void rows.push(...rowsOf(batch)), to: () => () => undefined },
    logger,
    dataDir,
  });
  await engine.start();
  await agent.start();
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await agent.stop();
    await engine.stop();
  };
  cleanups.push(stop);
  return { engine, agent, rows, stop };
}

async function listen(device: Device): Promise<number> {
  const port = await device.agent.listen();
  cleanups.push(() => device.agent.close());
  return port;
}

async function until(what: string, check: () => boolean, withinMs = 8_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!check()) {
    if (performance.now() > end) throw new Error(`did not come about within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('LocalAgent', () => {
  it('knows that a device lives before it has a plan, then reads it by its plan', async () => {
    const device = new Device(3);
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until('a rate', () => running.rows.some((row) => row.fields['in_bps'] !== undefined));
    const first = running.rows[0];
    expect(first?.measurement).toBe('probe');
    expect(first?.fields['answered']).toBe(1);
    expect(first?.fields['uptime_s']).toBeCloseTo(600, -1);
    await until('ports', () => running.rows.filter((row) => row.measurement === 'port').length >= 2);
    for (const row of running.rows) {
      const rate = row.fields['in_bps'];
      if (rate !== undefined) expect(rate).toBeGreaterThan(bps * 0.95);
      if (rate !== undefined) expect(rate).toBeLessThan(bps * 1.05);
    }
    const cost = running.rows.find((row) => row.measurement === 'agent');
    expect(cost?.fields['packets']).toBe(1);
    const report = running.agent.deviceReport(device.id);
    expect(report?.state).toBe('polled');
    expect(report?.lastError).toBeNull();
  });

  it('re-probes after the first miss, pauses the polls, and brings everything back with the first answer', async () => {
    const device = new Device(2);
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
      { minTimeoutMs: 100 },
    );
    await until('a poll', () => running.rows.some((row) => row.measurement === 'interface'));
    device.agent.misbehaviour = { silent: true };
    const cutMs = performance.now();
    const misses = (): Row[] =>
      running.rows.filter((row) => row.measurement === 'probe' && row.fields['answered'] === 0);
    await until('four misses', () => misses().length >= 4);
    // Up to a probe interval, a timeout, and three re-probes 200 ms apart.
    expect(performance.now() - cutMs).toBeLessThan(1_000 + 100 + 3 * 200 + 500);
    await until('the re-probes to end', () => misses().length >= 13);
    await new Promise((resolve) => setTimeout(resolve, 800));
    const before = device.agent.requests;
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(device.agent.requests - before).toBeLessThanOrEqual(2);
    expect(running.agent.deviceReport(device.id)?.state).toBe('paused');
    expect(running.agent.deviceReport(device.id)?.lastError).toContain('has not answered');

    device.agent.misbehaviour = {};
    const count = running.rows.length;
    running.agent.probeSoon([device.id]);
    await until('sign of life', () => running.rows.slice(count).some((row) => row.fields['answered'] === 1), 500);
    await until('a poll at once', () => running.rows.slice(count).some((row) => row.measurement === 'interface'), 500);
  });

  it('gives no rate over a restart of the device, and identifies it anew', async () => {
    const device = new Device(2);
    const target = device.target(await listen(device));
    const asks: boolean[] = [];
    const running = await run(
      () => [target],
      (_, ask) => {
        asks.push(ask.rewalk);
        return Promise.resolve(device.plan(1_000));
      },
    );
    await until('rates', () => running.rows.filter((row) => row.fields['in_bps'] !== undefined).length >= 2);
    device.bootedMs = performance.now();
    const count = running.rows.length;
    await until(
      'rates again',
      () => running.rows.slice(count).some((row) => row.fields['in_bps'] !== undefined),
      12_000,
    );
    const rates = running.rows.flatMap((row) => row.fields['in_bps'] ?? []);
    for (const rate of rates) expect(Math.abs(rate - bps)).toBeLessThan(bps * 0.05);
    expect(asks).toEqual([false, true]);
  }, 40_000);

  it('learns how much a device takes at a time', async () => {
    const device = new Device(24);
    device.agent.misbehaviour = { tooBigBeyond: 20 };
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until(
      'rates of all',
      () => new Set(running.rows.filter((row) => row.fields['in_bps']).map((row) => row.key)).size === 24,
    );
    const report = running.agent.deviceReport(device.id);
    expect(report?.variablesPerPacket).toBeLessThanOrEqual(20);
    expect(report?.groups.at(-1)?.lastLost).toBe(0);
  });

  it('asks for less at a time where large answers get lost on the way', async () => {
    const device = new Device(24);
    device.agent.misbehaviour = { lostBeyondBytes: 600 };
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
      { tries: 2, minTimeoutMs: 50, maxTimeoutMs: 100 },
    );
    await until(
      'rates of all',
      () => new Set(running.rows.filter((row) => row.fields['in_bps']).map((row) => row.key)).size === 24,
      20_000,
    );
    expect(running.agent.deviceReport(device.id)?.bytesPerPacket).toBeLessThanOrEqual(700);
  });

  it('waits for a slow path instead of calling it dead', async () => {
    const device = new Device(2);
    device.agent.misbehaviour = { delayMs: 700 };
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(2_000)),
    );
    await until('rates', () => running.rows.some((row) => row.fields['in_bps'] !== undefined), 15_000);
    expect(running.rows.filter((row) => row.fields['answered'] === 0)).toEqual([]);
    expect(running.agent.deviceReport(device.id)?.rttMs).toBeGreaterThan(690);
  });

  it('goes on with its counters over a restart of the program, without a hole and without a spike', async () => {
    const device = new Device(4);
    const target = device.target(await listen(device));
    const start = (): Promise<Running> =>
      run(
        () => [target],
        () => Promise.resolve(device.plan(1_000, 'ab'.repeat(32))),
      );
    const first = await start();
    await until('a poll', () => first.rows.some((row) => row.measurement === 'interface'));
    await first.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const second = await start();
    await until('a poll', () => second.rows.some((row) => row.measurement === 'interface'));
    const row = second.rows.find((one) => one.measurement === 'interface');
    expect(row?.fields['in_bps']).toBeGreaterThan(bps * 0.95);
    expect(row?.fields['in_bps']).toBeLessThan(bps * 1.05);
  });

  it('asks for a new plan once when a variable is gone, and reads the others meanwhile', async () => {
    const device = new Device(3);
    const target = device.target(await listen(device));
    const asks: boolean[] = [];
    const running = await run(
      () => [target],
      (_, ask) => {
        asks.push(ask.rewalk);
        return Promise.resolve(device.plan(1_000));
      },
    );
    await until('a poll', () => running.rows.some((row) => row.measurement === 'interface'));
    device.agent.values.delete(inOctets(3));
    device.agent.values.delete(operStatus(3));
    await until('a new identification', () => asks.includes(true));
    const count = running.rows.length;
    await until('polls', () => running.rows.slice(count).filter((row) => row.measurement === 'interface').length >= 4);
    expect(asks).toEqual([false, true]);
    expect(running.rows.at(-1)).toBeDefined();
  });

  it('tries again later, and ever more rarely, where identification fails', async () => {
    const device = new Device(1);
    const target = device.target(await listen(device));
    let asked = 0;
    const running = await run(
      () => [target],
      () => {
        asked += 1;
        return Promise.reject(new Error('no profile'));
      },
    );
    await until('a first attempt', () => asked === 1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(asked).toBe(1);
    expect(running.agent.deviceReport(device.id)?.lastError).toBe('no profile');
    expect(running.rows.some((row) => row.fields['answered'] === 1)).toBe(true);
  });

  it('says why a device cannot be polled at all', async () => {
    const device = new Device(1);
    const v3 = device.target(161, { secret: { kind: 'snmp-v3', user: 'x', level: 'noAuthNoPriv' } });
    const running = await run(
      () => [v3],
      () => Promise.reject(new Error('never asked')),
    );
    expect(running.agent.deviceReport(device.id)?.state).toBe('unpollable');
    expect(running.agent.deviceReport(device.id)?.lastError).toContain('SNMPv3');
    expect(running.rows).toEqual([]);
  });
});
