import { sql, type Kysely } from 'kysely';

/** The second factor of a sign-in: a sealed secret for one-time codes, and recovery codes by their hash. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(secondFactor).execute(db);
}

const secondFactor = `
create table user_second_factor (
  user_id uuid primary key references users on delete cascade,
  secret bytea not null,
  made_at timestamptz not null,
  confirmed_at timestamptz,
  last_step bigint not null default 0
);
create table user_recovery_codes (
  user_id uuid not null references users on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);`;
