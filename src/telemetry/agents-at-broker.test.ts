import { gzipSync } from 'node:zlib';
import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { AgentId, DeviceId, InterfaceId, SiteId } from '../domain/ids.ts';
import type { AgentSource, PollTarget, RemoteAgent, TargetSource } from '../domain/plan.ts';
import { seriesOf, type PointBatch } from '../domain/point.ts';
import { AgentDirectory } from './agent-directory.ts';
import { EmbeddedBroker } from './broker.ts';
import { FanOutBus } from './bus.ts';
import { MemoryCounters } from './counters.ts';
import { Ingest } from './ingest.ts';
import { encodeBatch } from './line-protocol.ts';
import { agentTopic } from './topics.ts';

const logger = pino({ enabled: false });
const kahu = 'id-kahu' as AgentId;
const libureng = 'id-libureng' as AgentId;
const router: PollTarget = {
  deviceId: 'rtr-kahu' as DeviceId,
  siteId: 'site' as SiteId,
  agentId: kahu,
  name: 'rtr-kahu-01',
  role: 'router',
  gateway: true,
  protocol: 'snmp',
  address: '10.73.8.2',
  port: 161,
  serial: '',
  secret: null,
  profile: null,
  interfaces: [{ id: 'ether1' as InterfaceId, name: 'ether1' } as PollTarget['interfaces'][number]],
  backbone: false,
};

class Source implements AgentSource, TargetSource {
  list: RemoteAgent[] = [
    { id: kahu, name: 'kahu', login: { user: 'kahu', password: 'secret-kahu' } },
    { id: libureng, name: 'libureng', login: { user: 'libureng', password: 'secret-libureng' } },
  ];
  agents = (): Promise<readonly RemoteAgent[]> => Promise.resolve(this.list);
  targets = (agent: AgentId): Promise<readonly PollTarget[]> => Promise.resolve(agent === kahu ? [router] : []);
  serviceIds = (): Promise<readonly string[]> => Promise.resolve([]);
  onChange = (): (() => void) => () => undefined;
}

let source: Source;
let directory: AgentDirectory;
let broker: EmbeddedBroker;
let ingest: Ingest;
let counters: MemoryCounters;
let batches: PointBatch[];
let heard: string[];
let durable: () => Promise<void>;
const clients: MqttClient[] = [];

beforeEach(async () => {
  source = new Source();
  counters = new MemoryCounters();
  batches = [];
  heard = [];
  durable = () => Promise.resolve();
  directory = new AgentDirectory({ source, logger });
  await directory.start();
  const shared = { clock: systemClock, logger, counters };
  broker = new EmbeddedBroker({ port: 0, host: '127.0.0.1', credentials: directory, ...shared });
  await broker.start();
  const bus = new FanOutBus({ logger });
  bus.to({ name: 'test', accept: (batch) => void batches.push(batch) });
  ingest = new Ingest({
    ...shared,
    link: broker.link,
    bus,
    agents: directory,
    room: () => Promise.resolve(true),
    durable: () => durable(),
    onAgentSeen: (agent) => void heard.push(`seen ${agent}`),
    onAgentSilent: (agent) => void heard.push(`silent ${agent}`),
    onTurnedAway: () => void heard.push('turned away'),
  });
  await ingest.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  await ingest.stop();
  await broker.stop();
  await directory.stop();
});

async function agent(name: string): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    username: name,
    password: `secret-${name}`,
    reconnectPeriod: 0,
    will: { topic: agentTopic(name, 'state'), payload: Buffer.from('{"online":false}'), qos: 1, retain: true },
  });
  clients.push(client);
  return client;
}

