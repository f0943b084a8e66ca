import { sql, type Kysely } from 'kysely';

/** Another SSH key than the one that is known, as a device has shown it last; null once it shows the known one again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table device_host_keys add column offered text collate "C";
alter table device_host_keys add column offered_at timestamptz;`,
    )
    .execute(db);
}
