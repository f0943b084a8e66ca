import { sql, type Kysely } from 'kysely';

/** Users, what they may where, sessions, API tokens, the key of the vault and the audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [users, tokens, audit, vault]) await sql.raw(statements).execute(db);
}

const users = `
create table users (
  id uuid primary key,
  name text collate "C" not null constraint users_name_key unique check (name = lower(name)),
  display_name text not null default '',
  password_hash text not null,
  must_change_password boolean not null default false,
  language text check (language in ('id', 'en')),
  disabled boolean not null default false,
  created_at timestamptz not null,
  last_sign_in_at timestamptz,
  version integer not null default 1
);
create table user_grants (
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('viewer', 'technician', 'operator', 'administrator')),
  region_id uuid references regions on delete cascade,
  unique nulls not distinct (user_id, role, region_id)
);
create table sessions (
  id uuid primary key,
  token_hash bytea not null constraint sessions_token_key unique,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  address text not null,
  user_agent text not null
);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);`;

const tokens = `
create table api_tokens (
  id uuid primary key,
  name text not null constraint api_tokens_name_key unique,
  token_hash bytea not null constraint api_tokens_token_key unique,
  role text not null check (role in ('viewer', 'technician', 'operator', 'administrator')),
  region_id uuid references regions on delete cascade,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz
);`;

// json and not jsonb: the text that was hashed is the text that is kept.
const audit = `
create table audit_log (
  seq bigint primary key,
  at timestamptz(3) not null,
  actor_kind text not null,
  actor_id uuid,
  actor_name text not null,
  action text not null,
  entity_kind text not null,
  entity_id text,
  entity_name text not null,
  before json,
  after json,
  reason text,
  region_code text collate "C",
  previous_hash bytea not null,
  hash bytea not null
);
create index audit_log_entity on audit_log (entity_kind, entity_id, seq);
create index audit_log_region on audit_log (region_code, seq);
create table audit_head (
  singleton boolean primary key default true check (singleton),
  seq bigint not null,
  hash bytea not null
);
insert into audit_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'));`;

const vault = `
create table vault_key (
  singleton boolean primary key default true check (singleton),
  key_id text not null,
  made_at timestamptz not null
);`;
