import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { dropSwap, finishSwap, swapToConfirm } from './folder-swap.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';

/** A controller that was killed leaves its lock until the server notices; so long another one waits for it. */
const patienceMs = 20_000;
const lockSql = `select pg_try_advisory_lock(hashtextextended('arung controller', 0)) as got`;

/**
 * One controller (or one restore) at a time has an external database and the data folder beside it: a lock of the
 * database's own on a connection that stays open, and the folder's. The database lets go of it when the connection ends,
 * however that happens; it is taken again when the server was restarted.
 */
export class ExternalPostgres {
  readonly #url: string;
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #patienceMs: number;
  #folder: FolderLock | null = null;
  #client: Client | null = null;
  #stopped = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: {
    readonly url: string;
    readonly dataDir: string;
    readonly logger: Logger;
    readonly patienceMs?: number;
  }) {
    this.#url = options.url;
    this.#dataDir = options.dataDir;
    this.#logger = options.logger;
    this.#patienceMs = options.patienceMs ?? patienceMs;
  }

  async start(): Promise<void> {
    this.#folder = lockFolder(this.#dataDir);
    try {
      const deadline = systemClock.monotonic() + this.#patienceMs;
      while (!(await this.#take())) {
        if (systemClock.monotonic() > deadline) throw inUse();
        await sleep(500);
      }
      await this.#settleRestore();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
    this.#client = null;
    this.#folder?.release();
    this.#folder = null;
  }

  async #take(): Promise<boolean> {
    const client = new Client({
      connectionString: this.#url,
      application_name: 'arung lock',
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined); // `end` tells
    try {
      await client.connect();
      // A machine that vanished must not hold the lock for hours (https://www.postgresql.org/docs/current/runtime-config-connection.html).
      await client.query(
        'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; set idle_session_timeout = 0',
      );
      const { rows } = await client.query<{ got: boolean }>(lockSql);
      if (rows[0]?.got !== true) {
        await client.end();
        return false;
      }
    } catch (cause) {
      await client.end().catch(() => undefined);
      throw cause;
    }
    this.#client = client;
    client.on('end', () => this.#lost(client));
    return true;
  }

  #lost(client: Client): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = null;
    this.#logger.warn('the connection that keeps other controllers off the database broke: it is renewed');
    this.#takeAgain(500);
  }

  #takeAgain(pauseMs: number): void {
    this.#retry = setTimeout(() => {
      void this.#renew(pauseMs);
    }, pauseMs);
  }

  async #renew(pauseMs: number): Promise<void> {
    const got = await this.#take().catch(() => null);
    if (got === true || this.#stopped) return;
    if (got === false) this.#logger.error('another controller has taken this database: stop one of the two');
    this.#takeAgain(Math.min(pauseMs * 2, 10_000));
  }

  /** After a restore that was cut off: the database says whether it happened, and the folder follows. */
  async #settleRestore(): Promise<void> {
    const id = swapToConfirm(this.#dataDir);
    if (id !== null && !(await this.#knows(id))) dropSwap(this.#dataDir);
    finishSwap(this.#dataDir);
  }

  async #knows(restoreId: string): Promise<boolean> {
    const client = this.#client;
    if (client === null) throw inUse();
    // A commit that was on its way when the restore was killed comes first.
    await client.query(
      `select pg_advisory_lock(k), pg_advisory_unlock(k) from hashtextextended('arung restore', 0) as k`,
    );
    const { rows } = await client.query<{ known: boolean }>(
      `select to_regclass('arung_restores') is not null as known`,
    );
    if (rows[0]?.known !== true) return false;
    const found = await client.query('select 1 from arung_restores where id = $1', [restoreId]);
    return found.rowCount === 1;
  }
}

function inUse(): ArungError {
  return new ArungError(
    'conflict',
    'Another controller (or a restore) works on the database of DATABASE_URL: stop that one, or give this one a database of its own.',
    { code: 'database.in-use' },
  );
}
