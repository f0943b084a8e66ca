import { sql, type Kysely } from 'kysely';

/** Values that intents of many devices share, by place, and which of them each version was filled with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table variables (
  id uuid primary key,
  name text collate "C" not null,
  scope text not null check (scope in ('network', 'group', 'region', 'site', 'device')),
  group_name text collate "C",
  region_id uuid references regions on delete cascade,
  site_id uuid references sites on delete cascade,
  device_id uuid references devices on delete cascade,
  -- Null for a secret, which is sealed.
  value text,
  sealed bytea,
  changed_at timestamptz not null,
  changed_by text not null,
  check ((value is null) <> (sealed is null)),
  check (num_nonnulls(group_name, region_id, site_id, device_id) = case scope when 'network' then 0 else 1 end)
);
create unique index variables_place on variables
  (name, scope, coalesce(group_name, region_id::text, site_id::text, device_id::text, ''));
create index variables_region on variables (region_id) where region_id is not null;
create index variables_site on variables (site_id) where site_id is not null;
create index variables_device on variables (device_id) where device_id is not null;

create table intent_variables (
  device_id uuid not null,
  version text collate "C" not null,
  name text collate "C" not null,
  -- Names the value that it was filled with, by a keyed hash: it may be a secret.
  content text collate "C" not null,
  primary key (device_id, version, name),
  foreign key (device_id, version) references intent_versions (device_id, version) on delete cascade
);`,
    )
    .execute(db);
}
