import { sql, type Kysely } from 'kysely';

/** Configurations as devices export them: each different one once, and when each device was asked last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table device_backups (
  id uuid primary key,
  device_id uuid not null references devices on delete cascade,
  -- Names the content, by a keyed hash: it holds secrets.
  version text collate "C" not null,
  masked text not null,
  sealed bytea not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  unique (device_id, version)
);
create index device_backups_newest on device_backups (device_id, first_at desc);

create table device_backup_looks (
  device_id uuid primary key references devices on delete cascade,
  looked_at timestamptz not null,
  error jsonb
);`,
    )
    .execute(db);
}
