import { sql, type Kysely } from 'kysely';

/**
 * History of states and events. Only what is not `up` has intervals: a gap between them means up, except while no
 * controller ran (`controller_gaps`), when nothing is known. Rows carry the region they belonged to, so that the past is
 * read with the past's facts and limited by region without a join.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(intervals).execute(db);
  await sql.raw(events).execute(db);
  await sql.raw(controller).execute(db);
}

const intervals = `
create table status_intervals (
  id uuid primary key,
  entity_kind text not null check (entity_kind in ('device', 'site', 'link')),
  entity_id uuid not null,
  state text not null check (state in ('down', 'unreachable', 'unknown', 'maintenance')),
  since timestamptz not null,
  until timestamptz not null default 'infinity',
  cause jsonb,
  cause_regions text[] not null default '{}',
  topology_version integer not null,
  site_id uuid,
  region_code text collate "C",
  other_region_code text collate "C",
  check (until >= since)
);
create index status_intervals_span on status_intervals (entity_kind, until, since);
create index status_intervals_entity on status_intervals (entity_id, since desc);`;

const events = `
create table events (
  id uuid primary key,
  at timestamptz not null,
  key text not null,
  entity_kind text not null,
  entity_id text,
  entity_name text not null,
  site_id uuid,
  region_code text collate "C",
  cause jsonb,
  cause_regions text[] not null default '{}',
  arguments jsonb not null default '{}'
);
create index events_at on events (at desc, id desc);
create index events_entity on events (entity_id, at desc);
create index events_site on events (site_id, at desc);
create index events_region on events (region_code text_pattern_ops, at desc);`;

const controller = `
create table controller_heartbeat (
  singleton boolean primary key default true check (singleton),
  at timestamptz not null,
  started_at timestamptz not null
);
create table controller_gaps (
  since timestamptz primary key,
  until timestamptz not null
);`;
