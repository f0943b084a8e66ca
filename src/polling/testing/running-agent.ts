import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach } from 'vitest';
import { SnmpAgent, type AgentValue } from '../../../tests/support/snmp-agent.ts';
import { systemClock } from '../../domain/clock.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type SiteId } from '../../domain/ids.ts';
import type { Plan, PlanGroup, PollTarget, Slot } from '../../domain/plan.ts';
import { measurements, seriesOf, type Measurement, type PointBatch } from '../../domain/point.ts';
import { PollingEngine } from '../engine.ts';
import { LocalAgent } from '../local-agent.ts';
import type { PollingOptions } from '../options.ts';

const logger = pino({ level: 'silent' });
const agentId = newId<AgentId>();
const uptime = '1.3.6.1.2.1.1.3.0';
export const inOctets = (index: number): string => `1.3.6.1.2.1.31.1.1.1.6.${index}`;
export const operStatus = (index: number): string => `1.3.6.1.2.1.2.2.1.8.${index}`;
export const bps = 80_000;

/** A device with `ports` interfaces that each count 10,000 octets a second. */
export class Device {
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

export interface Row {
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

export interface Running {
  readonly engine: PollingEngine;
  readonly agent: LocalAgent;
  readonly rows: Row[];
  stop(): Promise<void>;
}

let dataDir = '';
const cleanups: (() => Promise<void>)[] = [];

/** Ends after each test what `run` and `listen` began in it; call once in a test file. */
export function cleanUpAfterEach(): void {
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'arung-polling-'));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    await rm(dataDir, { recursive: true, force: true });
  });
}

export async function run(
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

export async function listen(device: Device): Promise<number> {
  const port = await device.agent.listen();
  cleanups.push(() => device.agent.close());
  return port;
}

export async function until(what: string, check: () => boolean, withinMs = 8_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!check()) {
    if (performance.now() > end) throw new Error(`did not come about within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
