import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { connectAsync } from 'mqtt';
import { afterEach, expect, it } from 'vitest';
import type { MqttCredential } from '../../src/telemetry/credentials.ts';
import { agentTopic } from '../../src/telemetry/topics.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { describeWithPeer, peer } from '../support/peers.ts';
import { SiteAgentProcess } from '../support/site-agent.ts';
import { seeded } from './seeded.ts';

const kills = Number(process.env['ARUNG_TEST_SOAK_KILLS'] ?? 20);
const random = seeded(Number(process.env['ARUNG_TEST_SOAK_SEED'] ?? 20_261_130));
const logins = new Map<string, MqttCredential>([
  ['arung', { principal: { kind: 'controller' }, password: 'kunci' }],
  ['kahu', { principal: { kind: 'agent', agent: 'kahu' }, password: 'rahasia-kahu' }],
]);

describeWithPeer('mosquitto', 'the agent at a site, killed again and again', (program) => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  it(
    'loses no look that was on its disk, and numbers a repeat as what it repeats',
    { timeout: 1_800_000 },
    async () => {
      const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      ends.push(() => server.close());
      const mosquitto = await startMosquitto(program, peer('openssl') ?? 'openssl', logins);
      ends.push(() => mosquitto.end());
      const url = `mqtts://127.0.0.1:${mosquitto.port}`;
      // Who listens as the controller does: a session that outlives the broker's end.
      const listener = await connectAsync(url, {
        clientId: 'controller',
        clean: false,
        username: 'arung',
        password: 'kunci',
        reconnectPeriod: 200,
        rejectUnauthorized: false,
      });
      ends.push(() => listener.endAsync(true));
      /** By boot and number of the message: the seconds that it told, of each time that it came. */
      const heard = new Map<string, string[]>();
      listener.on('message', (_topic, payload) => {
        const text = gunzipSync(payload).toString().trim();
        const [, id = ''] = /^# agent=kahu (boot=\S+ seq=\d+)\n/.exec(text) ?? [];
        heard.set(id, [...(heard.get(id) ?? []), text.slice(text.lastIndexOf(' ') + 1)]);
      });
      await listener.subscribeAsync(agentTopic('kahu', 'points'), { qos: 1 });
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const services = [{ id: 's1', url: address, checks: [{ kind: 'http' }] }];
      const plan = JSON.stringify({ format: 'arung-agent-plan/1', everyS: 1, services });
      await listener.publishAsync(agentTopic('kahu', 'plan'), plan, { qos: 1, retain: true });
      const agent = new SiteAgentProcess({
        broker: url,
        name: 'kahu',
        password: 'rahasia-kahu',
        caFile: mosquitto.caFile,
      });
      ends.push(() => agent.remove());

      for (let kill = 0; kill < kills; kill++) {
        agent.start();
        if (kill % 4 === 1) await mosquitto.stop('SIGTERM');
        const wanted = agent.looks.length + 1;
        while (agent.looks.length < wanted) await sleep(20);
        await sleep(random() * 2_500);
        if (kill % 4 === 2) await mosquitto.start();
        await agent.stop('SIGKILL');
      }
      if (kills % 4 === 2) await mosquitto.start();
      agent.start();
      await expect.poll(() => agent.waiting, { timeout: 60_000 }).toBeLessThanOrEqual(1);
      await agent.stop('SIGTERM');
      await sleep(2_000);

      const told = [...heard.values()];
      const repeats = told.filter((times) => times.length > 1);
      // A repeat is the same message with the same number.
      for (const times of repeats) expect(new Set(times).size).toBe(1);
      const seconds = told.map(([at]) => Number(at));
      console.log(
        `${kills} kills: ${agent.looks.length} looks on the disk, ${told.length} told, ${repeats.length} of them more than once`,
      );
      expect(agent.looks.filter((at) => !seconds.includes(at))).toEqual([]);
      // What was on the disk when a kill came before it could be said.
      expect(told.length - agent.looks.length).toBeLessThanOrEqual(kills);
      expect(agent.looks.length).toBeGreaterThan(kills);
    },
  );
});
