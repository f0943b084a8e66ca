import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Client, Pool, types as pgTypes, type CustomTypesConfig } from 'pg';
import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { EmbeddedPostgres } from './embedded-postgres.ts';
import { ExternalPostgres } from './external-postgres.ts';
import { migrate, migrationState } from './migrate.ts';
import type { Database } from './tables.ts';

export type DatabaseOptions = ExternalOptions | EmbeddedOptions;

interface SharedOptions {
  readonly logger: Logger;
  /** Runs before migrations change a database that holds data, with its URL and the names of what would run; when it rejects, nothing is changed. */
  readonly beforeMigration?: ((url: string, pending: readonly string[]) => Promise<void>) | undefined;
}

interface ExternalOptions extends SharedOptions {
  readonly url: string;
  /**
   * What we are beside the database. A controller has it, and its data folder, alone, and migrates it. A guest (the command
   * line) never migrates what holds data: another release may be at work on it. By default: nobody else is there.
   */
  readonly as?: { readonly controllerOf: string } | 'guest';
}

interface EmbeddedOptions extends SharedOptions {
  readonly dataDir: string;
}

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
  const as = 'url' in options ? (options.as ?? null) : null;
  const alone =
    'url' in options && as !== null && as !== 'guest'
      ? new ExternalPostgres({ url: options.url, dataDir: as.controllerOf, logger: options.logger })
      : null;
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
        await alone?.start();
        const { applied: before, pending } = await migrationState(db);
        if (before.length > 0 && pending.length > 0) {
          if (as === 'guest') throw otherRelease(pending);
          await options.beforeMigration?.(url(), pending);
        }
        const applied = await migrate(db);
        if (applied.length > 0) options.logger.info({ applied }, 'the database was brought up to date');
      } catch (error) {
        await embedded?.stop();
        await alone?.stop();
        throw error;
      }
    },
    stop: async () => {
      await db.destroy();
      await embedded?.stop();
      await alone?.stop();
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

function otherRelease(pending: readonly string[]): ArungError {
  return new ArungError(
    'conflict',
    `The database is that of an earlier release (it lacks ${pending.join(', ')}): stop the controller and start the one of this release, which brings the database up to date.`,
    { code: 'database.older', arguments: { migrations: pending.join(', ') } },
  );
}

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
