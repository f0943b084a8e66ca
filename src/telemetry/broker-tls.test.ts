import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeCertificate } from '../../tests/support/certificate.ts';
import { describeWithPeer, peer } from '../../tests/support/peers.ts';
import { systemClock } from '../domain/clock.ts';
import { EmbeddedBroker } from './broker.ts';
import { MemoryCounters } from './counters.ts';
import type { MqttCredential } from './credentials.ts';
import type { MqttMessage } from './mqtt-link.ts';
import { allTerminals, terminalTopic } from './topics.ts';

const run = promisify(execFile);
const users = new Map<string, MqttCredential>(
  ['A1', 'A2'].map((serial) => [serial, { principal: { kind: 'terminal', serial }, password: `secret-${serial}` }]),
);
const statusOf = (serial: string) => terminalTopic(serial, 'status');

describeWithPeer('mosquitto_pub', 'the embedded broker with a certificate', (mosquittoPub) => {
  const openssl = peer('openssl') ?? 'openssl';
  let folder: string;
  let counters: MemoryCounters;
  let broker: EmbeddedBroker;
  const heard: MqttMessage[] = [];
  const clients: MqttClient[] = [];
  const file = (name: string, text?: string): string => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  };
  const brokerWith = (options: { keyFile?: string; maxConnections?: number } = {}) =>
    new EmbeddedBroker({
      port: 0,
      host: '127.0.0.1',
      tls: { certFile: file('server.crt'), keyFile: options.keyFile ?? file('server.key'), host: '127.0.0.1', port: 0 },
      credentials: { find: (name) => users.get(name) ?? null, onChange: () => () => undefined },
      clock: systemClock,
      logger: pino({ enabled: false }),
      counters,
      ...(options.maxConnections === undefined ? {} : { maxConnections: options.maxConnections }),
    });
  const start = async (options: { maxConnections?: number } = {}) => {
    broker = brokerWith(options);
    await broker.start();
    broker.link.subscribe(allTerminals('status'), (message) => void heard.push(message));
  };
  const tlsPort = () => broker.tlsPort ?? 0;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arung-broker-tls-'));
    makeCertificate(openssl, file);
    counters = new MemoryCounters();
    heard.length = 0;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const publish = (text: string, more: readonly string[] = [], user = 'A1', port = tlsPort()) =>
    run(mosquittoPub, [
      '-L',
      `mqtt://${user}:secret-${user}@127.0.0.1:${port}/${statusOf('A1')}`,
      '-q',
      '1',
      '-m',
      text,
      ...more,
    ]);

  it('takes what Debian’s mosquitto_pub says over TLS 1.2 and 1.3, and over the plain port as ever', async () => {
    await start();
    await publish('over 1.2', ['--cafile', file('ca.crt'), '--tls-version', 'tlsv1.2']);
    await publish('over 1.3', ['--cafile', file('ca.crt'), '--tls-version', 'tlsv1.3']);
    await publish('plain', [], 'A1', broker.port);
    await vi.waitFor(() =>
      expect(heard.map(({ payload }) => payload.toString())).toEqual(['over 1.2', 'over 1.3', 'plain']),
    );
  });

  it('sends a large message to a client over TLS as it came, and ends with its connections', async () => {
    await start();
    const client = await connectAsync(`mqtts://127.0.0.1:${tlsPort()}`, {
      ca: readFileSync(file('ca.crt')),
      username: 'A2',
      password: 'secret-A2',
      reconnectPeriod: 0,
    });
    clients.push(client);
    const large = 'x'.repeat(60_000);
    const got = new Promise<string>((resolve) => client.once('message', (_, payload) => resolve(payload.toString())));
    await client.subscribeAsync(terminalTopic('A2', 'request'));
    broker.link.publish(terminalTopic('A2', 'request'), Buffer.from(large));
    expect(await got).toBe(large);
    const closed = new Promise((resolve) => client.once('close', () => resolve('closed')));
    await broker.stop();
    expect(await closed).toBe('closed');
  });

  it('is not believed by a client that does not know its authority, and lets no wrong password in', async () => {
    await start();
    const other = mkdtempSync(join(folder, 'other-'));
    makeCertificate(openssl, (name, text) => {
      const path = join(other, name);
      if (text !== undefined) writeFileSync(path, text);
      return path;
    });
    await expect(publish('x', ['--cafile', join(other, 'ca.crt')])).rejects.toThrow();
    await vi.waitFor(() => expect(counters.value('mqtt_connections', 'not-tls')).toBe(1));
    users.set('A3', { principal: { kind: 'terminal', serial: 'A3' }, password: 'other' });
    await expect(publish('x', ['--cafile', file('ca.crt')], 'A3')).rejects.toThrow(/not authori[sz]ed|bad user/i);
    expect(heard).toEqual([]);
  });

  it('is disturbed by nobody who speaks something else there, or nothing', async () => {
    await start({ maxConnections: 20 });
    const strangers = Array.from({ length: 60 }, (_, n) => {
      const socket = connectTcp(tlsPort(), '127.0.0.1');
      socket.on('error', () => undefined);
      // A third says nothing, a third speaks plain MQTT, a third garbage.
      if (n % 3 === 1) socket.write(Buffer.from('100c00044d51545404020000000000', 'hex'));
      if (n % 3 === 2) socket.write(Buffer.alloc(5_000, n));
      return socket;
    });
    const half = connectTls({ port: tlsPort(), host: '127.0.0.1', rejectUnauthorized: false });
    half.on('error', () => undefined);
    // A terminal whose connection gives way with theirs comes again, as terminals do.
    await vi.waitFor(() => publish('in spite of them', ['--cafile', file('ca.crt')]), {
      timeout: 20_000,
      interval: 500,
    });
    await vi.waitFor(() => expect(heard.map(({ payload }) => payload.toString())).toContain('in spite of them'));
    await vi.waitFor(() => {
      expect(counters.value('mqtt_connections', 'not-tls')).toBeGreaterThan(0);
      expect(counters.value('mqtt_connections', 'gave-way')).toBeGreaterThan(0);
    });
    for (const socket of [...strangers, half]) socket.destroy();
  });

  it('says at the start what is wrong with its certificate', async () => {
    await start();
    await expect(brokerWith({ keyFile: file('ca.key') }).start()).rejects.toMatchObject({ code: 'mqtt.certificate' });
    await expect(brokerWith({ keyFile: file('none') }).start()).rejects.toThrow(/may be read/);
  });
});
