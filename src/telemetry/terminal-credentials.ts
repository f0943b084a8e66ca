import type { Logger } from 'pino';
import type { AgentId } from '../domain/ids.ts';
import type { TargetSource } from '../domain/plan.ts';
import { InventoryLogins, type Login } from './inventory-logins.ts';
import { isTopicName } from './topics.ts';

/**
 * The credentials of attendance terminals, from the inventory: the user name of a terminal's credential (its serial
 * number, as a rule) opens the topics of that terminal's serial number alone. Kept current by the inventory's signal.
 */
export class TerminalCredentials extends InventoryLogins {
  readonly name = 'terminal credentials';
  readonly #targets: TargetSource;
  readonly #agentId: AgentId;

  constructor(options: { readonly targets: TargetSource; readonly agentId: AgentId; readonly logger: Logger }) {
    super({ who: 'terminals', source: options.targets, logger: options.logger });
    this.#targets = options.targets;
    this.#agentId = options.agentId;
  }

  protected async read(): Promise<readonly Login[]> {
    const logins: Login[] = [];
    for (const { secret, serial } of await this.#targets.targets(this.#agentId, 'mqtt')) {
      if (secret?.kind !== 'mqtt' || !isTopicName(serial)) continue;
      const user = secret.user === '' ? serial : secret.user;
      logins.push([user, { principal: { kind: 'terminal', serial }, password: secret.password }]);
    }
    return logins;
  }
}
