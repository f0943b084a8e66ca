import type { Logger } from 'pino';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { AgentSource, TargetSource } from '../domain/plan.ts';
import { LoginList, type MqttCredential, type MqttCredentials } from './credentials.ts';
import type { KnownAgents } from './ingest.ts';
import { Rereading } from './rereading.ts';
import { isTopicName } from './topics.ts';

/**
 * The agents at other places, from the inventory: what they sign in with, and which devices and interfaces they may
 * speak of. Kept current by the inventory's signal; when it cannot be read what was known stays.
 */
export class AgentDirectory implements KnownAgents, MqttCredentials, LongLived {
  readonly name = 'agent directory';
  readonly #source: AgentSource & TargetSource;
  readonly #logger: Logger;
  readonly #list: LoginList;
  readonly #reading = new Rereading(() => this.#read());
  #byName: ReadonlyMap<string, AgentId> = new Map();
  /** By device. */
  #interfaces: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #owners: ReadonlyMap<string, AgentId> = new Map();
  #services: ReadonlySet<string> = new Set();
  #stopWatching: () => void = () => undefined;

  constructor(options: { readonly source: AgentSource & TargetSource; readonly logger: Logger }) {
    this.#source = options.source;
    this.#logger = options.logger;
    this.#list = new LoginList({ who: 'agents', logger: options.logger });
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#source.onChange(() => void this.refresh());
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#reading.ended();
  }

  agentIdOf(name: string): AgentId | null {
    return this.#byName.get(name) ?? null;
  }

  owns(agent: AgentId, deviceId: string): boolean {
    return this.#owners.get(deviceId) === agent;
  }

  hasInterface(deviceId: string, interfaceId: string): boolean {
    return this.#interfaces.get(deviceId)?.has(interfaceId) ?? false;
  }

  knowsService(serviceId: string): boolean {
    return this.#services.has(serviceId);
  }

  find(username: string): MqttCredential | null {
    return this.#list.find(username);
  }

  logins(): ReadonlyMap<string, MqttCredential> {
    return this.#list.all();
  }

  onChange(changed: () => void): () => void {
    return this.#list.onChange(changed);
  }

  /** Reads the inventory; changes that come while it reads are taken in by one more reading. */
  refresh(): Promise<void> {
    return this.#reading.again();
  }

  async #read(): Promise<void> {
    try {
      const byName = new Map<string, AgentId>();
      const logins: [string, MqttCredential][] = [];
      const interfaces = new Map<string, ReadonlySet<string>>();
      const owners = new Map<string, AgentId>();
      for (const agent of await this.#source.agents()) {
        if (!isTopicName(agent.name)) continue;
        for (const target of await this.#source.targets(agent.id)) {
          interfaces.set(target.deviceId, new Set<string>(target.interfaces.map((each) => each.id)));
          owners.set(target.deviceId, agent.id);
        }
        byName.set(agent.name, agent.id);
        if (agent.login === null) continue;
        const principal = { kind: 'agent', agent: agent.name } as const;
        logins.push([agent.login.user, { principal, password: agent.login.password }]);
      }
      const services = new Set(await this.#source.serviceIds());
      this.#byName = byName;
      this.#services = services;
      this.#interfaces = interfaces;
      this.#owners = owners;
      this.#list.replace(logins);
    } catch (error) {
      this.#logger.error({ err: error }, 'the agents could not be read from the inventory; the last ones stay');
    }
  }
}
