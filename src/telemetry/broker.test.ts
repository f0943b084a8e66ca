import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { promisify } from 'node:util';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { peer, itWithPeer } from '../../tests/support/peers.ts';
import { systemClock } from '../domain/clock.ts';
import { EmbeddedBroker } from './broker.ts';
import { MemoryCounters } from './counters.ts';
import type { MqttCredential } from './credentials.ts';
import type { MqttMessage } from './mqtt-link.ts';
import { allTerminals, terminalTopic } from './topics.ts';

const run = promisify(execFile);
const users = new Map<string, MqttCredential>();
let changed: () => void = () => undefined;
let counters: MemoryCounters;
let broker: EmbeddedBroker;
/** With few places. */
let narrow: EmbeddedBroker;
const clients: MqttClient[] = [];

beforeEach(async () => {
  users.clear();
  for (const serial of ['A1', 'A2']) {
    users.set(serial, { principal: { kind: 'terminal', serial }, password: `secret-${serial}` });
  }
  users.set('kahu', { principal: { kind: 'agent', agent: 'kahu' }, password: 'secret-kahu' });
  counters = new MemoryCounters();
  const options = {
    port: 0,
    host: '127.0.0.1',
    credentials: {
      find: (name: string) => users.get(name) ?? null,
      onChange: (callback: () => void) => {
        changed = callback;
        return () => undefined;
      },
    },
    clock: systemClock,
    logger: pino({ enabled: false }),
    counters,
  };
  narrow = new EmbeddedBroker({ ...options, maxConnections: 100, maxConnectionsPerAddress: 60 });
  broker = new EmbeddedBroker(options);
  await narrow.start();
  await broker.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  await narrow.stop();
  await broker.stop();
});

async function client(user: string, options: IClientOptions = {}): Promise<MqttClient> {
  const made = await connectAsync(`mqtt://127.0.0.1:${options.port ?? broker.port}`, {
    username: user,
    password: `secret-${user}`,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    ...options,
  });
  clients.push(made);
  return made;
}

function refused(options: IClientOptions): Promise<string> {
  return new Promise((resolve) => {
    const made = connect(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0, connectTimeout: 5_000, ...options });
    clients.push(made);
    made.once('error', (error) => resolve(error.message));
    made.once('connect', () => resolve('connected'));
  });
}

const closed = (made: MqttClient): Promise<unknown> =>
  new Promise((resolve) => made.once('close', () => resolve(null)));
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 250 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

