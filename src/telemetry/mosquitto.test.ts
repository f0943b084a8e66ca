import { readFileSync } from 'node:fs';
import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { startMosquitto, type SecureMosquitto } from '../../tests/support/mosquitto.ts';
import { describeWithPeer, peer } from '../../tests/support/peers.ts';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { AgentId } from '../domain/ids.ts';
import { seriesOf } from '../domain/point.ts';
import { FanOutBus } from './bus.ts';
import { MemoryCounters } from './counters.ts';
import type { MqttCredential } from './credentials.ts';
import { Ingest } from './ingest.ts';
import { encodeBatch } from './line-protocol.ts';
import { openBroker, type OpenBroker } from './open-broker.ts';
import { agentTopic } from './topics.ts';

const logger = pino({ enabled: false });
const kahu = 'id-kahu' as AgentId;
const agents = {
  agentIdOf: (name: string) => (name === 'kahu' ? kahu : null),
  refresh: () => Promise.resolve(),
  owns: () => true,
  hasInterface: () => true,
  knowsService: () => false,
  find: () => null,
  onChange: () => () => undefined,
};
const targets = { targets: () => Promise.resolve([]), onChange: () => () => undefined };
const logins = new Map<string, MqttCredential>([
  ['arung', { principal: { kind: 'controller' }, password: 'secret arung' }],
  ['kahu', { principal: { kind: 'agent', agent: 'kahu' }, password: 'secret-kahu' }],
]);

describeWithPeer('mosquitto', 'Mosquitto with TLS, passwords and access lists', (mosquitto) => {
  const openssl = peer('openssl') ?? 'openssl';
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  interface Controller {
    readonly broker: OpenBroker;
    readonly stop: () => Promise<void>;
  }
  const taken = new Map<number, number>();
  let durable = (): Promise<void> => Promise.resolve();
  const counters = new MemoryCounters();

  /** The way in of a controller, as `main.ts` composes it; what arrives is counted by its sequence. */
  async function controller(running: SecureMosquitto): Promise<Controller> {
    const broker = openBroker({
      config: {
        mqttUrl: `mqtts://arung:${encodeURIComponent('secret arung')}@127.0.0.1:${running.port}`,
        mqttCaFile: running.caFile,
        mqttHost: '',
        mqttPort: 0,
        mqttTlsCertFile: null,
        mqttTlsKeyFile: null,
        mqttTlsHost: '',
        mqttTlsPort: 0,
        dataDir: '/var/lib/of-this-test',
      },
      targets,
      agents,
      agentId: 'local' as AgentId,
      clock: systemClock,
      logger,
      counters,
    });
    const bus = new FanOutBus({ logger });
    bus.to({
      name: 'count',
      accept: ({ values }) => void taken.set(values[0] ?? NaN, (taken.get(values[0] ?? NaN) ?? 0) + 1),
    });
    const ingest = new Ingest({
      link: broker.link,
      points: broker.points,
      bus,
      agents,
      clock: systemClock,
      logger,
      counters,
      room: () => Promise.resolve(true),
      durable: () => durable(),
      onAgentSeen: () => undefined,
      onAgentSilent: () => undefined,
      onTurnedAway: () => undefined,
    });
    for (const part of broker.parts) await part.start();
    await ingest.start();
    const stop = async (): Promise<void> => {
      await ingest.stop();
      for (const part of broker.parts.toReversed()) await part.stop();
    };
    stops.push(stop);
    await until(() => broker.link.connected && broker.points.connected);
    return { broker, stop };
  }

  async function publisher(running: SecureMosquitto): Promise<MqttClient> {
    const client = await connectAsync(`mqtts://127.0.0.1:${running.port}`, {
      username: 'kahu',
      password: 'secret-kahu',
      clientId: 'kahu',
      clean: false,
      ca: readFileSync(running.caFile),
      reconnectPeriod: 100,
    });
    stops.push(() => client.endAsync(true));
    return client;
  }

  function message(seq: number): string {
    const batch = {
      agent: kahu,
      measurement: 'sensor',
      series: [seriesOf('sensor', { device: 'd1', sensor: 's' })],
      times: Float64Array.of(Math.floor(systemClock.now() / 1000)),
      values: Float64Array.of(seq),
    } as const;
    return `# agent=kahu boot=b1 seq=${seq}\n${encodeBatch(batch)}`;
  }
  const topic = agentTopic('kahu', 'points');

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 1_500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(condition()).toBe(true);
  }

  it('lets nothing of a publisher that queues be lost or doubled: by its own outage, nor by ours', async () => {
    const running = await startMosquitto(mosquitto, openssl, logins);
    stops.push(() => running.end());
    const first = await controller(running);
    const client = await publisher(running);
    let seq = 0;
    const sent: Promise<unknown>[] = [];
    const send = (count: number): void => {
      for (let i = 0; i < count; i++) sent.push(client.publishAsync(topic, message(++seq), { qos: 1 }));
    };
    send(50);
    await until(() => taken.size === 50);
    await new Promise((resolve) => setTimeout(resolve, 1_500));

    await running.stop('SIGKILL');
    await until(() => !first.broker.points.connected && !client.connected);
    send(50);
    await running.start();
    await until(() => taken.size === 100);

    await first.stop();
    send(50);
    await until(() => client.connected);
    await Promise.all(sent);
    await controller(running);
    await until(() => taken.size === 150);
    expect([...taken.values()].every((times) => times === 1)).toBe(true);
  }, 90_000);

  it('keeps what is not durable here, until it is', async () => {
    const running = await startMosquitto(mosquitto, openssl, logins);
    stops.push(() => running.end());
    let isFull = true;
    const away = new ArungError('unavailable', 'The disk is full.', { code: 'metrics.away' });
    durable = () => (isFull ? Promise.reject(away) : Promise.resolve());
    taken.clear();
    const first = await controller(running);
    const client = await publisher(running);
    for (let seq = 1; seq <= 30; seq++) await client.publishAsync(topic, message(seq), { qos: 1 });
    await until(() => taken.size > 0);
    await first.stop();
    taken.clear();
    isFull = false;
    await controller(running);
    await until(() => taken.size === 30);
    expect([...taken.values()].every((times) => times === 1)).toBe(true);
  }, 90_000);

  it('is not believed without the authority that signed its certificate', async () => {
    const running = await startMosquitto(mosquitto, openssl, logins);
    stops.push(() => running.end());
    const config = {
      mqttUrl: `mqtts://arung:x@127.0.0.1:${running.port}`,
      mqttHost: '',
      mqttPort: 0,
      mqttTlsCertFile: null,
      mqttTlsKeyFile: null,
      mqttTlsHost: '',
      mqttTlsPort: 0,
      dataDir: '/x',
      mqttCaFile: null,
    };
    const shared = { targets, agents, agentId: 'local' as AgentId, clock: systemClock, counters };
    const said: string[] = [];
    const loud = pino({ level: 'error' }, { write: (line: string) => void said.push(line) });
    const broker = openBroker({ ...shared, config, logger: loud });
    stops.push(async () => {
      for (const part of broker.parts.toReversed()) await part.stop();
    });
    for (const part of broker.parts) await part.start();
    await until(() => said.some((line) => line.includes('certificate')));
    await expect(broker.ready()).rejects.toThrow('the MQTT broker is not there');
    const wrong = { ...config, mqttCaFile: '/no/such/file.pem' };
    expect(() => openBroker({ ...shared, config: wrong, logger })).toThrow(/mend ARUNG_MQTT_CA_FILE/);
  });
});
