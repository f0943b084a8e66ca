import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../src/domain/clock.ts';
import type { CredentialSecret } from '../src/domain/device.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type SiteId } from '../src/domain/ids.ts';
import type { Plan, PlanGroup, PollTarget, Slot } from '../src/domain/plan.ts';
import { seriesOf, type PointBatch } from '../src/domain/point.ts';
import { PollingEngine } from '../src/polling/engine.ts';
import { LocalAgent } from '../src/polling/local-agent.ts';
import { result, type BenchResult } from './result.ts';

const mostDevices = 1_000;
const interfaces = 24;
const metrics = 8;
/** Above a second: two polls within one second are one point, and counters read closer together give no rate. */
const intervalMs = 2_000;
/** How long the agent may take to learn how much it can ask of a device at once. */
const learningMs = 60_000;
const runCount = 5;
const runMs = 5_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** HC octets and packets as 64-bit, errors and discards as 32-bit counters: field, OID, scale. */
const columns: readonly (readonly [field: number, oid: string, kind: Slot['kind'], scale: number])[] = [
  [0, '1.3.6.1.2.1.31.1.1.1.6', 'counter64', 8],
  [1, '1.3.6.1.2.1.31.1.1.1.10', 'counter64', 8],
  [2, '1.3.6.1.2.1.31.1.1.1.7', 'counter64', 1],
  [3, '1.3.6.1.2.1.31.1.1.1.11', 'counter64', 1],
  [4, '1.3.6.1.2.1.2.2.1.14', 'counter32', 1],
  [5, '1.3.6.1.2.1.2.2.1.20', 'counter32', 1],
  [6, '1.3.6.1.2.1.2.2.1.13', 'counter32', 1],
  [7, '1.3.6.1.2.1.2.2.1.19', 'counter32', 1],
];

function planFor(target: PollTarget): Plan {
  const series = Array.from({ length: interfaces }, () =>
    seriesOf('interface', { device: target.deviceId, interface: newId<InterfaceId>() }),
  );
  const group: PlanGroup = {
    group: 'interfaces',
    intervalMs,
    series,
    slots: series.flatMap((_, row) =>
      columns.map(([field, oid, kind, scale]) => ({
        oid: `${oid}.${row + 1}`,
        kind,
        scale,
        row,
        field,
        ceiling: 1.05e10,
      })),
    ),
  };
  return { id: target.deviceId, deviceId: target.deviceId, groups: [group], ifTableLastChange: null };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/**
 * CPU of this process, user and kernel, per value from a device: sending the request, receiving the answer, decoding,
 * rate, batch. The devices are another process, which replays prepared answers. Probes every five seconds run along,
 * as they do in life.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const { cost, inKernel, perSecond, lost, asked, inBatches } = await pollAll({
    answerer: './snmp-answerer.ts',
    secret: { kind: 'snmp-v2c', community: 'public' },
    runs: runCount,
  });
  return [
    result('snmp-poll', 'cpu per collected value', 'ns', cost),
    result('snmp-poll', 'of which in the kernel', 'ns', inKernel),
    result('snmp-poll', 'values collected', '1/s', perSecond),
    result('snmp-poll', 'values that came out in batches', '%', inBatches),
    result('snmp-poll', 'requests for a poll of one device', 'requests', asked),
    result('snmp-poll', 'requests lost', 'requests', lost),
  ];
}

/** What each run of some seconds gave: ns a value, values a second, requests without an answer. */
export interface PollRuns {
  readonly cost: readonly number[];
  readonly inKernel: readonly number[];
  readonly perSecond: readonly number[];
  readonly lost: readonly number[];
  /** Requests that the poll of one device takes. */
  readonly asked: readonly number[];
  /** How many percent of the values that were read came out in batches. */
  readonly inBatches: readonly number[];
}

/** Polls all devices of an answerer, a module beside this one that takes their number and the port. */
export async function pollAll(options: {
  readonly answerer: string;
  readonly secret: CredentialSecret;
  readonly runs: number;
  readonly devices?: number;
}): Promise<PollRuns> {
  const { devices = mostDevices } = options;
  const port = await freePort();
  const answerer = fork(new URL(options.answerer, import.meta.url), [String(devices), String(port)]);
  await once(answerer, 'message');
  const dataDir = await mkdtemp(join(tmpdir(), 'arung-bench-'));
  const agentId = newId<AgentId>();
  const targets: PollTarget[] = Array.from({ length: devices }, (_, i) => ({
    deviceId: newId<DeviceId>(),
    siteId: newId<SiteId>(),
    agentId,
    name: `bench-${i}`,
    role: 'switch',
    gateway: false,
    protocol: 'snmp',
    address: `127.77.${Math.floor(i / 250)}.${(i % 250) + 1}`,
    port,
    serial: '',
    secret: options.secret,
    profile: null,
    interfaces: [],
    backbone: false,
  }));
  const logger = pino({ level: 'silent' });
  const engine = new PollingEngine({ clock: systemClock, logger });
  let fields = 0;
  const agent = new LocalAgent({
    targets: { targets: () => Promise.resolve(targets), onChange: () => () => undefined },
    agentId,
    plans: { planFor: (target) => Promise.resolve(planFor(target)) },
    engine,
    bus: {
      publish: (batch: PointBatch) => {
        if (batch.measurement === 'interface') fields += batch.series.length * metrics;
      },
      to: () => () => undefined,
    },
    logger,
    dataDir,
  });
  await engine.start();
  await agent.start();
  while (agent.statistics().withPlan < devices) await pause(100);
  // A few rounds for the baselines, for the compiler, and for what is learned of each device: three polls when idle.
  await pause(5 * intervalMs);
  const requests = (): number =>
    targets.reduce((sum, { deviceId }) => sum + (agent.deviceReport(deviceId)?.groups.at(-1)?.packets ?? 0), 0);
  for (let waited = 0; waited < learningMs && requests() > devices; waited += 1_000) await pause(1_000);

  const cost: number[] = [];
  const inKernel: number[] = [];
  const perSecond: number[] = [];
  const lost: number[] = [];
  const asked: number[] = [];
  const inBatches: number[] = [];
  for (let i = 0; i < options.runs; i += 1) {
    fields = 0;
    const failures = engine.counters.failures + engine.counters.probesLost;
    const values = engine.counters.values;
    const cpu = process.cpuUsage();
    const start = performance.now();
    await pause(runMs);
    const spent = process.cpuUsage(cpu);
    const read = engine.counters.values - values;
    cost.push(Math.round(((spent.user + spent.system) * 1_000) / read));
    inKernel.push(Math.round((spent.system * 1_000) / read));
    perSecond.push(Math.round((read * 1_000) / (performance.now() - start)));
    // Not quite all: polls under way have their batch still to come, and two polls within a second are one point.
    inBatches.push(Math.round((fields * 100) / read));
    asked.push(requests() / devices);
    lost.push(engine.counters.failures + engine.counters.probesLost - failures);
  }
  await agent.stop();
  await engine.stop();
  answerer.disconnect();
  await rm(dataDir, { recursive: true, force: true });
  return { cost, inKernel, perSecond, lost, asked, inBatches };
}
