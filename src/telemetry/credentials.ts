import type { Logger } from 'pino';
import type { Principal } from './topics.ts';

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

/** Who may sign in, by user name. What several share opens nothing: they could not be told apart. */
export class LoginList implements MqttCredentials {
  readonly #who: string;
  readonly #logger: Logger;
  #byUser: ReadonlyMap<string, MqttCredential> = new Map();
  #listeners: readonly (() => void)[] = [];

  /** `who` names them in the log: `terminals`. */
  constructor(options: { readonly who: string; readonly logger: Logger }) {
    this.#who = options.who;
    this.#logger = options.logger;
  }

  find(username: string): MqttCredential | null {
    return this.#byUser.get(username) ?? null;
  }

  /** Every user name, for the password file of an external broker. */
  all(): ReadonlyMap<string, MqttCredential> {
    return this.#byUser;
  }

  onChange(changed: () => void): () => void {
    this.#listeners = [...this.#listeners, changed];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== changed);
    };
  }

  /** Takes the place of the list before. A name may come twice for one and the same principal. */
  replace(logins: Iterable<readonly [user: string, credential: MqttCredential]>): void {
    const byUser = new Map<string, MqttCredential>();
    const shared = new Set<string>();
    for (const [user, credential] of logins) {
      const known = byUser.get(user);
      if (known !== undefined && !isSame(known, credential)) shared.add(user);
      byUser.set(user, credential);
    }
    for (const user of shared) byUser.delete(user);
    if (shared.size > 0) {
      this.#logger.error(
        { users: shared.size },
        `several ${this.#who} share an MQTT user name and cannot be told apart: give each a credential of its own`,
      );
    }
    this.#byUser = byUser;
    for (const changed of this.#listeners) changed();
  }
}

function isSame({ principal: one }: MqttCredential, { principal: other }: MqttCredential): boolean {
  if (one.kind === 'terminal') return other.kind === 'terminal' && one.serial === other.serial;
  return one.kind === 'agent' && other.kind === 'agent' && one.agent === other.agent;
}
