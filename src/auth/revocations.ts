import { sql, type Kysely } from 'kysely';
import { Client } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { LongLived } from '../domain/lifecycle.ts';

/** Whose access is no longer what it was; `everyone` when we may have missed something. */
export type Revocation =
  | { readonly kind: 'user' | 'token' | 'session'; readonly id: string }
  | { readonly kind: 'everyone' };

const channel = 'arung_access';

/** Tells every process when its transaction commits (NOTIFY): also the CLI's changes reach the controller's sockets. */
export async function notifyRevoked(trx: Kysely<Database>, revocation: Revocation): Promise<void> {
  await sql`select pg_notify(${channel}, ${JSON.stringify(revocation)})`.execute(trx);
}

/** Listens for withdrawn rights and ended sessions on a connection of its own, which it renews when it breaks. */
export class Revocations implements LongLived {
  readonly name = 'revocations';
  readonly #url: () => string;
  readonly #logger: Logger;
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  #client: Client | null = null;
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: { readonly url: () => string; readonly logger: Logger }) {
    this.#url = options.url;
    this.#logger = options.logger;
  }

  /** Calls back at every withdrawal: disconnect whom it concerns. Returns the way to stop. */
  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = new Client({ connectionString: this.#url(), application_name: 'arung revocations' });
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ payload }) => this.#tell(parse(payload)));
    await client.connect();
    await client.query(`listen ${channel}`);
    this.#client = client;
  }

  #lost(client: Client): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = null;
    this.#logger.warn('the connection that tells of withdrawn rights broke: it is renewed');
    this.#reconnect(250);
  }

  #reconnect(pauseMs: number): void {
    this.#retry = setTimeout(() => {
      this.#connect().then(
        () => this.#tell({ kind: 'everyone' }),
        () => this.#stopped || this.#reconnect(Math.min(pauseMs * 2, 10_000)),
      );
    }, pauseMs);
  }

  #tell(revocation: Revocation): void {
    for (const listener of this.#listeners) {
      try {
        listener(revocation);
      } catch (error) {
        this.#logger.error(error, 'a listener for withdrawn rights failed');
      }
    }
  }
}

/** Who else may NOTIFY is in the database as we are; what is not understood concerns everyone. */
function parse(payload: string | undefined): Revocation {
  try {
    const { kind, id } = JSON.parse(payload ?? '') as { kind?: unknown; id?: unknown };
    if ((kind === 'user' || kind === 'token' || kind === 'session') && typeof id === 'string') return { kind, id };
  } catch {
    // told below
  }
  return { kind: 'everyone' };
}