function points(name: string, seq: number): string {
  const batch = {
    agent: kahu,
    measurement: 'probe',
    series: [seriesOf('probe', { device: router.deviceId })],
    times: Float64Array.of(Math.floor(systemClock.now() / 1000)),
    values: Float64Array.of(1, 12.5, 77),
  } as const;
  return `# agent=${name} boot=b1 seq=${seq}\n${encodeBatch(batch)}`;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

describe('an agent at another place', () => {
  it('signs in with its own credential and its points come in once, plain or packed', async () => {
    const client = await agent('kahu');
    const topic = agentTopic('kahu', 'points');
    await client.publishAsync(topic, points('kahu', 1), { qos: 1 });
    await client.publishAsync(topic, gzipSync(points('kahu', 2)), { qos: 1 });
    await client.publishAsync(topic, points('kahu', 1), { qos: 1 });
    await until(() => counters.value('ingest_batches', 'repeat') === 1);
    expect(batches.map((batch) => [batch.agent, batch.measurement, [...batch.values]])).toEqual([
      [kahu, 'probe', [1, 12.5, 77]],
      [kahu, 'probe', [1, 12.5, 77]],
    ]);
    expect(heard.at(-1)).toBe(`seen ${kahu}`);
  });

  it('is held back, and loses nothing, when it sends a backlog faster than it is worked in', async () => {
    const client = await agent('kahu');
    const lines = points('kahu', 0).split('\n').slice(1).join('\n').repeat(2_000);
    const messages = Array.from({ length: 100 }, (_, seq) => gzipSync(`# agent=kahu boot=b9 seq=${seq}\n${lines}`));
    for (const message of messages) client.publish(agentTopic('kahu', 'points'), message, { qos: 1 });
    await until(() => counters.value('ingest_lines', 'accepted') === 200_000);
    expect(counters.all()).toMatchObject({ 'ingest_batches accepted': 100 });
  });

  it('is told that its points arrived when they are durable, and not before', async () => {
    let keep: () => void = () => undefined;
    durable = () => new Promise((done) => (keep = done));
    const client = await agent('kahu');
    let acknowledged = false;
    const sent = client.publishAsync(agentTopic('kahu', 'points'), points('kahu', 1), { qos: 1 });
    void sent.then(() => (acknowledged = true));
    await until(() => batches.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(acknowledged).toBe(false);
    keep();
    await sent;
  });

  it('sends again what could not be made durable, and is not silent for that', async () => {
    let isFull = true;
    const away = new ArungError('unavailable', 'The disk is full.', { code: 'metrics.away' });
    durable = () => (isFull ? Promise.reject(away) : Promise.resolve());
    const client = await agent('kahu');
    const ended = new Promise((resolve) => client.once('close', () => resolve(null)));
    client.publish(agentTopic('kahu', 'points'), points('kahu', 1), { qos: 1 });
    await ended;
    isFull = false;
    const again = await agent('kahu');
    await again.publishAsync(agentTopic('kahu', 'points'), points('kahu', 1), { qos: 1 });
    expect(batches).toHaveLength(1);
    expect(heard).toContain('turned away');
    expect(heard).not.toContain(`silent ${kahu}`);
  });

  it('is told as silent by its last will', async () => {
    const client = await agent('kahu');
    client.stream.destroy();
    await until(() => heard.includes(`silent ${kahu}`));
  });

  it('speaks for no device of another agent, and on no topic of another', async () => {
    const client = await agent('libureng');
    await client.publishAsync(agentTopic('libureng', 'points'), points('libureng', 1), { qos: 1 });
    await until(() => counters.value('ingest_lines', 'foreign-device') === 1);
    const ended = new Promise((resolve) => client.once('close', () => resolve(null)));
    client.publish(agentTopic('kahu', 'points'), points('kahu', 9), { qos: 0 });
    await ended;
    expect(batches).toEqual([]);
  });

  it('is shown out when its credential is withdrawn', async () => {
    const client = await agent('kahu');
    const ended = new Promise((resolve) => client.once('close', () => resolve(null)));
    source.list = source.list.map((each) => ({ ...each, login: null }));
    await directory.refresh();
    await ended;
    await expect(agent('kahu')).rejects.toThrow(/Bad username or password/);
  });
});
