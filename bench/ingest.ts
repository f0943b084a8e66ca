import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../src/domain/clock.ts';
import type { KnownSource, SourceDirectory } from '../src/domain/external-source.ts';
import { sourceKey } from '../src/domain/external-source.ts';
import type { AgentId, DeviceId } from '../src/domain/ids.ts';
import { openMetricStore } from '../src/metrics/open-store.ts';
import { BufferedStore } from '../src/metrics/queue.ts';
import { AbsenceWatch } from '../src/telemetry/absence.ts';
import { EmbeddedBroker } from '../src/telemetry/broker.ts';
import { FanOutBus } from '../src/telemetry/bus.ts';
import { MemoryCounters } from '../src/telemetry/counters.ts';
import { ExternalIngest } from '../src/telemetry/external-ingest.ts';
import { Ingest } from '../src/telemetry/ingest.ts';
import { result, type BenchResult } from './result.ts';

/**
 * `ingest`: messages of MQTT until their points are durable in the embedded store. A process beside publishes gzip
 * batches at QoS 1, as an agent at a site does, and plain lines, as a Telegraf does. CPU is that of our process with the
 * broker in it and the thread of the store; one point is a line, of nine fields from an agent and of ten from Telegraf.
 */
const runs = 3;
const messages = 100;
const linesPerMessage = 300;
const logger = pino({ enabled: false });
const agentId = 'agent' as AgentId;
const login = { principal: { kind: 'agent', agent: 'bench' }, password: 'bench' } as const;

export async function run(): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const kind of ['agent', 'telegraf'] as const) {
    const cpu: number[] = [];
    const rate: number[] = [];
    for (let turn = 0; turn < runs; turn++) {
      const { cpuNs, perSecond } = await once(kind);
      cpu.push(cpuNs);
      rate.push(perSecond);
    }
    results.push(result('ingest', `${kind} cpu`, 'ns/point', cpu));
    results.push(result('ingest', `${kind} rate`, 'points/s', rate));
  }
  return results;
}

async function once(kind: 'agent' | 'telegraf'): Promise<{ cpuNs: number; perSecond: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-bench-'));
  const counters = new MemoryCounters();
  const clock = systemClock;
  const store = openMetricStore({ kind: 'embedded', path: join(folder, 'metrics.sqlite') }, logger);
  const queue = new BufferedStore({ store, clock, logger });
  const bus = new FanOutBus({ logger });
  bus.to(queue);
  const credentials = { find: () => login, onChange: () => () => undefined };
  const broker = new EmbeddedBroker({ port: 0, host: '127.0.0.1', credentials, clock, logger, counters });
  const agents = {
    agentIdOf: () => agentId,
    refresh: () => Promise.resolve(),
    owns: () => true,
    hasInterface: () => true,
    knowsService: () => false,
  };
  const backpressure = { room: () => queue.room(), durable: () => queue.durable() };
  const shared = { link: broker.link, bus, clock, logger, counters, ...backpressure };
  const nothing = (): void => undefined;
  const ingest = new Ingest({ ...shared, agents, onAgentSeen: nothing, onAgentSilent: nothing, onTurnedAway: nothing });
  const sources: SourceDirectory = {
    resolve: (_origin, identities) =>
      Promise.resolve(new Map(identities.map((identity) => [sourceKey(identity), known(identity.value)]))),
    watched: () => [],
    note: () => Promise.resolve(),
  };
  const absence = new AbsenceWatch({ sources, bus, clock, ownAgentId: agentId });
  const identityTags = ['host'];
  const parts = { sources, agentIdOf: () => agentId, ownAgentId: agentId, absence, identityTags };
  const external = new ExternalIngest({ ...shared, ...parts });
  for (const part of [store, queue, broker, ingest, external]) await part.start();
  const publisher = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'ingest-publisher.ts'),
      kind,
      String(broker.port),
      String(messages),
      String(linesPerMessage),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    await new Promise((resolve) => publisher.stdout.once('data', resolve));
    const points = messages * linesPerMessage;
    const rows = kind === 'agent' ? points : points * 10;
    const started = performance.now();
    const used = process.cpuUsage();
    publisher.stdin.write('go\n');
    while (queue.statistics().writtenRows < rows) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (performance.now() - started > 120_000) {
        throw new Error(`ingest: ${queue.statistics().writtenRows} of ${rows} rows: ${JSON.stringify(counters.all())}`);
      }
    }
    const { user, system } = process.cpuUsage(used);
    const seconds = (performance.now() - started) / 1_000;
    return { cpuNs: Math.round(((user + system) * 1_000) / points), perSecond: Math.round(points / seconds) };
  } finally {
    publisher.kill();
    for (const part of [external, ingest, broker, queue, store]) await part.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function known(value: string): KnownSource {
  const id = `device-${value}` as DeviceId;
  const identity = { tag: 'host', value, publisher: value };
  return { id, state: 'accepted', deviceId: id, watched: false, intervalS: 10, identity, origin: `agent ${agentId}` };
}
