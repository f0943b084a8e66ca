import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import type { AgentId, DeviceId, SiteId } from '../domain/ids.ts';
import type { PollTarget, TargetSource } from '../domain/plan.ts';
import { measurements, type PointBatch } from '../domain/point.ts';
import { EmbeddedBroker } from './broker.ts';
import { FanOutBus } from './bus.ts';
import { MemoryCounters } from './counters.ts';
import { TerminalCredentials } from './terminal-credentials.ts';
import { TerminalPoller, type TerminalFacts } from './terminals.ts';
import { terminalTopic } from './topics.ts';

const agentId = 'local' as AgentId;
const logger = pino({ enabled: false });

function target(serial: string): PollTarget {
  return {
    deviceId: `device-${serial}` as DeviceId,
    siteId: 'site' as SiteId,
    agentId,
    name: `abs-${serial}`,
    role: 'terminal',
    gateway: false,
    protocol: 'mqtt',
    address: '',
    port: 0,
    serial,
    secret: { kind: 'mqtt', user: serial, password: `secret-${serial}` },
    profile: null,
    interfaces: [],
    backbone: false,
  };
}

class Targets implements TargetSource {
  list = [target('A1'), target('A2'), target('A3')];
  wake: () => void = () => undefined;
  #wakes: (() => void)[] = [];
  /** What is read from now on is given when this is over. */
  slow: Promise<void> | null = null;
  async targets(): Promise<readonly PollTarget[]> {
    const { list, slow } = this;
    await slow;
    return list;
  }
  onChange(wake: () => void): () => void {
    this.#wakes.push(wake);
    this.wake = () => this.#wakes.forEach((each) => each());
    return () => undefined;
  }
}

let targets: Targets;
let counters: MemoryCounters;
let broker: EmbeddedBroker;
let credentials: TerminalCredentials;
let poller: TerminalPoller;
let batches: PointBatch[];
let facts: TerminalFacts[];
const terminals: MqttClient[] = [];

beforeEach(async () => {
  targets = new Targets();
  counters = new MemoryCounters();
  batches = [];
  facts = [];
  credentials = new TerminalCredentials({ targets, agentId, logger });
  await credentials.start();
  broker = new EmbeddedBroker({ port: 0, host: '127.0.0.1', credentials, clock: systemClock, logger, counters });
  await broker.start();
  const bus = new FanOutBus({ logger });
  bus.to({ name: 'test', accept: (batch) => void batches.push(batch) });
  poller = new TerminalPoller({
    targets,
    agentId,
    link: broker.link,
    bus,
    clock: systemClock,
    logger,
    counters,
    onFacts: (fact) => void facts.push(fact),
    timing: {
      probeEveryMs: 400,
      statusEveryMs: 1_200,
      timeoutMinMs: 200,
      timeoutMaxMs: 400,
      reprobeEveryMs: 100,
      reprobes: 6,
      reconnectMs: 1_500,
    },
    graceMs: 4_000,
  });
  await poller.start();
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.endAsync(true);
  await poller.stop();
  await broker.stop();
  await credentials.stop();
});

/** A terminal as firmware has it: answers what it is asked while `answers` holds. */
async function terminal(
  serial: string,
  options: { answers?: () => boolean; extra?: object } = {},
): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    clientId: serial,
    username: serial,
    password: `secret-${serial}`,
    reconnectPeriod: 0,
    will: { topic: terminalTopic(serial, 'status'), payload: Buffer.from('{"online":false}'), qos: 1, retain: false },
  });
  terminals.push(client);
  await client.subscribeAsync(terminalTopic(serial, 'request'), { qos: 1 });
  client.on('message', (_topic, payload) => {
    if (options.answers?.() === false) return;
    const { id, op } = JSON.parse(payload.toString()) as { id: string; op: string };
    const status = {
      model: 'X606-S',
      firmware: 'Ver 8.0',
      time: new Date(Date.now() + 30_000).toISOString(),
      users: 12,
      records: 345,
      capacity: 100_000,
      lastPunch: null,
      uptimeS: 77,
      ...options.extra,
    };
    client.publish(
      terminalTopic(serial, 'response'),
      JSON.stringify({ id, serial, ...(op === 'status' ? status : {}) }),
    );
  });
  return client;
}

function rows(measurement: keyof typeof measurements, serial: string): Record<string, number>[] {
  const found: Record<string, number>[] = [];
  for (const batch of batches) {
    if (batch.measurement !== measurement) continue;
    const fields = measurements[measurement].fields;
    batch.series.forEach((series, row) => {
      if (series.tags.device !== `device-${serial}`) return;
      found.push(Object.fromEntries(fields.map((field, f) => [field, batch.values[row * fields.length + f] ?? NaN])));
    });
  }
  return found;
}

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await soon(20);
  expect(condition()).toBe(true);
}

