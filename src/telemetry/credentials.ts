import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { TargetSource } from '../domain/plan.ts';
import type { Logger } from 'pino';
import { isTopicName, type Principal } from './topics.ts';

export interface MqttCredential {
  readonly principal: Principal;
  readonly password: string;
}

/** Who may sign in at the embedded broker. Held in memory only. */
export interface MqttCredentials {
  /** The credential of a user name; null where there is none. */
  find(username: string): MqttCredential | null;
  /** Calls back after a change: who is no longer welcome is to be shown out. */
  onChange(changed: () => void): () => void;
}

/** Who may sign in by several lists; a name that stands in two of them is the first one's. */
export class JoinedCredentials implements MqttCredentials {
  readonly #lists: readonly MqttCredentials[];

  constructor(lists: readonly MqttCredentials[]) {
    this.#lists = lists;
  }

  find(username: string): MqttCredential | null {
    for (const list of this.#lists) {
      const found = list.find(username);
      if (found !== null) return found;
    }
    return null;
  }

  onChange(changed: () => void): () => void {
    const stops = this.#lists.map((list) => list.onChange(changed));
    return () => stops.forEach((stop) => stop());
  }
}

/**
 * The credentials of attendance terminals, from the inventory: the user name of a terminal's credential (its serial
 * number, as a rule) opens the topics of that terminal's serial number alone. Kept current by the inventory's signal.
 */
export class TerminalCredentials implements MqttCredentials, LongLived {
  readonly name = 'terminal credentials';
  readonly #targets: TargetSource;
  readonly #agentId: AgentId;
  readonly #logger: Logger;
  #byUser: ReadonlyMap<string, MqttCredential> = new Map();
  #stopWatching: () => void = () => undefined;
  #reading: Promise<void> | null = null;
  #again = false;
  #listeners: readonly (() => void)[] = [];

  constructor(options: { readonly targets: TargetSource; readonly agentId: AgentId; readonly logger: Logger }) {
    this.#targets = options.targets;
    this.#agentId = options.agentId;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#targets.onChange(() => void this.refresh());
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#reading;
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

  /** Reads the inventory; a call while it reads makes it read once more. */
  refresh(): Promise<void> {
    if (this.#reading !== null) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
      if (this.#again) {
        this.#again = false;
        void this.refresh();
      }
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    try {
      const byUser = new Map<string, MqttCredential>();
      const ambiguous = new Set<string>();
      for (const target of await this.#targets.targets(this.#agentId)) {
        if (target.protocol !== 'mqtt' || target.secret?.kind !== 'mqtt' || !isTopicName(target.serial)) continue;
        const user = target.secret.user === '' ? target.serial : target.secret.user;
        const known = byUser.get(user)?.principal;
        if (known?.kind === 'terminal' && known.serial !== target.serial) ambiguous.add(user);
        byUser.set(user, { principal: { kind: 'terminal', serial: target.serial }, password: target.secret.password });
      }
      for (const user of ambiguous) byUser.delete(user);
      if (ambiguous.size > 0) {
        this.#logger.error(
          { users: ambiguous.size },
          'several terminals share an MQTT user name and cannot be told apart: give each a credential of its own',
        );
      }
      this.#byUser = byUser;
      for (const changed of this.#listeners) changed();
    } catch (error) {
      this.#logger.error({ err: error }, 'the credentials of the terminals could not be read; the last ones stay');
    }
  }
}
