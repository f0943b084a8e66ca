import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { readMembers, verifyArchive } from '../../src/backup/archive-reader.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { restoreDatabase } from '../../src/backup/restore-database.ts';
import type { Database } from '../../src/database/tables.ts';

/** Backups of databases that earlier releases made, with the key of each beside it. */
export const releases = join(import.meta.dirname, '../releases');
export const fixtures = readdirSync(releases).filter((name) => name.endsWith('.arung'));

/** Loads a backup as it is, without bringing it up to date; `as` may leave out migrations and the tables that they make. */
export async function loadBackup(
  file: string,
  url: string,
  as: (manifest: Manifest) => Manifest = (manifest) => manifest,
): Promise<void> {
  const whole = await verifyArchive(file);
  const manifest = as(whole);
  await restoreDatabase({
    url,
    file,
    manifest,
    restoreId: crypto.randomUUID(),
    progress: () => undefined,
    readInto: async (load) => {
      const tables = new Map(manifest.database.tables.map((table) => [table.member.name, table]));
      for await (const { member, content } of readMembers(file, whole)) {
        const table = tables.get(member.name);
        if (table !== undefined) await load.table(table, content);
        else for await (const _ of content) continue;
      }
    },
  });
}

/** By table its columns and the sum of its rows; who was migrated or restored when is left out. */
export async function contentOf(db: Kysely<Database>): Promise<Record<string, string>> {
  const { rows } = await sql<{ name: string; columns: string[] }>`
    select relname as name,
      (select array_agg(attname::text order by attnum) from pg_attribute where attrelid = c.oid and attnum > 0) as columns
    from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'
      and relname not in ('kysely_migration', 'kysely_migration_lock', 'arung_restores') order by 1`.execute(db);
  const content: Record<string, string> = {};
  for (const { name, columns } of rows) content[name] = `${columns.join()} ${await sumOf(db, name, columns)}`;
  const { rows: applied } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return { ...content, migrations: applied.map((row) => row.name).join() };
}

/** Of the rows of a table, in any order, by the columns that are named. */
export async function sumOf(db: Kysely<Database>, table: string, columns: readonly string[]): Promise<string> {
  const list = sql.join(columns.map((column) => sql.ref(column)));
  const { rows } = await sql<{ sum: string }>`
    select count(*) || ' rows ' || coalesce(md5(string_agg(line, '' order by line)), '') as sum
    from (select md5(row(${list})::text) as line from ${sql.table(table)}) lines`.execute(db);
  return rows[0]?.sum ?? '';
}

/** Everything that migrations make but rows: columns, constraints, indexes, triggers, functions. */
export async function schemaOf(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select format('%s.%s %s%s %s', c.relname, attname, format_type(atttypid, atttypmod),
        case when attnotnull then ' not null' else '' end, pg_get_expr(adbin, adrelid)) as line
      from pg_attribute a join pg_class c on c.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
        and relname <> 'arung_restores'
    union all select format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid <> coalesce(to_regclass('arung_restores'), 0)
    union all select indexdef from pg_indexes where schemaname = 'public' and tablename <> 'arung_restores'
    union all select format('%s %s', pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal
    union all select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
    order by 1`.execute(db);
  return rows.map((row) => row.line);
}
