import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../src/domain/clock.ts';
import type { CredentialSecret } from '../src/domain/device.ts';
import { LineWriter } from '../src/domain/line-writer.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type SiteId } from '../src/domain/ids.ts';
import type { Plan, PlanGroup, PollTarget } from '../src/domain/plan.ts';
import { seriesOf, type PointBatch } from '../src/domain/point.ts';
import { PollingEngine } from '../src/polling/engine.ts';
import { LocalAgent } from '../src/polling/local-agent.ts';
import { nextWord } from './next-word.ts';
import { benchColumns, interfaces, type BenchDevices } from './snmp-devices.ts';

/** How long the agent may take to learn how much it can ask of a device at once. */
const learningMs = 60_000;
/** To get warm: three rounds, and so long at least. */
const usualWarmMs = 30_000;
/** Lines leave in datagrams of this size (one device more at most) to another process, as those of collectd do. */
const messageBytes = 56_000;

/** How often a device is probed in life, and seldom enough to see what the polls cost alone. */
export const probes = { inLifeMs: 5_000, seldomMs: 3_600_000 } as const;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function planFor(target: PollTarget, intervalMs: number): Plan {
  const series = Array.from({ length: interfaces }, () =>
    seriesOf('interface', { device: target.deviceId, interface: newId<InterfaceId>() }),
  );
  const group: PlanGroup = {
    group: 'interfaces',
    intervalMs,
    series,
    slots: series.flatMap((_, row) =>
      benchColumns.map(({ oid, field, kind, scale }) => ({
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

/** What each run of some seconds gave: ns a value, values a second, requests without an answer. */
export interface PollRuns {
  readonly cost: number[];
  readonly inKernel: number[];
  /** The same with what came out written as line protocol and sent to another process; a run beside each of the others. */
  readonly costWithLines: number[];
  readonly perSecond: number[];
  readonly lost: number[];
  /** Requests that the poll of one device takes. */
  readonly asked: number[];
  /** How many percent of the values that were read came out in batches. */
  readonly inBatches: number[];
}

/**
 * Polls all devices and gives the CPU of this process, user and kernel, per value: sending the request, receiving the
 * answer, decoding, rate, batch.
 */
export async function pollOurselves(options: {
  readonly devices: BenchDevices;
  readonly secret: CredentialSecret;
  readonly runs: number;
  /** Above a second: two polls within one second are one point, and counters read closer together give no rate. */
  readonly intervalMs: number;
  readonly runMs: number;
  /** How often each device is probed beside. */
  readonly probesMs: number;
  /** So long at least before the first run. */
  readonly warmMs?: number;
  /** Without runs that write lines, too. */
  readonly withoutLines?: boolean;
}): Promise<PollRuns> {
  const { devices, intervalMs, runMs, probesMs, warmMs = usualWarmMs } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'arung-bench-'));
  const agentId = newId<AgentId>();
  const targets: PollTarget[] = devices.addresses.map((address, i) => ({
    deviceId: newId<DeviceId>(),
    siteId: newId<SiteId>(),
    agentId,
    name: `bench-${i}`,
    role: 'switch',
    gateway: false,
    protocol: 'snmp',
    address,
    port: devices.port,
    serial: '',
    secret: options.secret,
    profile: null,
    interfaces: [],
    backbone: false,
  }));
  const logger = pino({ level: 'silent' });
  const engine = new PollingEngine({ clock: systemClock, logger, options: { reachabilityMs: probesMs } });
  const sink = fork(new URL('./line-sink.ts', import.meta.url));
  const output = createSocket('udp4');
  const sinkPort = Number(await nextWord(sink));
  await new Promise<void>((resolve) => output.connect(sinkPort, '127.0.0.1', resolve));
  const lines = new LineWriter();
  let fields = 0;
  let writesLines = false;
  const agent = new LocalAgent({
    targets: { targets: () => Promise.resolve(targets), onChange: () => () => undefined },
    agentId,
    plans: { planFor: (target) => Promise.resolve(planFor(target, intervalMs)) },
    engine,
    bus: {
      publish: (batch: PointBatch) => {
        if (batch.measurement === 'interface') fields += batch.series.length * benchColumns.length;
        if (!writesLines) return;
        lines.append(batch);
        if (lines.length >= messageBytes) output.send(lines.take());
      },
      to: () => () => undefined,
    },
    logger,
    dataDir,
  });
  await engine.start();
  await agent.start();
  while (agent.statistics().withPlan < devices.count) await pause(100);
  // A few rounds for the baselines, for the compiler, and for what is learned of each device: three polls when idle.
  writesLines = true;
  // The first probe after a plan is made anew for it.
  agent.probeSoon(targets.map(({ deviceId }) => deviceId));
  await pause(Math.max(3 * intervalMs, warmMs));
  const requests = (): number =>
    targets.reduce((sum, { deviceId }) => sum + (agent.deviceReport(deviceId)?.groups.at(-1)?.packets ?? 0), 0);
  for (let waited = 0; waited < learningMs && requests() > devices.count; waited += 1_000) await pause(1_000);

  const found: PollRuns = { cost: [], inKernel: [], costWithLines: [], perSecond: [], lost: [], asked: [], inBatches: [] }; // prettier-ignore
  const kinds = options.withoutLines === true ? [false] : [false, true];
  for (const withLines of Array.from({ length: options.runs }, () => kinds).flat()) {
    writesLines = withLines;
    fields = 0;
    const failures = engine.counters.failures + engine.counters.probesLost;
    const values = engine.counters.values;
    const cpu = process.cpuUsage();
    const start = performance.now();
    await pause(runMs);
    const spent = process.cpuUsage(cpu);
    const read = engine.counters.values - values;
    const cost = Math.round(((spent.user + spent.system) * 1_000) / read);
    if (writesLines) {
      found.costWithLines.push(cost);
      continue;
    }
    found.cost.push(cost);
    found.inKernel.push(Math.round((spent.system * 1_000) / read));
    found.perSecond.push(Math.round((read * 1_000) / (performance.now() - start)));
    // Not quite all: polls under way have their batch still to come, and two polls within a second are one point.
    found.inBatches.push(Math.round((fields * 100) / read));
    found.asked.push(requests() / devices.count);
    found.lost.push(engine.counters.failures + engine.counters.probesLost - failures);
  }
  await agent.stop();
  await engine.stop();
  output.close();
  sink.disconnect();
  await rm(dataDir, { recursive: true, force: true });
  return found;
}
