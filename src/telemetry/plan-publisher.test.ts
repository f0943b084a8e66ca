import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { startMosquitto } from '../../tests/support/mosquitto.ts';
import { describeWithPeer, peer } from '../../tests/support/peers.ts';
import type { AgentPlan } from '../domain/agent-plan.ts';
import { systemClock } from '../domain/clock.ts';
import type { AgentId } from '../domain/ids.ts';
import { EmbeddedBroker } from './broker.ts';
import { MemoryCounters } from './counters.ts';
import { LoginList, type MqttCredential } from './credentials.ts';
import { MqttClientLink } from './mqtt-client.ts';
import type { MqttLink } from './mqtt-link.ts';
import { PlanPublisher } from './plan-publisher.ts';
import { agentTopic } from './topics.ts';

const logger = pino({ enabled: false });
const logins = new Map<string, MqttCredential>([
  ['arung', { principal: { kind: 'controller' }, password: 'kunci' }],
  ['kahu', { principal: { kind: 'agent', agent: 'kahu' }, password: 'rahasia-kahu' }],
  ['ponre', { principal: { kind: 'agent', agent: 'ponre' }, password: 'rahasia-ponre' }],
]);
const planOf = (...ids: string[]): AgentPlan => ({
  format: 'arung-agent-plan/1',
  everyS: 30,
  services: ids.map((id) => ({ id, url: 'http://10.73.0.9/', checks: [] })),
});

/** The inventory, as far as the publisher sees it. */
class Inventory {
  list = ['kahu', 'ponre'];
  readonly #planned = new Map<AgentId, AgentPlan>();

  constructor() {
    this.plan('kahu', planOf('a'));
    this.plan('ponre', planOf('b'));
  }

  plan(name: string, plan: AgentPlan): void {
    this.#planned.set(name as AgentId, plan);
    this.#wake();
  }

  #wake: () => void = () => undefined;
  agents = () => Promise.resolve(this.list.map((name) => ({ id: name as AgentId, name, login: null })));
  plans = (): Promise<ReadonlyMap<AgentId, AgentPlan>> => Promise.resolve(this.#planned);
  onChange = (wake: () => void): (() => void) => {
    this.#wake = wake;
    return () => undefined;
  };
  remove(name: string): void {
    this.list = this.list.filter((one) => one !== name);
    this.#wake();
  }
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function publish(link: MqttLink): Promise<Inventory> {
  const inventory = new Inventory();
  const publisher = new PlanPublisher({
    link,
    agents: inventory,
    plans: inventory.plans,
    onChange: inventory.onChange,
    logger,
  });
  await publisher.start();
  ends.push(() => publisher.stop());
  return inventory;
}

/** What a client gets to read of the plans of an agent. A broker may refuse, or let it subscribe and tell nothing. */
async function reader(client: MqttClient, of: string): Promise<{ readonly heard: string[] }> {
  const heard: string[] = [];
  client.on('message', (topic, payload) => {
    if (topic === agentTopic(of, 'plan')) heard.push(payload.toString());
  });
  await client.subscribeAsync(agentTopic(of, 'plan'), { qos: 1 }).catch(() => undefined);
  return { heard };
}
async function client(url: string, name: string): Promise<MqttClient> {
  const made = await connectAsync(url, {
    username: name,
    password: logins.get(name)?.password ?? '',
    reconnectPeriod: 0,
    rejectUnauthorized: false,
  });
  ends.push(() => made.endAsync(true));
  return made;
}
const soon = { timeout: 10_000 };

async function tells(url: string, inventory: Inventory): Promise<void> {
  const agent = await client(url, 'kahu');
  const own = await reader(agent, 'kahu');
  await expect.poll(() => own.heard.map((text) => JSON.parse(text)), soon).toEqual([planOf('a')]);
  inventory.plan('kahu', planOf('a', 'c'));
  await expect.poll(() => own.heard.length, soon).toBe(2);
  expect(JSON.parse(own.heard[1] ?? '')).toEqual(planOf('a', 'c'));
  // What another agent's plan says is not for this one, which is told nothing new either.
  const foreign = await reader(agent, 'ponre');
  inventory.plan('ponre', planOf('d'));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect([foreign.heard, own.heard.length]).toEqual([[], 2]);
  inventory.remove('kahu');
  await expect.poll(() => own.heard.length, soon).toBe(3);
  expect(own.heard[2]).toBe('');
  const later = await reader(await client(url, 'kahu'), 'kahu');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(later.heard).toEqual([]);
}

describe('plans at the embedded broker', () => {
  it('are there for each agent alone, change at once and go with the agent; a broker that starts again has them', async () => {
    const credentials = new LoginList({ who: 'agents', logger });
    credentials.replace(logins);
    const counters = new MemoryCounters();
    const broker = new EmbeddedBroker({
      port: 0,
      host: '127.0.0.1',
      credentials,
      clock: systemClock,
      logger,
      counters,
    });
    const inventory = await publish(broker.link);
    await broker.start();
    ends.push(() => broker.stop());
    await tells(`mqtt://127.0.0.1:${broker.port}`, inventory);
    await broker.stop();
    await broker.start();
    const after = await reader(await client(`mqtt://127.0.0.1:${broker.port}`, 'ponre'), 'ponre');
    await expect.poll(() => after.heard.map((text) => JSON.parse(text)), soon).toEqual([planOf('d')]);
  });
});

describeWithPeer('mosquitto', 'plans at Debian’s Mosquitto', (program) => {
  it('are the same, over TLS; what was kept for an agent that went while no controller ran is removed', async () => {
    const mosquitto = await startMosquitto(program, peer('openssl') ?? 'openssl', logins);
    ends.push(() => mosquitto.end());
    const url = `mqtts://127.0.0.1:${mosquitto.port}`;
    const before = await client(url, 'arung');
    await before.publishAsync(agentTopic('gone', 'plan'), JSON.stringify(planOf('z')), { qos: 1, retain: true });
    const link = new MqttClientLink({
      url: `mqtts://127.0.0.1:${mosquitto.port}`,
      username: 'arung',
      password: 'kunci',
      caFile: mosquitto.caFile,
      clientId: 'arung-test',
      logger,
    });
    const inventory = await publish(link);
    await link.start();
    ends.push(() => link.stop());
    await tells(url, inventory);
    const gone = await reader(await client(url, 'arung'), 'gone');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(gone.heard).toEqual([]);
  });
});
