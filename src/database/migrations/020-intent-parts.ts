import { sql, type Kysely } from 'kysely';

/**
 * Who says what of a device's intent: a version is what all owners say together. A device that was staged before has no
 * part: its staged version is the part of who staged it, until somebody writes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table intent_parts (
  id uuid primary key,
  device_id uuid not null references devices on delete cascade,
  managed_by text not null,
  -- {driver, fragments}, sealed.
  sealed bytea not null,
  unique (device_id, managed_by)
);`,
    )
    .execute(db);
}
