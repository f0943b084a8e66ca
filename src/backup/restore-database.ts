import { Kysely, PostgresDialect, sql, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { Pool, type ClientBase } from 'pg';
import { migrateUpTo } from '../database/migrate.ts';
import type { Database } from '../database/tables.ts';
import { DatabaseLoad } from './load.ts';
import type { Manifest } from './manifest.ts';
import type { DumpProgress } from './dump.ts';

export interface DatabaseRestore {
  readonly url: string;
  readonly file: string;
  readonly manifest: Manifest;
  /** Written down in the database with the restore, in `arung_restores`. */
  readonly restoreId: string;
  /** Reads the backup and hands its tables to `load`; whatever else must be ready before the commit happens in here. */
  readonly readInto: (load: DatabaseLoad) => Promise<void>;
  readonly progress: DumpProgress;
}

/**
 * Replaces all that the schema of a database holds by a backup: in one transaction, so that it is the old database until
 * the commit and the new one after it, however the restore ends.
 */
export async function restoreDatabase(restore: DatabaseRestore): Promise<void> {
  const pool = new Pool({
    connectionString: restore.url,
    max: 1,
    application_name: 'arung restore',
    connectionTimeoutMillis: 10_000,
  });
  pool.on('error', () => undefined); // the query tells
  const client = await pool.connect();
  client.on('error', () => undefined);
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: () => Promise.resolve(onlyConnection(client)) }),
  });
  try {
    await db.transaction().execute(async (trx) => {
      // Who settles a restore that was cut off waits for a commit that is still on its way.
      await sql`select pg_advisory_xact_lock(hashtextextended('arung restore', 0))`.execute(trx);
      await dropContent(client);
      await migrateUpTo(trx, restore.manifest.database.migrations.at(-1) ?? '');
      const load = new DatabaseLoad({
        client,
        file: restore.file,
        manifest: restore.manifest,
        progress: restore.progress,
      });
      await load.begin();
      await restore.readInto(load);
      await load.end();
      await sql`create table if not exists arung_restores (id uuid primary key, at timestamptz not null default now(), made_at timestamptz not null)`.execute(
        trx,
      );
      await sql`insert into arung_restores (id, made_at) values (${restore.restoreId}, ${restore.manifest.madeAt})`.execute(
        trx,
      );
    });
    await client.query('analyze');
  } finally {
    client.release();
    await pool.end().catch(() => undefined);
  }
}

/** One connection for the migrations and the COPY beside them; it is released by us alone. */
function onlyConnection(client: ClientBase): PostgresPool {
  // Bound: a client keeps its state in itself, and not in whatever inherits from it.
  const kept = { query: client.query.bind(client), release: () => undefined } as unknown as PostgresPoolClient;
  return { connect: () => Promise.resolve(kept), end: () => Promise.resolve() } as PostgresPool;
}

/** Everything in the schema but what belongs to an extension, and the record of restores. */
async function dropContent(client: ClientBase): Promise<void> {
  const own = (catalogue: string, oid: string) =>
    `not exists (select 1 from pg_depend d where d.classid = '${catalogue}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;
  const { rows } = await client.query<{ drop: string }>(`
    select 1 as turn, format('drop %s if exists %I cascade',
        case relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end, relname) as drop
      from pg_class c where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm')
        and not relispartition and relname <> 'arung_restores' and ${own('pg_class', 'c.oid')}
    union all
    select 2, format('drop routine if exists %s cascade', p.oid::regprocedure)
      from pg_proc p where pronamespace = current_schema()::regnamespace and ${own('pg_proc', 'p.oid')}
    union all
    select 3, format('drop type if exists %I cascade', typname)
      from pg_type t where typnamespace = current_schema()::regnamespace and typtype in ('e', 'd') and ${own('pg_type', 't.oid')}
    union all
    select 4, format('drop sequence if exists %I cascade', relname)
      from pg_class c where relnamespace = current_schema()::regnamespace and relkind = 'S' and ${own('pg_class', 'c.oid')}
    order by turn`);
  for (const { drop } of rows) await client.query(drop);
}
