import { sql, type Kysely } from 'kysely';

/** Things that only publishers such as Telegraf see, and a role for tokens that may hand in points and nothing else. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table external_sources (
  id uuid primary key,
  agent_id uuid references agents on delete cascade,
  region_id uuid references regions on delete cascade,
  tag text not null,
  value text not null,
  publisher text not null,
  device_id uuid references devices on delete set null,
  ignored boolean not null default false,
  measurements text[] not null default '{}',
  interval_s double precision,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  constraint external_sources_identity_key unique nulls not distinct (agent_id, region_id, tag, value)
);
create index external_sources_device on external_sources (device_id);
create index external_sources_region on external_sources (region_id);
alter table user_grants
  drop constraint user_grants_role_check,
  add constraint user_grants_role_check
    check (role in ('viewer', 'technician', 'operator', 'administrator', 'publisher'));
alter table api_tokens
  drop constraint api_tokens_role_check,
  add constraint api_tokens_role_check
    check (role in ('viewer', 'technician', 'operator', 'administrator', 'publisher'));`,
    )
    .execute(db);
}
