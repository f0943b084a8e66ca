import { sql, type Kysely } from 'kysely';

/** How devices are configured, what they should be, and the rollouts that bring them there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table devices
  add column management_credential_id uuid references credentials on delete restrict,
  add column management_port int not null default 0 check (management_port between 0 and 65535);
create index devices_management_credential on devices (management_credential_id)
  where management_credential_id is not null;

-- One row: what names versions, sealed.
create table intent_keys (id uuid primary key, sealed bytea not null);

create table intent_versions (
  id uuid primary key,
  device_id uuid not null references devices on delete cascade,
  version text collate "C" not null,
  driver text not null,
  -- The document as anybody may see it, and the whole, sealed.
  masked jsonb not null,
  sealed bytea not null,
  created_at timestamptz not null,
  created_by text not null,
  managed_by text not null,
  unique (device_id, version)
);

create table device_intents (
  device_id uuid primary key references devices on delete cascade,
  staged text collate "C",
  staged_at timestamptz,
  -- What the device was read back as last.
  confirmed text collate "C",
  confirmed_at timestamptz,
  -- What a hand has changed on the device since, by the last look.
  drift jsonb not null default '[]',
  looked_at timestamptz,
  look_error jsonb,
  foreign key (device_id, staged) references intent_versions (device_id, version),
  foreign key (device_id, confirmed) references intent_versions (device_id, version)
);

create table rollouts (
  id uuid primary key,
  number bigint generated always as identity,
  -- Names the set of versions: the same set is the same rollout while it goes on.
  versions_key text collate "C" not null,
  state text not null check (state in ('queued', 'running', 'paused', 'stopping', 'done', 'stopped')),
  -- Why it stopped or waits: {key, arguments}.
  reason jsonb,
  batch int not null,
  pause_s int not null,
  rollback_s int not null,
  only_in_maintenance boolean not null,
  forced_reason text,
  requested_by text not null,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- What was dark or down already when it began: a gate does not wait for it.
  before jsonb,
  -- Of each wave, its worst case; null until it is known what differs.
  waves jsonb,
  revision bigint not null default 1
);
create unique index rollouts_open on rollouts (versions_key) where state not in ('done', 'stopped');
create index rollouts_newest on rollouts (number desc);

create table rollout_devices (
  rollout_id uuid not null references rollouts on delete cascade,
  device_id uuid not null references devices on delete cascade,
  version text collate "C" not null,
  -- 0 until it is known whether the device differs at all.
  wave int not null default 0,
  maintenance_id uuid references maintenance on delete set null,
  state text not null check (state in ('waiting', 'checking', 'arming', 'applying', 'confirming', 'reverting',
    'confirmed', 'unchanged', 'refused', 'unreachable', 'reverted', 'lost', 'skipped')),
  steps jsonb not null default '[]',
  armed_until timestamptz,
  error jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (rollout_id, device_id),
  foreign key (device_id, version) references intent_versions (device_id, version)
);
create index rollout_devices_device on rollout_devices (device_id);`,
    )
    .execute(db);
}
