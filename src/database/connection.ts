import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Client, Pool, types as pgTypes, type CustomTypesConfig } from 'pg';
import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { EmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import type { Database } from './tables.ts';

export type DatabaseOptions =
  { readonly url: string; readonly logger: Logger } | { readonly dataDir: string; readonly logger: Logger };

export interface OpenDatabase extends LongLived {
  /** Usable once `start` has resolved: the server answers and the schema is current. */
  readonly db: Kysely<Database>;
  /** For those that need a connection of their own (LISTEN). */
  readonly url: string;
  /** Rejects with a clear ArungError when the database does not answer; for `/readyz`. */
  ping(): Promise<void>;
}

/** An external server by its URL, or the embedded one in the data folder under our supervisor. Nothing runs before `start`. */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const embedded = 'url' in options ? null : new EmbeddedPostgres(options);
  const url = () => ('url' in options ? options.url : (embedded?.url ?? ''));
  const db = connect(url, options.logger);
  return {
    name: 'database',
    db,
    get url() {
      return url();
    },
    ping: async () => {
      await db.executeQuery(CompiledQuery.raw('select 1'));
    },
    start: async () => {
      await embedded?.start();
      try {
        if (embedded === null) await reach(url());
        const applied = await migrate(db);
        if (applied.length > 0) options.logger.info({ applied }, 'the database was brought up to date');
      } catch (error) {
        await embedded?.stop();
        throw error;
      }
    },
    stop: async () => {
      await db.destroy();
      await embedded?.stop();
    },
  };
}

/** A pool of connections; made at the first query, since the embedded server's address is known only then. */
export function connect(url: () => string, logger: Logger, max = 12): Kysely<Database> {
  return new Kysely<Database>({
    dialect: new PostgresDialect({
      pool: async () => {
        const pool = new Pool({
          connectionString: url(),
          max,
          types,
          connectionTimeoutMillis: 10_000,
          idleTimeoutMillis: 60_000,
          application_name: 'arung',
        });
        // An idle connection that broke is replaced; without a listener it would end the program.
        pool.on('error', (error) => logger.warn(error, 'a connection to PostgreSQL broke'));
        // The pool listens to idle connections only; one that breaks at work tells its query, and must not end us either.
        pool.on('connect', (client) =>
          client.on('error', (error) => logger.debug(error, 'a connection broke at work')),
        );
        return pool;
      },
    }),
  });
}

const parseDefault = pgTypes.getTypeParser.bind(pgTypes);
/** int8 and numeric as numbers (nothing of ours passes 2^53), dates as their text: a day has no time zone. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === pgTypes.builtins.INT8 || oid === pgTypes.builtins.NUMERIC) return Number;
      if (oid === pgTypes.builtins.DATE) return String;
    }
    return parseDefault(oid, format);
  }) as CustomTypesConfig['getTypeParser'],
};

async function reach(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // the query or `connect` tells
  try {
    await client.connect();
    await client.end();
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The PostgreSQL server of DATABASE_URL does not answer: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Check the address, the password and that the server runs.',
      { code: 'database.unreachable', cause },
    );
  }
}
