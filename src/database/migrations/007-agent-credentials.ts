import { sql, type Kysely } from 'kysely';

/** What an agent at another place signs in with at the MQTT broker. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table agents
  add column credential_id uuid constraint agents_credential_id_fkey references credentials on delete set null;
create index agents_credential on agents (credential_id);`,
    )
    .execute(db);
}