describe('EmbeddedBroker', () => {
  it('carries a request to a terminal and its answer back to the controller', async () => {
    const terminal = await client('A1');
    await terminal.subscribeAsync(terminalTopic('A1', 'request'), { qos: 1 });
    terminal.on('message', (_topic, payload) => terminal.publish(terminalTopic('A1', 'response'), payload, { qos: 1 }));
    const received: MqttMessage[] = [];
    broker.link.subscribe(allTerminals('response'), (message) => received.push(message));
    broker.link.publish(terminalTopic('A1', 'request'), '{"id":"1"}');
    await until(() => received.length === 1);
    expect(received[0]?.topic).toBe(terminalTopic('A1', 'response'));
    expect(received[0]?.payload.toString()).toBe('{"id":"1"}');
  });

  it('refuses a wrong password, an unknown user and none at all, and counts them', async () => {
    expect(await refused({ username: 'A1', password: 'wrong' })).toMatch(/Bad username or password/);
    expect(await refused({ username: 'nobody', password: '' })).toMatch(/Bad username or password/);
    expect(await refused({})).toMatch(/Bad username or password/);
    expect(counters.value('mqtt_connections', 'wrong-password')).toBe(3);
  });

  it('slows an address after five wrong passwords, and not a terminal that was there before', async () => {
    await (await client('A2')).endAsync();
    for (let i = 0; i < 8; i++) await refused({ username: `guess-${i}`, password: 'x' });
    const begin = performance.now();
    await client('A2');
    expect(performance.now() - begin).toBeLessThan(1_500);
    const slow = performance.now();
    await refused({ username: 'A1', password: 'wrong' });
    expect(performance.now() - slow).toBeGreaterThan(1_900);
  });

  it('lets the words of one who left before he was let in push nobody out, and tells no last will of his', async () => {
    const terminal = await client('A1', { clientId: 'A1' });
    const heard: string[] = [];
    broker.link.subscribe(allTerminals('status'), (message) => heard.push(message.payload.toString()));
    const stale = connectTcp(broker.port, '127.0.0.1');
    stale.on('error', () => undefined);
    const will = { topic: terminalTopic('A1', 'status'), payload: Buffer.from('{"online":false}') };
    stale.end(
      generate({
        cmd: 'connect',
        clientId: 'A1',
        username: 'A1',
        password: Buffer.from('secret-A1'),
        clean: true,
        keepalive: 30,
        will: { ...will, qos: 1, retain: true },
      }),
    );
    await until(() => counters.value('mqtt_connections', 'left-before-sign-in') === 1);
    await terminal.publishAsync(terminalTopic('A1', 'status'), '{"online":true}', { qos: 1 });
    await until(() => heard.length > 0);
    expect(heard).toEqual(['{"online":true}']);
    expect(terminal.connected).toBe(true);
  });

  it('ends the connection of a terminal that speaks for another, and delivers nothing of it', async () => {
    const received: string[] = [];
    broker.link.subscribe('arung/v1/#', (message) => received.push(message.topic));
    const terminal = await client('A1');
    const gone = closed(terminal);
    terminal.publish(terminalTopic('A2', 'status'), '{}', { qos: 1 });
    await gone;
    expect(received).toEqual([]);
    expect(counters.value('mqtt_messages', 'topic-refused')).toBe(1);
  });

  it('refuses subscriptions to anything but the own request topic, also with wildcards and to $SYS', async () => {
    const terminal = await client('A1');
    for (const filter of ['#', 'arung/v1/terminals/+/request', terminalTopic('A2', 'request'), '$SYS/#', '+/+/+/+/+']) {
      const granted = await terminal.subscribeAsync(filter).catch(() => []);
      expect(
        granted.every((grant) => Number(grant.qos) === 128),
        filter,
      ).toBe(true);
    }
    const heard: string[] = [];
    terminal.on('message', (topic) => heard.push(topic));
    broker.link.publish(terminalTopic('A2', 'request'), 'secret');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toEqual([]);
  });

  it('does not let a will speak for another', async () => {
    const received: string[] = [];
    broker.link.subscribe('arung/v1/#', (message) => received.push(message.topic));
    const terminal = await client('A1', {
      will: { topic: terminalTopic('A2', 'status'), payload: Buffer.from('{}'), qos: 1, retain: false },
    });
    const other = await client('A2', {
      will: { topic: terminalTopic('A2', 'status'), payload: Buffer.from('{"online":false}'), qos: 1, retain: true },
    });
    terminal.stream.destroy();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(received).toEqual([]);
    other.stream.destroy();
    await until(() => received.length === 1);
    expect(received).toEqual([terminalTopic('A2', 'status')]);
  });

  it('does not let a user push another out by taking its client id', async () => {
    const first = await client('A1', { clientId: 'same' });
    expect(await refused({ clientId: 'same', username: 'A2', password: 'secret-A2' })).toMatch(/Identifier rejected/);
    expect(first.connected).toBe(true);
    expect(counters.value('mqtt_connections', 'foreign-client-id')).toBe(1);
    // The terminal itself may come back under its id, as it does after it lost its connection.
    const gone = closed(first);
    await client('A1', { clientId: 'same' });
    await gone;
  });

  it('ends a connection that sends a packet larger than a terminal may, before it is gathered', async () => {
    const received: string[] = [];
    broker.link.subscribe('arung/v1/#', (message) => received.push(message.topic));
    const terminal = await client('A1');
    terminal.publish(terminalTopic('A1', 'status'), Buffer.alloc(60_000, 32));
    await until(() => received.length === 1);
    const gone = closed(terminal);
    terminal.publish(terminalTopic('A1', 'status'), Buffer.alloc(70_000, 32));
    await gone;
    expect(received).toHaveLength(1);
    expect(counters.value('mqtt_connections', 'packet-too-large')).toBe(1);
    // A stranger who announces 200 MB is shown out at the announcement.
    const stranger = connectTcp(broker.port, '127.0.0.1');
    const left = new Promise((resolve) => stranger.once('close', resolve));
    stranger.on('error', () => undefined);
    stranger.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x5f]));
    await left;
    expect(counters.value('mqtt_connections', 'packet-too-large')).toBe(2);
  });

  it('lets terminals in while others hold more connections than there may be, and say nothing', async () => {
    const silent = Array.from({ length: 120 }, () => connectTcp(narrow.port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => undefined);
    await until(() => silent.filter((socket) => !socket.connecting).length === 120);
    const at = (serial: string): Promise<MqttClient> => client(serial, { port: narrow.port });
    const one = await at('A1');
    const more = Array.from({ length: 120 }, () => connectTcp(narrow.port, '127.0.0.1'));
    for (const socket of more) socket.on('error', () => undefined);
    const other = await at('A2');
    await until(() => more.every((socket) => !socket.connecting));
    expect([one.connected, other.connected]).toEqual([true, true]);
    for (const socket of [...silent, ...more]) socket.destroy();
  });

  it('ends a terminal that floods it', async () => {
    const terminal = await client('A1');
    const gone = closed(terminal);
    for (let i = 0; i < 300; i++) terminal.publish(terminalTopic('A1', 'status'), '{}');
    await gone;
    expect(counters.value('mqtt_messages', 'too-fast')).toBeGreaterThan(0);
  });

  it('shows out who lost its credential', async () => {
    const terminal = await client('A1');
    const other = await client('A2');
    users.set('A1', { principal: { kind: 'terminal', serial: 'A1' }, password: 'a new one' });
    const gone = closed(terminal);
    changed();
    await gone;
    expect(other.connected).toBe(true);
  });

  it('stands garbage at its port: no crash, no stall, counted', async () => {
    const terminal = await client('A1');
    await terminal.subscribeAsync(terminalTopic('A1', 'request'));
    let answers = 0;
    terminal.on('message', () => void answers++);
    const connectPacket = Buffer.from('101000044d5154540402003c000441 6263 64'.replaceAll(' ', ''), 'hex');
    for (let round = 0; round < 300; round++) {
      const garbage =
        round % 3 === 0
          ? randomBytes(1 + Math.floor(Math.random() * 600))
          : round % 3 === 1
            ? // Almost a CONNECT: cut off or with one byte changed.
              mutate(connectPacket, round)
            : Buffer.concat([Buffer.from([0x10 | (round % 240), round % 128]), randomBytes(round % 128)]);
      await new Promise<void>((resolve) => {
        const socket = connectTcp(broker.port, '127.0.0.1', () => socket.end(garbage));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
    broker.link.publish(terminalTopic('A1', 'request'), '{}');
    await until(() => answers === 1);
    expect(counters.value('mqtt_connections', 'not-mqtt')).toBeGreaterThan(100);
    expect(broker.connectedClients).toBe(1);
  });

  it('stands garbage from a terminal that is signed in', async () => {
    for (let round = 0; round < 60; round++) {
      const terminal = await client('A1', { clientId: `r${round}` });
      const gone = closed(terminal);
      terminal.stream.write(Buffer.concat([Buffer.from([(3 + (round % 12)) << 4, 40]), randomBytes(40)]));
      terminal.stream.end();
      await gone;
    }
    expect((await client('A1')).connected).toBe(true);
  });

  it('says in a sentence that its port is in use', async () => {
    const second = new EmbeddedBroker({
      port: broker.port,
      host: '127.0.0.1',
      credentials: { find: () => null, onChange: () => () => undefined },
      clock: systemClock,
      logger: pino({ enabled: false }),
      counters,
    });
    await expect(second.start()).rejects.toMatchObject({ kind: 'conflict', code: 'mqtt.port-in-use' });
  });

  itWithPeer('mosquitto_pub', 'serves Debian’s mosquitto_pub and mosquitto_sub', async () => {
    const pub = peer('mosquitto_pub') ?? '';
    const sub = peer('mosquitto_sub') ?? '';
    const received: string[] = [];
    broker.link.subscribe(allTerminals('status'), (message) => received.push(message.payload.toString()));
    const common = ['-h', '127.0.0.1', '-p', String(broker.port), '-u', 'A1', '-P', 'secret-A1', '-V', 'mqttv311'];
    await run(pub, [...common, '-t', terminalTopic('A1', 'status'), '-q', '1', '-m', '{"serial":"A1"}']);
    await until(() => received.length === 1);
    expect(received).toEqual(['{"serial":"A1"}']);
    const listening = run(sub, [...common, '-t', terminalTopic('A1', 'request'), '-C', '1', '-W', '10']);
    const repeat = setInterval(() => broker.link.publish(terminalTopic('A1', 'request'), 'hello'), 100);
    try {
      expect((await listening).stdout.trim()).toBe('hello');
    } finally {
      clearInterval(repeat);
    }
    await expect(
      run(pub, [...common.slice(0, 6), '-P', 'wrong', '-t', 'x', '-m', 'y', '-V', 'mqttv311']),
    ).rejects.toThrow();
  });
});

function mutate(packet: Buffer, round: number): Buffer {
  const copy = Buffer.from(packet);
  if (round % 2 === 0) return copy.subarray(0, round % copy.length);
  copy[round % copy.length] = round & 0xff;
  return copy;
}
