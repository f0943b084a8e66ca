import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, expect, it } from 'vitest';
import { startMosquitto, type SecureMosquitto } from '../../tests/support/mosquitto.ts';
import { describeWithPeer, peer } from '../../tests/support/peers.ts';
import { SiteAgentProcess } from '../../tests/support/site-agent.ts';
import type { MqttCredential } from '../../src/telemetry/credentials.ts';
import { agentTopic } from '../../src/telemetry/topics.ts';

const logins = new Map<string, MqttCredential>([
  ['arung', { principal: { kind: 'controller' }, password: 'kunci' }],
  ['kahu', { principal: { kind: 'agent', agent: 'kahu' }, password: 'rahasia-kahu' }],
]);

describeWithPeer('mosquitto', 'the agent at Debian’s Mosquitto over TLS', (program) => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function broker(): Promise<SecureMosquitto> {
    const mosquitto = await startMosquitto(program, peer('openssl') ?? 'openssl', logins);
    ends.push(() => mosquitto.end());
    return mosquitto;
  }
  async function controller({ port }: SecureMosquitto): Promise<MqttClient> {
    const options = { username: 'arung', password: 'kunci', reconnectPeriod: 0, rejectUnauthorized: false };
    const made = await connectAsync(`mqtts://127.0.0.1:${port}`, options);
    ends.push(() => made.endAsync(true));
    return made;
  }
  function agentAt(mosquitto: SecureMosquitto, more: Readonly<Record<string, string>>): SiteAgentProcess {
    const url = `mqtts://127.0.0.1:${mosquitto.port}`;
    const agent = new SiteAgentProcess({ broker: url, name: 'kahu', password: 'rahasia-kahu', ...more });
    ends.push(() => agent.remove());
    return agent;
  }

  it('keeps its state there: online with its version, and offline by its last will or its goodbye', async () => {
    const mosquitto = await broker();
    const heard: unknown[] = [];
    const client = await controller(mosquitto);
    client.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString())));
    await client.subscribeAsync(agentTopic('kahu', 'state'), { qos: 1 });
    const agent = agentAt(mosquitto, { caFile: mosquitto.caFile });
    const states = async (wanted: readonly boolean[]): Promise<void> => {
      await expect
        .poll(() => heard, { timeout: 20_000 })
        .toEqual(wanted.map((online) => ({ online, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })));
    };
    agent.start();
    await states([true]);
    await agent.stop('SIGKILL');
    await states([true, false]);
    agent.start();
    await states([true, false, true]);
    await agent.stop('SIGTERM');
    await states([true, false, true, false]);
    const kept: string[] = [];
    const later = await controller(mosquitto);
    later.on('message', (_topic, payload, { retain }) => kept.push(`${retain} ${payload.toString()}`));
    await later.subscribeAsync(agentTopic('kahu', 'state'), { qos: 1 });
    await expect.poll(() => kept, { timeout: 10_000 }).toEqual([expect.stringMatching(/^true .*"online":false/)]);
  });

  it('speaks to no broker whose certificate nobody vouches for', async () => {
    const mosquitto = await broker();
    const agent = agentAt(mosquitto, {});
    agent.start();
    await expect.poll(() => agent.output, { timeout: 20_000 }).toMatch(/certificate/);
    expect(agent.output).not.toMatch(/"connected|rahasia-kahu/);
  });

  it('goes on by its plan when another cannot be understood, whoever wrote it', async () => {
    const mosquitto = await broker();
    const client = await controller(mosquitto);
    const tell = (text: string) => client.publishAsync(agentTopic('kahu', 'plan'), text, { qos: 1, retain: true });
    const nowhere = { id: 's1', url: 'http://127.0.0.1:9/', checks: [{ kind: 'http' }] };
    await tell(JSON.stringify({ format: 'arung-agent-plan/1', everyS: 1, services: [nowhere], later: 'unknown' }));
    const agent = agentAt(mosquitto, { caFile: mosquitto.caFile });
    agent.start();
    await expect.poll(() => agent.looks.length, { timeout: 20_000 }).toBeGreaterThan(1);
    for (const wrong of [
      '{',
      '{"format":"arung-agent-plan/2"}',
      JSON.stringify({ services: [{ ...nowhere, url: 7 }] }),
    ])
      await tell(wrong);
    await expect.poll(() => agent.output.split('cannot be understood').length, { timeout: 20_000 }).toBe(4);
    const before = agent.looks.length;
    await expect.poll(() => agent.looks.length, { timeout: 20_000 }).toBeGreaterThan(before + 1);
    await tell('');
    await expect.poll(() => agent.output, { timeout: 20_000 }).toContain('nothing to look at');
  });
});
