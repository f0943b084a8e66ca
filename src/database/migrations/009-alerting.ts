import { sql, type Kysely } from 'kysely';

/** Rules and what they remember, incidents and their log, people and when they are on duty, and what they are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw([rules, people, incidents, notices, maintenance].join('\n')).execute(db);
}

const rules = `
create table alert_rules (
  key text collate "C" primary key,
  definition jsonb not null,
  managed_by text not null default 'console',
  created_by text not null default '',
  version integer not null default 1
);
create table rule_memories (
  key text collate "C" primary key,
  phase smallint not null,
  since_s double precision not null,
  base_value double precision not null,
  base_s double precision not null,
  count double precision not null
);
create table silences (
  id uuid primary key,
  matchers jsonb not null,
  reason text not null,
  created_by text not null,
  region_code text collate "C",
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  version integer not null default 1,
  check (ends_at >= starts_at)
);
create index silences_end on silences (ends_at);
create table leases (
  name text primary key,
  holder uuid not null,
  token bigint not null,
  until timestamptz not null
);`;

const people = `
create table channels (
  id uuid primary key,
  name text not null constraint channels_name_key unique,
  kind text not null,
  enabled boolean not null default true,
  settings jsonb not null default '{}',
  secret bytea,
  last_sent_at timestamptz,
  paused_until timestamptz,
  failing_since timestamptz,
  last_error text,
  created_by text not null default '',
  version integer not null default 1
);
create table teams (
  id uuid primary key,
  name text not null constraint teams_name_key unique,
  escalate_after_s integer not null default 600 check (escalate_after_s between 30 and 86400),
  created_by text not null default '',
  version integer not null default 1
);
create table people (
  id uuid primary key,
  name text not null constraint people_name_key unique,
  team_id uuid constraint people_team_id_fkey references teams on delete set null,
  user_id uuid constraint people_user_id_key unique references users on delete set null,
  language text check (language in ('id', 'en')),
  working_hours jsonb not null default '[]',
  quiet_hours jsonb,
  region_codes text[] not null default '{}',
  networks text[] not null default '{}',
  level smallint not null default 1 check (level between 1 and 9),
  active boolean not null default true,
  created_by text not null default '',
  version integer not null default 1
);
create table person_channels (
  person_id uuid not null references people on delete cascade,
  position integer not null,
  channel_id uuid not null constraint person_channels_channel_id_fkey references channels,
  address text not null,
  primary key (person_id, position)
);
create index person_channels_channel on person_channels (channel_id);
create table duties (
  id uuid primary key,
  person_id uuid not null constraint duties_person_id_fkey references people on delete cascade,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  note text not null default '',
  created_by text not null default '',
  version integer not null default 1,
  check (ends_at > starts_at)
);
create index duties_end on duties (ends_at);`;

const incidents = `
create sequence incident_numbers;
create table incidents (
  id uuid primary key,
  number integer not null default nextval('incident_numbers') constraint incidents_number_key unique,
  state text not null check (state in ('open', 'clearing', 'resolved', 'merged')),
  severity text not null check (severity in ('critical', 'warning', 'info')),
  since timestamptz not null,
  opened_at timestamptz not null,
  cleared_at timestamptz,
  ended_at timestamptz,
  merged_into uuid references incidents,
  causes jsonb not null,
  alerts jsonb not null,
  ever_alerts text[] not null,
  returns timestamptz[] not null default '{}',
  impact jsonb not null,
  evidence jsonb not null default '[]',
  place jsonb,
  rule text,
  silence jsonb,
  flaps integer not null default 0,
  region_code text collate "C",
  region_codes text[] not null,
  taken_by uuid references people on delete set null,
  taken_at timestamptz,
  stage text not null default 'new' check (stage in ('new', 'taken', 'on-the-way', 'on-site', 'fixed')),
  revision integer not null default 1
);
create index incidents_open on incidents (opened_at) where state in ('open', 'clearing');
create index incidents_opened on incidents (opened_at);
create index incidents_merged on incidents (merged_into) where merged_into is not null;
create index incidents_link on incidents (right(id::text, 10));
create table incident_photos (
  id uuid primary key,
  incident_id uuid not null references incidents on delete cascade,
  at timestamptz not null,
  media_type text not null,
  bytes bytea not null
);
create index incident_photos_incident on incident_photos (incident_id);
create table incident_entries (
  id uuid primary key,
  incident_id uuid not null references incidents on delete cascade,
  at timestamptz not null,
  key text not null,
  arguments jsonb not null default '{}',
  person_id uuid references people on delete set null,
  actor text not null default '',
  via text not null default '',
  body text not null default '',
  photo_id uuid references incident_photos on delete set null,
  request_id uuid constraint incident_entries_request_key unique
);
create index incident_entries_incident on incident_entries (incident_id, at);`;

const notices = `
create table notices (
  id uuid primary key,
  incident_id uuid references incidents on delete cascade,
  person_id uuid references people on delete set null,
  person_name text not null,
  channel_id uuid references channels on delete set null,
  address text not null,
  kind text not null
    check (kind in ('opened', 'revised', 'escalated', 'handed-over', 'resolved', 'digest', 'test')),
  incident_revision integer not null,
  decision text not null constraint notices_decision_key unique,
  why text not null default '',
  content jsonb not null,
  state text not null
    check (state in ('scheduled', 'due', 'sending', 'sent', 'delivered', 'read', 'failed', 'cancelled')),
  decided_at timestamptz not null,
  due_at timestamptz not null,
  try_at timestamptz,
  claimed_by text,
  attempts integer not null default 0,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  sent_text text,
  external_id text,
  maybe_twice boolean not null default false,
  error text
);
create table message_templates (
  kind text not null,
  language text not null check (language in ('id', 'en')),
  body text not null,
  created_by text not null default '',
  version integer not null default 1,
  primary key (kind, language)
);
create index notices_incident on notices (incident_id);
create index notices_waiting on notices (due_at) where state in ('scheduled', 'due', 'sending');
create index notices_external on notices (channel_id, external_id) where external_id is not null;
create index notices_channel on notices (channel_id, sent_at) where sent_at is not null;
create index notices_person on notices (person_id, decided_at);
create function tell_of_notices() returns trigger language plpgsql as $$
begin
  perform pg_notify('arung_notices', '');
  return null;
end $$;
create trigger notices_decided after insert on notices for each statement execute function tell_of_notices();`;

const maintenance = `
alter table maintenance add column recurrence jsonb;`;
