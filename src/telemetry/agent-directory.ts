import type { Logger } from 'pino';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { AgentSource, TargetSource } from '../domain/plan.ts';
import type { MqttCredential, MqttCredentials } from './credentials.ts';
import type { KnownAgents } from './ingest.ts';
import { isTopicName } from './topics.ts';

/**
 * The agents at other places, from the inventory: what they sign in with, and which devices and interfaces they may
 * speak of. Kept current by the inventory's signal; when it cannot be read what was known stays.
 */
export class AgentDirectory implements KnownAgents, MqttCredentials, LongLived {
  readonly name = 'agent directory';
  readonly #source: AgentSource & TargetSource;
  readonly #logger: Logger;
  #byName: ReadonlyMap<string, AgentId> = new Map();
  #byUser: ReadonlyMap<string, MqttCredential> = new Map();
  /** By device. */
  #interfaces: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #owners: ReadonlyMap<string, AgentId> = new Map();
  #listeners: readonly (() => void)[] = [];
  #reading: Promise<void> = Promise.resolve();
  #stopWatching: () => void = () => undefined;

  constructor(options: { readonly source: AgentSource & TargetSource; readonly logger: Logger }) {
    this.#source = options.source;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#source.onChange(() => void this.refresh());
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#reading;
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

  find(username: string): MqttCredential | null {
    return this.#byUser.get(username) ?? null;
  }

  /** Every user name, for the password file of an external broker. */
  logins(): ReadonlyMap<string, MqttCredential> {
    return this.#byUser;
  }

  onChange(changed: () => void): () => void {
    this.#listeners = [...this.#listeners, changed];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== changed);
    };
  }

  /** Reads the inventory, one reading after the other. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    try {
      const byName = new Map<string, AgentId>();
      const byUser = new Map<string, MqttCredential>();
      const ambiguous = new Set<string>();
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
        if (byUser.has(agent.login.user)) ambiguous.add(agent.login.user);
        const principal = { kind: 'agent', agent: agent.name } as const;
        byUser.set(agent.login.user, { principal, password: agent.login.password });
      }
      for (const user of ambiguous) byUser.delete(user);
      if (ambiguous.size > 0) {
        this.#logger.error(
          { users: ambiguous.size },
          'several agents share an MQTT user name and cannot be told apart: give each a credential of its own',
        );
      }
      this.#byName = byName;
      this.#byUser = byUser;
      this.#interfaces = interfaces;
      this.#owners = owners;
      for (const changed of this.#listeners) changed();
    } catch (error) {
      this.#logger.error({ err: error }, 'the agents could not be read from the inventory; the last ones stay');
    }
  }
}
