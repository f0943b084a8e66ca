import { sql, type Kysely } from 'kysely';

/** The address at which a rollout's device is managed afterwards, where it moves. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table rollout_devices add column management_address text`).execute(db);
}
