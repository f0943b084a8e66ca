import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { SnmpAgent, type AgentValue } from '../../tests/support/snmp-agent.ts';
import { systemClock } from '../domain/clock.ts';
import { newId } from '../domain/ids.ts';
import type { Plan, PollTarget } from '../domain/plan.ts';
import { measurements, seriesOf, type PointBatch } from '../domain/point.ts';
import { PollingEngine } from './engine.ts';
import { LocalAgent } from './local-agent.ts';

const logger = pino({ level: 'silent' });
const fields: readonly string[] = measurements.device.fields;

it('waits for a load that the device has only later, and makes means and shares of what it has', async () => {
  let asked = 0;
  const load = (value: number) => (): AgentValue => {
    asked += 1;
    return asked < 3 ? { type: 'noSuchInstance' } : { type: 'integer', value };
  };
  const device = new SnmpAgent([
    ['1.3.6.1.2.1.1.3.0', { type: 'timeticks', value: 100 }],
    ['1.9.1.1', load(10)],
    ['1.9.1.2', load(40)],
    ['1.9.2.1', { type: 'integer', value: 900 }], // used, with cache
    ['1.9.2.2', { type: 'integer', value: 300 }], // cache
    ['1.9.2.3', { type: 'integer', value: 1000 }], // size
  ]);
  const port = await device.listen();
  const folder = await mkdtemp(join(tmpdir(), 'arung-late-'));
  const engine = new PollingEngine({ clock: systemClock, logger, options: { reachabilityMs: 1_000 } });
  await engine.start();
  const target: PollTarget = {
    deviceId: newId(),
    siteId: newId(),
    agentId: newId(),
    name: 'srv-late',
    role: 'server',
    gateway: false,
    protocol: 'snmp',
    address: '127.0.0.1',
    port,
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'public' },
    profile: null,
    interfaces: [],
    backbone: false,
  };
  const slot = { kind: 'gauge', scale: 1, row: 0, ceiling: 0 } as const;
  const [cpu, memory] = [fields.indexOf('cpu_percent'), fields.indexOf('memory_percent')];
  const plan: Plan = {
    id: 'ef'.repeat(32),
    deviceId: target.deviceId,
    ifTableLastChange: null,
    groups: [
      {
        group: 'health',
        intervalMs: 1_000,
        series: [seriesOf('device', { device: target.deviceId })],
        slots: [
          { ...slot, oid: '1.9.1.2', field: cpu, silent: true },
          { ...slot, oid: '1.9.1.1', field: cpu, meanWith: [0] },
          { ...slot, oid: '1.9.2.2', field: memory, silent: true },
          { ...slot, oid: '1.9.2.3', field: memory, silent: true },
          { ...slot, oid: '1.9.2.1', field: memory, ratioOf: 3, ratioMinus: [2] },
        ],
      },
    ],
  };
  const batches: PointBatch[] = [];
  const agent = new LocalAgent({
    targets: { targets: () => Promise.resolve([target]), onChange: () => () => undefined },
    agentId: target.agentId,
    plans: { planFor: () => Promise.resolve(plan) },
    engine,
    bus: { publish: (batch) => void batches.push(batch), to: () => () => undefined },
    logger,
    dataDir: folder,
  });
  await agent.start();
  const rows = () => batches.filter((batch) => batch.measurement === 'device').map((batch) => [...batch.values]);
  const loads = () => rows().filter((row) => !Number.isNaN(row[cpu] ?? Number.NaN));
  for (let i = 0; i < 100 && loads().length === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  await agent.stop();
  await engine.stop();
  await device.close();
  await rm(folder, { recursive: true, force: true });
  expect(rows()[0]?.[cpu]).toBeNaN();
  expect(rows()[0]?.[memory]).toBe(60);
  expect(loads()[0]?.[cpu]).toBe(25);
});
