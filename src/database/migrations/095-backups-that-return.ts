import { sql, type Kysely } from 'kysely';

/** A configuration that comes back after another is a new entry of the device's history, and leaves the earlier one as it was. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table device_backups drop constraint device_backups_device_id_version_key;
create index device_backups_version on device_backups (device_id, version);`,
    )
    .execute(db);
}
