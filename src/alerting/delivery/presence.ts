import { createHash, randomUUID } from 'node:crypto';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { Client } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { noticesChannel } from '../../domain/notice.ts';

/** First number of our advisory locks: nobody else's, and nothing but presence. */
const lockClass = 1_095_910_727;
/** The key has 32 bits without a sign, the lock's number has one. */
const lockOf = `${lockClass}, ($1::bigint)::bit(32)::int4`;

/**
 * Who is there: a controller holds advisory locks on a session of its own for as long as it lives, and PostgreSQL lets go
 * of them the moment that the session ends, also by kill -9. So what a dead one had taken can be told from what a living
 * one is at work on, with no time to wait. The session also listens for new notices.
 */
export class Presence implements LongLived {
  readonly name = 'presence';
  /** What this controller claims by: the number of its lock. */
  readonly key: string = keyOf(randomUUID());
  readonly #url: () => string;
  readonly #logger: Logger;
  readonly #held = new Set<string>([this.key]);
  #client: Client | null = null;
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;
  #last: Promise<unknown> = Promise.resolve();
  /** Called when notices were decided, here or by another controller, and after the session was renewed. */
  onNotices: () => void = () => undefined;
  /** Called when the session broke: whatever needs to be one of a kind must stop. */
  onLost: () => void = () => undefined;

  constructor(options: { readonly url: () => string; readonly logger: Logger }) {
    this.#url = options.url;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#client?.end();
  }

  /** Marks something else as alive while this controller lives: a worker of its queue. */
  async hold(name: string): Promise<void> {
    const key = keyOf(name);
    this.#held.add(key);
    await this.#ask('pg_advisory_lock', key);
  }

  /** Takes what only one may have; false while another has it. Kept until `release` or the end of the session. */
  async tryHold(name: string): Promise<boolean> {
    return (await this.#ask('pg_try_advisory_lock', keyOf(name))) === true;
  }

  async release(name: string): Promise<void> {
    await this.#ask('pg_advisory_unlock', keyOf(name));
  }

  /** One question after the other on the one session; null while it is broken. */
  #ask(what: 'pg_advisory_lock' | 'pg_try_advisory_lock' | 'pg_advisory_unlock', key: string): Promise<unknown> {
    const answer = this.#last.then(async () => {
      if (this.#client === null) return null;
      const { rows } = await this.#client.query<{ ok: unknown }>(`select ${what}(${lockOf}) as ok`, [key]);
      return rows[0]?.ok ?? null;
    });
    this.#last = answer.catch(() => null);
    return answer;
  }

  async #connect(): Promise<void> {
    const client = new Client({ connectionString: this.#url(), application_name: 'arung delivery', keepAlive: true });
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', () => this.onNotices());
    await client.connect();
    for (const key of this.#held) {
      await client.query(`select pg_advisory_lock(${lockOf})`, [key]);
    }
    await client.query(`listen ${noticesChannel}`);
    this.#client = client;
  }

  #lost(client: Client): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = null;
    this.#logger.warn('the connection by which delivery is known to be alive broke: it is renewed');
    this.onLost();
    this.#reconnect(250);
  }

  #reconnect(pauseMs: number): void {
    this.#retry = setTimeout(() => {
      this.#connect().then(
        () => this.onNotices(),
        () => this.#stopped || this.#reconnect(Math.min(pauseMs * 2, 10_000)),
      );
    }, pauseMs);
  }
}

/** Of a text its 32 bits, as PostgreSQL shows the second number of a lock. */
function keyOf(text: string): string {
  return String(createHash('sha256').update(text).digest().readUInt32BE(0));
}

/** The condition that who holds this key (a column of text) is there no more. */
export function isGone(column: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`not exists (select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())
    and classid = ${sql.raw(String(lockClass))}::oid and objid = (${sql.ref(column)})::oid)`;
}

/** Those of these names whose holder is there no more. */
export async function goneOf(db: Kysely<Database>, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<{ key: string }>`select objid::text as key from pg_locks
    where locktype = 'advisory' and granted and objsubid = 2 and classid = ${lockClass}::oid
    and database = (select oid from pg_database where datname = current_database())`.execute(db);
  const alive = new Set(rows.map((row) => row.key));
  return names.filter((name) => !alive.has(keyOf(name)));
}
