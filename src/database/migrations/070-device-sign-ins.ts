import { sql, type Kysely } from 'kysely';

/** With what a device lets us in since a rollout has set another password or comm key on it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table device_sign_ins (
  device_id uuid primary key references devices on delete cascade,
  -- Sealed by the vault with the device's id.
  sealed bytea not null
);`,
    )
    .execute(db);
}
