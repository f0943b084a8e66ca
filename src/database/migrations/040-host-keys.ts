import { sql, type Kysely } from 'kysely';

/** The SSH host key of every device that was met over SSH, or whose key was pinned. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table device_host_keys (
  device_id uuid primary key references devices on delete cascade,
  -- As OpenSSH shows it: SHA256:…
  fingerprint text collate "C" not null,
  -- A person said so; the other keys are those that were met first.
  pinned boolean not null,
  since timestamptz not null
);`,
    )
    .execute(db);
}
