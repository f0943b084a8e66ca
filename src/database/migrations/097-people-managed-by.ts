import { sql, type Kysely } from 'kysely';

/** Who owns the record of a person, as of sites, devices and links: a program knows by it what it has made itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table people add column managed_by text not null default 'console';`).execute(db);
}
