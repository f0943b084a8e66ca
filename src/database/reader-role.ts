import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from './tables.ts';

/** Signs in, and calls the functions of one schema: names by id. It sees no table. */
export const readerRole = 'arung_reader';
/** Of the functions. Nothing of them depends on a table, so that no migration trips over them. */
const schema = 'arung_names';

const functions: readonly (readonly [name: string, columns: string, body: string])[] = [
  ['sites', 'id uuid, name text, code text', 'select id, name, code from public.sites'],
  ['devices', 'id uuid, name text, site_id uuid', 'select id, name, site_id from public.devices'],
  [
    'interfaces',
    'id uuid, name text, description text, device_id uuid',
    'select id, name, description, device_id from public.interfaces',
  ],
  ['services', 'id uuid, name text, code text', 'select id, name, code from public.services'],
  ['agents', 'id uuid, name text', 'select id, name from public.agents'],
];

/**
 * Keeps the account by which Grafana reads names beside the ids that series carry: there with a password, locked out
 * without one. Idempotent. A database account that may not make others is told in the log, and hinders nothing.
 */
export async function keepReaderRole(db: Kysely<Database>, password: string | null, logger: Logger): Promise<void> {
  try {
    await db.transaction().execute(async (trx) => {
      // Two controllers that start at once would both make it.
      await sql`select pg_advisory_xact_lock(hashtext(${schema}))`.execute(trx);
      const { rows } = await sql<{ there: boolean }>`
        select exists (select from pg_roles where rolname = ${readerRole}) as there`.execute(trx);
      const there = rows[0]?.there === true;
      if (password === null) {
        if (there) await sql`alter role ${sql.id(readerRole)} nologin`.execute(trx);
        return;
      }
      if (!there) await sql`create role ${sql.id(readerRole)}`.execute(trx);
      await sql`alter role ${sql.id(readerRole)} login connection limit 10 password ${sql.lit(password)}`.execute(trx);
      await sql`alter role ${sql.id(readerRole)} set default_transaction_read_only = on`.execute(trx);
      await sql`alter role ${sql.id(readerRole)} set statement_timeout = '10s'`.execute(trx);
      await makeFunctions(trx);
    });
  } catch (error) {
    logger.warn(
      { err: error },
      `The account ${readerRole}, by which Grafana reads names, could not be made: let Arung's database account make accounts (alter role … createrole).`,
    );
  }
}

async function makeFunctions(trx: Kysely<Database>): Promise<void> {
  const named = sql.id(schema);
  await sql`create schema if not exists ${named}`.execute(trx);
  await sql`grant usage on schema ${named} to ${sql.id(readerRole)}`.execute(trx);
  for (const [name, columns, body] of functions) {
    const one = sql.id(schema, name);
    // Anew each time: a function's columns cannot be replaced.
    await sql`drop function if exists ${one}()`.execute(trx);
    // With its owner's rights, and with a search path that nobody else can set.
    await sql`create function ${one}() returns table (${sql.raw(columns)})
      language sql stable security definer set search_path = '' as ${sql.lit(body)}`.execute(trx);
    await sql`revoke all on function ${one}() from public`.execute(trx);
    await sql`grant execute on function ${one}() to ${sql.id(readerRole)}`.execute(trx);
  }
}