describe('TerminalPoller', () => {
  it('publishes answered probes, the status with its figures, and the facts once', async () => {
    await terminal('A1');
    await until(() => rows('terminal', 'A1').length >= 2);
    const probes = rows('probe', 'A1').filter((row) => row['answered'] === 1);
    expect(probes.length).toBeGreaterThan(3);
    expect(probes.every((row) => (row['rtt_ms'] ?? NaN) >= 0 && (row['rtt_ms'] ?? NaN) < 200)).toBe(true);
    const status = rows('terminal', 'A1')[0];
    expect(status).toMatchObject({ users: 12, records: 345, capacity_records: 100_000, uptime_s: 77 });
    expect(status?.['clock_drift_s']).toBeCloseTo(30, 0);
    expect(facts).toEqual([{ deviceId: 'device-A1', serial: 'A1', model: 'X606-S', firmware: 'Ver 8.0' }]);
  });

  it('tells misses with re-probes when a terminal goes silent, and its first answer at once', async () => {
    let answering = true;
    await terminal('A1', { answers: () => answering });
    await until(() => rows('probe', 'A1').length > 2);
    answering = false;
    batches = [];
    await until(() => rows('probe', 'A1').filter((row) => row['answered'] === 0).length >= 6);
    answering = true;
    batches = [];
    poller.probeSoon(['device-A1' as DeviceId]);
    await until(() => rows('probe', 'A1').some((row) => row['answered'] === 1));
  });

  it('misses nobody while this process was held up itself', async () => {
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    let stalls = 0;
    // Between the question and its answer, longer than any timeout.
    const stalled = (): boolean => Atomics.wait(asleep, 0, 0, ++stalls > 2 ? 700 : 0) === 'timed-out';
    await terminal('A1', { answers: stalled });
    await until(() => rows('probe', 'A1').filter((row) => row['answered'] === 1).length > 6);
    expect(rows('probe', 'A1').filter((row) => row['answered'] === 0)).toEqual([]);
  });

  it('gives a terminal whose connection broke time to connect again', async () => {
    const client = await terminal('A1');
    await until(() => rows('probe', 'A1').length > 3);
    batches = [];
    client.stream.destroy();
    await until(() => counters.value('terminal_messages', 'last-will') === 1);
    await soon(600);
    expect(rows('probe', 'A1').filter((row) => row['answered'] === 0)).toEqual([]);
    await until(() => rows('probe', 'A1').some((row) => row['answered'] === 0));
  });

  it('says nothing of a terminal that may still be connecting, and then that it is missing', async () => {
    await soon(1_000);
    expect(rows('probe', 'A3')).toEqual([]);
    await until(() => rows('probe', 'A3').length > 0);
    expect(rows('probe', 'A3').every((row) => row['answered'] === 0)).toBe(true);
  });

  it('publishes nothing while the broker is down, and says so', async () => {
    const states: boolean[] = [];
    poller.onChannel((up) => states.push(up));
    await terminal('A1');
    await until(() => rows('probe', 'A1').length > 2);
    await broker.stop();
    await soon(50);
    batches = [];
    await soon(900);
    expect(batches).toEqual([]);
    expect(states).toEqual([true, false]);
    await broker.start();
    expect(states).toEqual([true, false, true]);
    await terminal('A1');
    await until(() => rows('probe', 'A1').some((row) => row['answered'] === 1));
    expect(rows('probe', 'A1').some((row) => row['answered'] === 0)).toBe(false);
  });

  it('takes what a terminal says unasked for a sign of life, and refuses what is hostile', async () => {
    const client = await terminal('A2', { answers: () => false });
    const status = terminalTopic('A2', 'status');
    await client.publishAsync(status, JSON.stringify({ serial: 'A2', users: 5 }), { qos: 1 });
    await until(() => rows('terminal', 'A2').length === 1);
    expect(rows('terminal', 'A2')[0]?.['users']).toBe(5);
    const alive = rows('probe', 'A2').filter((row) => row['answered'] === 1).length;
    await client.publishAsync(status, JSON.stringify({ serial: 'A1', users: 5 }), { qos: 1 });
    await client.publishAsync(status, 'x'.repeat(20_000), { qos: 1 });
    await client.publishAsync(status, '{"users":"many"}', { qos: 1 });
    await client.publishAsync(status, '{', { qos: 1 });
    await client.publishAsync(status, '{"online":false}', { qos: 1 });
    await until(() => counters.value('terminal_messages', 'last-will') === 1);
    expect(counters.all()).toMatchObject({
      'terminal_messages foreign-serial': 1,
      'terminal_messages too-large': 1,
      'terminal_messages malformed': 1,
      'terminal_messages not-json': 1,
    });
    expect(rows('probe', 'A2').filter((row) => row['answered'] === 1)).toHaveLength(alive);
  });

  it('ends with the newest list, however long an older one takes to be read', async () => {
    let release = (): void => undefined;
    targets.slow = new Promise<void>((resolve) => (release = resolve));
    targets.wake();
    await soon(20);
    targets.slow = null;
    targets.list = [target('B9')];
    targets.wake();
    await soon(20);
    release();
    await soon(50);
    expect(poller.deviceIds()).toEqual(['device-B9']);
  });

  it('reads a terminal that the inventory adds, and leaves one that it removes', async () => {
    targets.list = [target('A1'), target('B9')];
    targets.wake();
    await soon(50);
    await terminal('B9');
    await until(() => rows('probe', 'B9').some((row) => row['answered'] === 1));
    expect(poller.deviceIds()).toEqual(['device-A1', 'device-B9']);
    expect(poller.statistics().terminals).toBe(2);
  });
});
