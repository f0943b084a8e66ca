import type { Logger } from 'pino';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { TargetSource } from '../domain/plan.ts';
import { LoginList, type MqttCredential, type MqttCredentials } from './credentials.ts';
import { Rereading } from './rereading.ts';
import { isTopicName } from './topics.ts';

/**
 * The credentials of attendance terminals, from the inventory: the user name of a terminal's credential (its serial
 * number, as a rule) opens the topics of that terminal's serial number alone. Kept current by the inventory's signal.
 */
export class TerminalCredentials implements MqttCredentials, LongLived {
  readonly name = 'terminal credentials';
  readonly #targets: TargetSource;
  readonly #agentId: AgentId;
  readonly #logger: Logger;
  readonly #list: LoginList;
  readonly #reading = new Rereading(() => this.#read());
  #stopWatching: () => void = () => undefined;

  constructor(options: { readonly targets: TargetSource; readonly agentId: AgentId; readonly logger: Logger }) {
    this.#targets = options.targets;
    this.#agentId = options.agentId;
    this.#logger = options.logger;
    this.#list = new LoginList({ who: 'terminals', logger: options.logger });
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#targets.onChange(() => void this.refresh());
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#reading.ended();
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
      const logins: [string, MqttCredential][] = [];
      for (const { protocol, secret, serial } of await this.#targets.targets(this.#agentId)) {
        if (protocol !== 'mqtt' || secret?.kind !== 'mqtt' || !isTopicName(serial)) continue;
        const user = secret.user === '' ? serial : secret.user;
        logins.push([user, { principal: { kind: 'terminal', serial }, password: secret.password }]);
      }
      this.#list.replace(logins);
    } catch (error) {
      this.#logger.error({ err: error }, 'the credentials of the terminals could not be read; the last ones stay');
    }
  }
}
