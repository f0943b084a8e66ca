import { sql, type Kysely, type Transaction } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { ArungError } from '../domain/errors.ts';
import { migrations } from './migrations/index.ts';
import type { Database } from './tables.ts';

/** Names of the migrations that this program knows, in order. */
export const knownMigrations: readonly string[] = Object.keys(migrations).sort();

/** What has run, and what would run; both empty lists of names where Arung never was, but for what would run. */
export async function migrationState(db: Kysely<Database>): Promise<{ applied: string[]; pending: string[] }> {
  const { rows } = await sql<{ known: boolean }>`select to_regclass('kysely_migration') is not null as known`.execute(
    db,
  );
  if (rows[0]?.known !== true) return { applied: [], pending: [...knownMigrations] };
  const found = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const applied = found.rows.map((row) => row.name);
  return { applied, pending: knownMigrations.filter((name) => !applied.includes(name)) };
}

/** Makes the schema of an earlier release: migrations up to one of them, within a transaction that is there. */
export async function migrateUpTo(trx: Transaction<Database>, last: string): Promise<void> {
  const migrator = new Migrator({ db: trx, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateTo(last);
  if (error !== undefined) throw error;
}

/**
 * Brings the schema up to what this program knows: all pending migrations in one transaction, under an advisory lock, so
 * that two controllers that start at once do it once. Returns the names of those that ran.
 */
export async function migrate(
  db: Kysely<Database>,
  known: Readonly<Record<string, Migration>> = migrations,
): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...known }) } });
  await refuseNewerSchema(db, known);
  const { error, results } = await migrator.migrateToLatest();
  const failed = results?.find((result) => result.status === 'Error');
  if (failed !== undefined || error !== undefined) {
    // Another controller of a newer version may have migrated between our look and our lock.
    await refuseNewerSchema(db, known);
    throw new ArungError(
      'internal',
      `Migration ${failed?.migrationName ?? ''} of the database failed and was rolled back: ${reason(error)}. ` +
        'Nothing was changed; report this with the log.',
      { code: 'database.migration-failed', cause: error },
    );
  }
  return (results ?? []).map((result) => result.migrationName);
}

async function refuseNewerSchema(db: Kysely<Database>, known: Readonly<Record<string, Migration>>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return;
  const applied = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  const unknown = applied.filter((row) => !(row.name in known)).map((row) => row.name);
  if (unknown.length === 0) return;
  throw new ArungError(
    'conflict',
    `The database was made by a newer version of Arung (it has ${unknown.join(', ')}, which this version does not know): ` +
      'start that version again, or restore a backup from before the upgrade.',
    { code: 'database.newer', arguments: { migrations: unknown.join(', ') } },
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
