import type { Logger } from 'pino';
import type { LongLived } from '../domain/lifecycle.ts';
import { LoginList, type MqttCredential, type MqttCredentials } from './credentials.ts';
import { Rereading } from './rereading.ts';

/** A login as the inventory has it. */
export type Login = readonly [user: string, credential: MqttCredential];

/** Who may sign in, kept current by the inventory's signal; when it cannot be read what was known stays. */
export abstract class InventoryLogins implements MqttCredentials, LongLived {
  abstract readonly name: string;
  readonly #who: string;
  readonly #source: { onChange(wake: () => void): () => void };
  readonly #logger: Logger;
  readonly #list: LoginList;
  readonly #reading = new Rereading(() => this.#read());
  #stopWatching: () => void = () => undefined;

  /** `who` names them in the log: `terminals`. */
  constructor(options: {
    readonly who: string;
    readonly source: { onChange(wake: () => void): () => void };
    readonly logger: Logger;
  }) {
    this.#who = options.who;
    this.#source = options.source;
    this.#logger = options.logger;
    this.#list = new LoginList(options);
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#source.onChange(() => void this.refresh());
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

  /** Reads all of them, and whatever else belongs to the same reading. */
  protected abstract read(): Promise<Iterable<Login>>;

  async #read(): Promise<void> {
    try {
      this.#list.replace(await this.read());
    } catch (error) {
      this.#logger.error({ err: error }, `the ${this.#who} could not be read from the inventory; the last ones stay`);
    }
  }
}
