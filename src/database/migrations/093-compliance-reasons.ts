import { sql, type Kysely } from 'kysely';

/** Why the newest configuration of a device could not be read when it was judged; null where it could. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table compliance_checks add column reason jsonb;`).execute(db);
}
