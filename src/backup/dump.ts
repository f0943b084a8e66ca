import type { ClientBase } from 'pg';
import { escapeIdentifier } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ArungError } from '../domain/errors.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import type { Manifest } from './manifest.ts';

/** Made anew by every database: the migrator's own, who restored what, and who is signed in just now. */
const leftOut = new Set(['kysely_migration', 'kysely_migration_lock', 'arung_restores']);
/** Kept as a table, but empty: a session that was ended must not come back to life. */
const emptied = new Set(['sessions']);

export type DumpProgress = (table: string, rows: number) => void;

/**
 * Copies every table of the schema in one snapshot (REPEATABLE READ), while others read and write. Rejects with
 * `backup.empty` for a database that Arung has never used. The client must be idle; it is idle afterwards.
 */
export async function dumpDatabase(
  client: ClientBase,
  archive: ArchiveWriter,
  progress: DumpProgress = () => undefined,
): Promise<{ readonly database: Manifest['database']; readonly keyId: string | null }> {
  await client.query('begin isolation level repeatable read read only');
  try {
    await client.query(textSettings);
    const migrations = await migrationsOf(client);
    if (migrations.length === 0) {
      throw new ArungError('conflict', 'There is nothing to back up: Arung has kept nothing in this database yet.', {
        code: 'backup.empty',
      });
    }
    const tables: Manifest['database']['tables'] = [];
    for (const table of await tablesOf(client)) {
      const columns = await columnsOf(client, table);
      const filter = emptied.has(table) ? ' where false' : '';
      const stream = client.query(
        copyTo(
          `copy (select ${columns.map(escapeIdentifier).join(', ')} from ${escapeIdentifier(table)}${filter}) to stdout`,
        ),
      );
      const member = await archive.member(`postgresql/${table}.copy`, stream as AsyncIterable<Buffer>);
      const rows = stream.rowCount;
      tables.push({ name: table, columns, rows, member });
      progress(table, rows);
    }
    const sequences = await sequencesOf(client);
    const { rows: versions } = await client.query<{ server_version: string }>('show server_version');
    // A schema from before the vault has no key.
    const keyTable = tables.some((table) => table.name === 'vault_key');
    const keys = keyTable ? (await client.query<{ key_id: string }>('select key_id from vault_key')).rows : [];
    return {
      database: { server: versions[0]?.server_version ?? '', migrations, tables, sequences },
      keyId: keys[0]?.key_id ?? null,
    };
  } finally {
    await client.query('rollback').catch(() => undefined); // the connection is gone: its end tells
  }
}

/** One text for one value, whatever the server's own settings. */
export const textSettings = `
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
  set local bytea_output = 'hex'; set local extra_float_digits = 1; set local client_encoding = 'UTF8';
  set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0`;

/** Names of the migrations that ran, in order; empty where Arung never was. */
export async function migrationsOf(client: ClientBase): Promise<string[]> {
  const { rows: known } = await client.query<{ known: boolean }>(
    `select to_regclass('kysely_migration') is not null as known`,
  );
  if (known[0]?.known !== true) return [];
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name');
  return rows.map((row) => row.name);
}

/** Tables of the current schema in the order in which they can be filled: what a foreign key points at comes first. */
export async function tablesOf(client: ClientBase): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(`
    select c.relname as name from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`);
  const { rows: keys } = await client.query<{ table: string; target: string }>(`
    select a.relname as table, b.relname as target from pg_constraint k
    join pg_class a on a.oid = k.conrelid join pg_class b on b.oid = k.confrelid
    where k.contype = 'f' and a.relnamespace = current_schema()::regnamespace and a.oid <> b.oid`);
  const open = new Set(tables.map((table) => table.name).filter((name) => !leftOut.has(name)));
  const ordered: string[] = [];
  while (open.size > 0) {
    const ready = [...open].filter((name) => !keys.some((key) => key.table === name && open.has(key.target)));
    if (ready.length === 0) throw new Error(`foreign keys of ${[...open].join(', ')} point at each other in a circle`);
    for (const name of ready) {
      open.delete(name);
      ordered.push(name);
    }
  }
  return ordered;
}

export async function columnsOf(client: ClientBase, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = (select oid from pg_class where relname = $1 and relnamespace = current_schema()::regnamespace)
       and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  );
  return rows.map((row) => row.name);
}

async function sequencesOf(client: ClientBase): Promise<Manifest['database']['sequences']> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S' order by 1`,
  );
  const sequences: Manifest['database']['sequences'] = [];
  for (const { name } of rows) {
    const found = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${escapeIdentifier(name)}`,
    );
    const [row] = found.rows;
    if (row !== undefined) sequences.push({ name, ...row });
  }
  return sequences;
}
