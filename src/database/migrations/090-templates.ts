import { sql, type Kysely } from 'kysely';

/**
 * Templates: fragments that many devices share, by place. What they say of a device is one more part of its intent
 * (`intent_parts`), made when it is staged.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table templates (
  id uuid primary key,
  name text collate "C" not null unique,
  note text not null,
  driver text not null,
  -- Fragments in their order, without secrets.
  masked jsonb not null,
  -- In the same order [key, name of the content by a keyed hash].
  contents jsonb not null,
  -- Fragments, sealed.
  sealed bytea not null,
  changed_at timestamptz not null,
  changed_by text not null
);

create table template_places (
  template_id uuid not null references templates on delete cascade,
  scope text not null check (scope in ('network', 'group', 'region', 'site', 'device')),
  group_name text collate "C",
  region_id uuid references regions on delete cascade,
  site_id uuid references sites on delete cascade,
  device_id uuid references devices on delete cascade,
  check (num_nonnulls(group_name, region_id, site_id, device_id) = case scope when 'network' then 0 else 1 end)
);
create unique index template_places_once on template_places
  (template_id, scope, coalesce(group_name, region_id::text, site_id::text, device_id::text, ''));
create index template_places_region on template_places (region_id) where region_id is not null;
create index template_places_site on template_places (site_id) where site_id is not null;
create index template_places_device on template_places (device_id) where device_id is not null;

-- Of each device whose staged version templates have part in: what tells that it would be another one now.
create table device_templates (
  device_id uuid primary key references devices on delete cascade,
  -- Keys of the fragments that its own owners say: these hide a template's.
  own_keys jsonb not null,
  -- [template, what it says of the device by a keyed hash], the nearest first.
  used jsonb not null
);`,
    )
    .execute(db);
}
