import type { Logger } from 'pino';
import type { AgentId } from '../domain/ids.ts';
import type { AgentSource, TargetSource } from '../domain/plan.ts';
import type { KnownAgents } from './ingest.ts';
import { InventoryLogins, type Login } from './inventory-logins.ts';
import { isTopicName } from './topics.ts';

/**
 * The agents at other places, from the inventory: what they sign in with, and which devices and interfaces they may
 * speak of. Kept current by the inventory's signal; when it cannot be read what was known stays.
 */
export class AgentDirectory extends InventoryLogins implements KnownAgents {
  readonly name = 'agent directory';
  readonly #source: AgentSource & TargetSource;
  #byName: ReadonlyMap<string, AgentId> = new Map();
  /** By device. */
  #interfaces: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #owners: ReadonlyMap<string, AgentId> = new Map();
  #services: ReadonlySet<string> = new Set();

  constructor(options: { readonly source: AgentSource & TargetSource; readonly logger: Logger }) {
    super({ who: 'agents', source: options.source, logger: options.logger });
    this.#source = options.source;
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

  protected async read(): Promise<readonly Login[]> {
    const byName = new Map<string, AgentId>();
    const logins: Login[] = [];
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
    this.#services = new Set(await this.#source.serviceIds());
    this.#byName = byName;
    this.#interfaces = interfaces;
    this.#owners = owners;
    return logins;
  }
}
