import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from './support/free-port.ts';
import { openMetricStore } from '../src/metrics/open-store.ts';
import { agentTopic } from '../src/telemetry/topics.ts';
import { Demo } from './support/demo.ts';
import { mosquittoBefore } from './support/mosquitto-before.ts';
import { describeWithPeer } from './support/peers.ts';
import { addRemoteAgent } from './support/remote-agent.ts';

const agent = { name: 'kahu', secret: 'sandi-kahu', address: '127.99.0.1' };
const messages = 200;

/** An agent that forgets a message when it is acknowledged; the controller is a process of its own that is killed. */
describe('points that an agent has queued', { timeout: 240_000 }, () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  }, 60_000);
  const base = Math.floor(Date.now() / 1_000) - 3 * messages;

  async function controller(port: number): Promise<{ demo: Demo; device: string }> {
    const demo = new Demo({ ARUNG_MQTT_PORT: String(port), ARUNG_LOG_LEVEL: 'warn' });
    ends.push(() => demo.remove());
    await demo.start('serve');
    await demo.post('/api/v1/regions/import', { code: '73.08' });
    return { demo, device: await addRemoteAgent(demo, agent) };
  }
  async function client(port: number): Promise<MqttClient> {
    const made = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: 'kahu',
      clean: false,
      username: agent.name,
      password: agent.secret,
      reconnectPeriod: 200,
    });
    ends.push(() => made.endAsync(true));
    return made;
  }
  /** Each with a second of its own. Resolves when all are acknowledged. */
  async function publish(from: MqttClient, device: string, first: number): Promise<void> {
    const sent = Array.from({ length: messages }, (_, at) => {
      const seq = first + at;
      const text = `# agent=kahu boot=b1 seq=${seq}\nsensor,device=${device},sensor=s value=${seq} ${base + seq}\n`;
      return from.publishAsync(agentTopic('kahu', 'points'), text, { qos: 1 });
    });
    await Promise.all(sent);
  }
  /** What the store has, read when the controller does not run. */
  async function stored(demo: Demo, device: string): Promise<readonly number[]> {
    await demo.stop();
    const path = join(demo.dataDir, 'metrics.sqlite');
    const store = openMetricStore({ kind: 'embedded', path }, pino({ enabled: false }));
    await store.start();
    const { series } = await store.query({
      measurement: 'sensor',
      fields: ['value'],
      filter: { device: [device] },
      from: base,
      to: base + 3 * messages,
      step: { stepS: 1 },
      aggregate: 'sum',
      groupBy: ['sensor'],
    });
    await store.stop();
    return (series[0]?.values ?? []).filter((value) => value !== null);
  }
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

  it('are in the store when the embedded broker has acknowledged them, also when it is killed at once', async () => {
    const port = await freePort();
    const { demo, device } = await controller(port);
    const sender = await client(port);
    await publish(sender, device, 0);
    await demo.kill();
    const sending = publish(sender, device, messages);
    await demo.start('serve');
    await sending;
    await demo.kill();
    await demo.start('serve');
    expect(await stored(demo, device)).toEqual(upTo(2 * messages));
  });

  describeWithPeer('mosquitto', 'behind Debian’s Mosquitto', (program) => {
    it('are all taken by the next controller: those that waited, and those that a killed one had not kept', async () => {
      const port = await freePort();
      const { demo, device } = await controller(port);
      await demo.stop();
      const mosquitto = await mosquittoBefore(demo, program, port);
      ends.push(() => mosquitto.end());
      const taken = async (): Promise<number> => {
        const metrics = await (await demo.call('GET', '/metrics')).text();
        const found = /^arung_ingest_batches\w*\{result="accepted"\} (\d+)$/m.exec(metrics);
        return Number(found?.[1] ?? 0);
      };
      await demo.start('serve');
      const sender = await client(port);
      await publish(sender, device, 0);
      await expect.poll(taken, { timeout: 60_000 }).toBe(messages);
      await demo.kill();
      await publish(sender, device, messages);
      await demo.start('serve');
      await expect.poll(taken, { timeout: 60_000 }).toBeGreaterThanOrEqual(messages);
      await demo.kill();
      // What was not acknowledged comes to the next one, in its own time.
      let found: readonly number[] = [];
      for (let tries = 0; tries < 5 && found.length < 2 * messages; tries++) {
        await demo.start('serve');
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        found = await stored(demo, device);
      }
      expect(found).toEqual(upTo(2 * messages));
    });
  });
});
