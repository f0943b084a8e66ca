import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from './support/free-port.ts';
import { openMetricStore } from '../src/metrics/open-store.ts';
import { Demo } from './support/demo.ts';
import { mosquittoBefore } from './support/mosquitto-before.ts';
import { describeWithPeer } from './support/peers.ts';
import { addRemoteAgent } from './support/remote-agent.ts';
import { SiteAgentProcess } from './support/site-agent.ts';

const login = { name: 'kec-kahu', secret: 'sandi-kahu', address: '127.99.0.1' };
const kills = 2;

/** Controller, broker and agent are processes of their own; what the agent looked at is counted at both ends. */
describe('the agent at a site', { timeout: 600_000 }, () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  }, 60_000);

  /** A service that answers, and what the controller knows of it. */
  async function stage(port: number): Promise<{ demo: Demo; agent: SiteAgentProcess; serviceId: string }> {
    const server: Server = createServer((_request, response) => response.end('e-Planning')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const demo = new Demo({ ARUNG_MQTT_PORT: String(port), ARUNG_LOG_LEVEL: 'warn' });
    ends.push(() => demo.remove());
    await demo.start('serve');
    await demo.post('/api/v1/regions/import', { code: '73.08' });
    await addRemoteAgent(demo, login);
    const { id: siteId } = await demo.get<{ id: string }>(`/api/v1/sites/${login.name}`);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const draft = { code: 'e-planning', name: 'e-Planning', siteId, url, checks: [{ kind: 'http' }], usedBy: [] };
    const made = await demo.post('/api/v1/services', draft);
    expect(made.status, await made.clone().text()).toBe(201);
    const { id: serviceId } = (await made.json()) as { id: string };
    const { name, secret } = login;
    const broker = `mqtt://127.0.0.1:${port}`;
    const agent = new SiteAgentProcess({ broker, name, password: secret, everyS: 1 });
    ends.push(() => agent.remove());
    return { demo, agent, serviceId };
  }
  const vantages = async (demo: Demo) =>
    (await demo.get<{ vantages: { agent: string; state: string }[] }>('/api/v1/services/e-planning')).vantages;
  async function looked(agent: SiteAgentProcess, more: number): Promise<void> {
    const wanted = agent.looks.length + more;
    for (let tries = 0; agent.looks.length < wanted; tries++) {
      if (tries > 1_200)
        throw new Error(`only ${agent.looks.length} looks of ${wanted}: ${agent.output.slice(-3_000)}`);
      await sleep(100);
    }
  }
  async function killed(agent: SiteAgentProcess): Promise<void> {
    await agent.stop('SIGKILL');
    // A second has one look.
    await sleep(1_100);
    agent.start();
  }
  const counted = async (demo: Demo, result: string): Promise<number> => {
    const metrics = await (await demo.call('GET', '/metrics')).text();
    return Number(new RegExp(`^arung_ingest_batches\\w*\\{result="${result}"\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
  };
  /** The seconds for which the store has a look of this agent, read when the controller does not run. */
  async function stored(demo: Demo, serviceId: string, looks: readonly number[]): Promise<readonly number[]> {
    const { id } = await demo.get<{ id: string }>(`/api/v1/agents/${login.name}`);
    await demo.stop();
    const store = openMetricStore(
      { kind: 'embedded', path: join(demo.dataDir, 'metrics.sqlite') },
      pino({ enabled: false }),
    );
    await store.start();
    const from = (looks[0] ?? 0) - 60;
    const { series } = await store.query({
      measurement: 'service',
      fields: ['up'],
      filter: { service: [serviceId], agent: [id] },
      from,
      to: from + 3_600,
      step: { stepS: 1 },
      aggregate: 'sum',
      groupBy: ['agent'],
    });
    await store.stop();
    return (series[0]?.values ?? []).flatMap((value, index) => (value === null ? [] : [from + index]));
  }
  function expectEachOnce(found: readonly number[], looks: readonly number[]): void {
    expect(looks.filter((at) => !found.includes(at))).toEqual([]);
    // What was on the disk when a kill came before it could be said.
    expect(found.length - looks.length).toBeLessThanOrEqual(kills);
    expect(new Set(looks).size).toBe(looks.length);
  }

  it('loses nothing when it or the controller with its broker is killed, and looks on by its last plan', async () => {
    const port = await freePort();
    const { demo, agent, serviceId } = await stage(port);
    agent.start();
    await looked(agent, 4);
    await expect
      .poll(() => vantages(demo), { timeout: 30_000 })
      .toMatchObject([{}, { agent: login.name, state: 'up' }]);
    await killed(agent);
    await looked(agent, 2);
    await demo.kill();
    await looked(agent, 4);
    // Without a broker a start has nothing but its disk.
    await killed(agent);
    await looked(agent, 3);
    expect(agent.waiting).toBeGreaterThanOrEqual(7);
    await demo.start('serve');
    await expect.poll(() => agent.waiting, { timeout: 60_000 }).toBeLessThanOrEqual(1);
    // It has the ear of the controller again, though it found no broker when it started.
    await demo.call('PATCH', `/api/v1/services/${serviceId}`, { usedBy: ['nobody'] });
    await expect.poll(() => agent.output, { timeout: 30_000 }).toContain('"services":0');
    await agent.stop('SIGTERM');
    const { looks } = agent;
    expectEachOnce(await stored(demo, serviceId, looks), looks);
    expect(agent.output).not.toContain(login.secret);
  });

  it('looks at nothing more when it is no longer in the inventory, and at what is new at once', async () => {
    const port = await freePort();
    const { demo, agent, serviceId } = await stage(port);
    agent.start();
    await looked(agent, 2);
    await demo.call('PATCH', `/api/v1/services/${serviceId}`, { usedBy: ['nobody'] });
    await expect.poll(() => agent.output, { timeout: 30_000 }).toContain('"services":0');
    await demo.call('PATCH', `/api/v1/services/${serviceId}`, { usedBy: [login.name] });
    await looked(agent, 1);
    await demo.call('PATCH', `/api/v1/devices/srv-${login.name}`, { agentId: await localId(demo) });
    await demo.call('DELETE', `/api/v1/agents/${login.name}`);
    await expect.poll(() => agent.output, { timeout: 30_000 }).toMatch(/nothing to look at|lost the MQTT broker/);
  });
  const localId = async (demo: Demo): Promise<string> => (await demo.get<{ id: string }>('/api/v1/agents/local')).id;

  describeWithPeer('mosquitto', 'behind Debian’s Mosquitto', (program) => {
    it('sends what waited once, in its order, when the broker is there again', async () => {
      const port = await freePort();
      const { demo, agent, serviceId } = await stage(port);
      await demo.stop();
      const mosquitto = await mosquittoBefore(demo, program, port);
      ends.push(() => mosquitto.end());
      await demo.start('serve');
      agent.start();
      await looked(agent, 4);
      await mosquitto.stop('SIGTERM');
      await looked(agent, 4);
      await killed(agent);
      await looked(agent, 3);
      expect(agent.waiting).toBeGreaterThanOrEqual(7);
      await mosquitto.start();
      await expect.poll(() => agent.waiting, { timeout: 60_000 }).toBeLessThanOrEqual(1);
      await killed(agent);
      await looked(agent, 2);
      await agent.stop('SIGTERM');
      const { looks } = agent;
      await expect.poll(() => counted(demo, 'accepted'), { timeout: 60_000 }).toBeGreaterThanOrEqual(looks.length);
      const accepted = await counted(demo, 'accepted');
      const found = await stored(demo, serviceId, looks);
      expectEachOnce(found, looks);
      expect(accepted).toBe(found.length);
    });
  });
});
