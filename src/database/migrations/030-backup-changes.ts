import { sql, type Kysely } from 'kysely';

/** How large each configuration of a device is, and what had changed when it was kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table device_backups
  add column lines int not null default 0,
  add column bytes int not null default 0,
  -- Since the one before it; null: it was the first, or was kept before this was.
  add column changes jsonb,
  -- Which driver fetched it, and so how it is read.
  add column driver text not null default 'routeros';
update device_backups set
  lines = length(masked) - length(replace(masked, chr(10), '')),
  bytes = octet_length(masked);
alter table device_backups alter column lines drop default, alter column bytes drop default,
  alter column driver drop default;`,
    )
    .execute(db);
}
