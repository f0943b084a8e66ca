import { sql, type Kysely } from 'kysely';

/**
 * From when to when a device, site or service was there and where: reports count what existed then, also when it has been
 * removed since, so no row here refers to another table. A site lives while it is `active`. Kept by the database itself.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [lifetimes, seconds, sites, devices, services, present])
    await sql.raw(statements).execute(db);
}

const lifetimes = `
create table lifetimes (
  id bigint generated always as identity primary key,
  entity_kind text not null check (entity_kind in ('device', 'site', 'service')),
  entity_id uuid not null,
  code text not null,
  name text not null,
  site_id uuid not null,
  region_id uuid,
  region_code text collate "C" not null default '',
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz not null default 'infinity'
);
create index lifetimes_entity on lifetimes (entity_id, valid_from);
create index lifetimes_site on lifetimes (site_id);
create index lifetimes_kind on lifetimes (entity_kind, valid_to);
create function end_lifetime(kind text, entity uuid) returns void language sql as $$
  update lifetimes set valid_to = greatest(valid_from, clock_timestamp())
  where entity_kind = kind and entity_id = entity and valid_to = 'infinity';
$$;`;

const seconds = `
create function seconds_of(spans tstzmultirange) returns double precision language sql immutable parallel safe as $$
  select coalesce(sum(extract(epoch from upper(span) - lower(span))), 0)::double precision from unnest(spans) span;
$$;`;

const sites = `
create function keep_site_lifetime() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.region_id = new.region_id and old.rollout_status = new.rollout_status then
    update lifetimes set code = new.code, name = new.name
    where entity_kind = 'site' and entity_id = new.id and valid_to = 'infinity';
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform end_lifetime('site', old.id);
  end if;
  if tg_op <> 'DELETE' and new.rollout_status = 'active' then
    insert into lifetimes (entity_kind, entity_id, code, name, site_id, region_id, region_code)
    select 'site', new.id, new.code, new.name, new.id, new.region_id, regions.code
    from regions where regions.id = new.region_id;
  end if;
  return null;
end $$;
create trigger site_lifetime after insert or delete or update of code, name, region_id, rollout_status on sites
  for each row execute function keep_site_lifetime();`;

const devices = `
create function keep_device_lifetime() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.site_id = new.site_id then
    update lifetimes set code = new.name, name = new.name
    where entity_kind = 'device' and entity_id = new.id and valid_to = 'infinity';
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform end_lifetime('device', old.id);
  end if;
  if tg_op <> 'DELETE' then
    insert into lifetimes (entity_kind, entity_id, code, name, site_id)
    values ('device', new.id, new.name, new.name, new.site_id);
  end if;
  return null;
end $$;
create trigger device_lifetime after insert or delete or update of name, site_id on devices
  for each row execute function keep_device_lifetime();`;

const services = `
create function keep_service_lifetime() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.site_id = new.site_id then
    update lifetimes set code = new.code, name = new.name
    where entity_kind = 'service' and entity_id = new.id and valid_to = 'infinity';
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform end_lifetime('service', old.id);
  end if;
  if tg_op <> 'DELETE' then
    insert into lifetimes (entity_kind, entity_id, code, name, site_id)
    values ('service', new.id, new.code, new.name, new.site_id);
  end if;
  return null;
end $$;
create trigger service_lifetime after insert or delete or update of code, name, site_id on services
  for each row execute function keep_service_lifetime();`;

/** What is there already: since it was first placed, as far as that is known. */
const present = `
insert into lifetimes (entity_kind, entity_id, code, name, site_id, region_id, region_code, valid_from, valid_to)
select 'site', sites.id, sites.code, sites.name, sites.id, regions.id, regions.code,
  placed.valid_from, coalesce(placed.valid_to, 'infinity')
from sites
  join site_regions placed on placed.site_id = sites.id
  join regions on regions.id = placed.region_id
where sites.rollout_status = 'active';
insert into lifetimes (entity_kind, entity_id, code, name, site_id, valid_from, valid_to)
select 'device', devices.id, devices.name, devices.name, placed.site_id,
  placed.valid_from, coalesce(placed.valid_to, 'infinity')
from devices join device_sites placed on placed.device_id = devices.id;
insert into lifetimes (entity_kind, entity_id, code, name, site_id)
select 'service', id, code, name, site_id from services;`;
