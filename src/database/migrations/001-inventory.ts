import { sql, type Kysely } from 'kysely';
import { newId, type AgentId } from '../../domain/ids.ts';

/** Regions, sites, devices, links and what belongs to them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(regions).execute(db);
  await sql.raw(sites).execute(db);
  await sql.raw(devices).execute(db);
  await sql.raw(links).execute(db);
  await sql.raw(history).execute(db);
  await sql.raw(version).execute(db);
  // The agent inside the controller is always there.
  await sql`insert into agents (id, name) values (${newId<AgentId>()}, 'local')`.execute(db);
}

const regions = `
create table regions (
  id uuid primary key,
  code text collate "C" not null constraint regions_code_key unique,
  name text not null,
  level text not null check (level in ('province', 'regency', 'district', 'village')),
  latitude double precision check (latitude between -90 and 90),
  longitude double precision check (longitude between -180 and 180),
  point_source text check (point_source in ('default', 'boundary', 'person')),
  version integer not null default 1,
  check ((latitude is null) = (longitude is null))
);
create table region_codes (
  region_id uuid not null references regions on delete cascade,
  code text collate "C" not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  decree text not null default '',
  primary key (region_id, valid_from)
);
create index region_codes_code on region_codes (code);
create table boundaries (
  region_id uuid primary key references regions on delete cascade,
  geometry jsonb not null,
  source text not null,
  imported_at timestamptz not null
);`;

const sites = `
create table calendars (
  id uuid primary key,
  name text not null constraint calendars_name_key unique,
  time_zone text not null,
  windows jsonb not null,
  holidays jsonb not null,
  created_by text not null default '',
  version integer not null default 1
);
create table contacts (
  id uuid primary key,
  name text not null constraint contacts_name_key unique,
  role text not null default '',
  phone text not null default '',
  email text not null default '',
  created_by text not null default '',
  version integer not null default 1
);
create table sites (
  id uuid primary key,
  code text collate "C" not null constraint sites_code_key unique,
  name text not null,
  kind text not null check (kind in ('agency', 'district', 'village', 'pop')),
  network text not null check (network in ('smart-office', 'smart-city')),
  rollout_status text not null check (rollout_status in ('planned', 'building', 'active', 'retired')),
  region_id uuid not null constraint sites_region_id_fkey references regions,
  latitude double precision check (latitude between -90 and 90),
  longitude double precision check (longitude between -180 and 180),
  address text not null default '',
  access_notes text not null default '',
  calendar_id uuid constraint sites_calendar_id_fkey references calendars,
  tags text[] not null default '{}',
  managed_by text not null default 'console',
  version integer not null default 1,
  check ((latitude is null) = (longitude is null))
);
create index sites_region on sites (region_id);
create index sites_calendar on sites (calendar_id);
create table site_contacts (
  site_id uuid not null references sites on delete cascade,
  contact_id uuid not null constraint site_contacts_contact_id_fkey references contacts,
  position integer not null default 0,
  primary key (site_id, contact_id)
);
create index site_contacts_contact on site_contacts (contact_id);`;

const devices = `
create table credentials (
  id uuid primary key,
  name text not null constraint credentials_name_key unique,
  kind text not null check (kind in ('snmp-v1', 'snmp-v2c', 'snmp-v3', 'routeros', 'ssh', 'zkteco', 'mqtt')),
  "user" text not null default '',
  secret bytea,
  created_by text not null default '',
  version integer not null default 1
);
create table agents (
  id uuid primary key,
  name text not null constraint agents_name_key unique,
  version integer not null default 1
);
create table devices (
  id uuid primary key,
  name text collate "C" not null constraint devices_name_key unique,
  site_id uuid not null constraint devices_site_id_fkey references sites,
  role text not null check (role in ('router', 'switch', 'access-point', 'radio', 'server', 'ups', 'terminal')),
  gateway boolean not null default false,
  protocol text not null check (protocol in ('snmp', 'mqtt', 'none')),
  address text not null default '',
  port integer not null default 0 check (port between 0 and 65535),
  credential_id uuid constraint devices_credential_id_fkey references credentials,
  profile text,
  vendor text not null default '',
  model text not null default '',
  serial text not null default '',
  firmware text not null default '',
  agent_id uuid not null constraint devices_agent_id_fkey references agents,
  tags text[] not null default '{}',
  managed_by text not null default 'console',
  version integer not null default 1
);
create index devices_site on devices (site_id);
create index devices_credential on devices (credential_id);
create unique index devices_address_key on devices (agent_id, address, port) where address <> '';
create unique index devices_serial_key on devices (serial) where protocol = 'mqtt' and serial <> '';
create table agent_attachments (
  agent_id uuid not null references agents on delete cascade,
  device_id uuid not null references devices on delete cascade,
  primary key (agent_id, device_id)
);
create index agent_attachments_device on agent_attachments (device_id);
create table device_facts (
  device_id uuid primary key references devices on delete cascade,
  at timestamptz not null,
  facts jsonb not null
);
create table interfaces (
  id uuid primary key,
  device_id uuid not null constraint interfaces_device_id_fkey references devices on delete cascade,
  name text collate "C" not null,
  description text not null default '',
  mac text not null default '',
  if_index integer,
  if_type integer,
  speed_bps double precision,
  seen boolean not null default false,
  version integer not null default 1,
  constraint interfaces_name_key unique (device_id, name)
);
create index interfaces_mac on interfaces (mac) where mac <> '';`;

const links = `
create table links (
  id uuid primary key,
  name text not null constraint links_name_key unique,
  medium text not null check (medium in ('fibre', 'radio', 'copper', 'vsat', '4g')),
  capacity_bps double precision not null check (capacity_bps > 0),
  trunk boolean not null default false,
  tags text[] not null default '{}',
  managed_by text not null default 'console',
  version integer not null default 1
);
create table link_ends (
  link_id uuid not null references links on delete cascade,
  side char(1) not null check (side in ('a', 'b')),
  interface_id uuid not null constraint link_ends_interface_id_fkey references interfaces,
  primary key (link_id, side),
  constraint link_ends_interface_key unique (interface_id)
);
create table shared_risks (
  id uuid primary key,
  name text not null constraint shared_risks_name_key unique,
  kind text not null check (kind in ('duct', 'pole', 'power-feeder')),
  created_by text not null default '',
  version integer not null default 1
);
create table shared_risk_links (
  shared_risk_id uuid not null constraint shared_risk_links_risk_fkey references shared_risks on delete cascade,
  link_id uuid not null constraint shared_risk_links_link_fkey references links on delete cascade,
  primary key (shared_risk_id, link_id)
);
create index shared_risk_links_link on shared_risk_links (link_id);
create table shared_risk_sites (
  shared_risk_id uuid not null constraint shared_risk_sites_risk_fkey references shared_risks on delete cascade,
  site_id uuid not null constraint shared_risk_sites_site_fkey references sites on delete cascade,
  primary key (shared_risk_id, site_id)
);
create index shared_risk_sites_site on shared_risk_sites (site_id);
create table services (
  id uuid primary key,
  code text collate "C" not null constraint services_code_key unique,
  name text not null,
  site_id uuid not null constraint services_site_id_fkey references sites,
  device_id uuid constraint services_device_id_fkey references devices,
  url text not null default '',
  version integer not null default 1
);
create table maintenance (
  id uuid primary key,
  device_id uuid constraint maintenance_device_id_fkey references devices on delete cascade,
  site_id uuid constraint maintenance_site_id_fkey references sites on delete cascade,
  region_id uuid constraint maintenance_region_id_fkey references regions on delete cascade,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  reason text not null default '',
  created_by text not null default '',
  version integer not null default 1,
  check (num_nonnulls(device_id, site_id, region_id) = 1),
  check (ends_at > starts_at)
);
create index maintenance_ends on maintenance (ends_at);`;

// Memberships with dates are kept by the database itself, so that no writer can forget them.
const history = `
create table site_regions (
  site_id uuid not null references sites on delete cascade,
  region_id uuid not null references regions on delete cascade,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  primary key (site_id, valid_from)
);
create table device_sites (
  device_id uuid not null references devices on delete cascade,
  site_id uuid not null references sites on delete cascade,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  primary key (device_id, valid_from)
);
create function keep_site_region() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    update site_regions set valid_to = clock_timestamp() where site_id = new.id and valid_to is null;
  end if;
  insert into site_regions (site_id, region_id) values (new.id, new.region_id);
  return null;
end $$;
create trigger site_region_inserted after insert on sites
  for each row execute function keep_site_region();
create trigger site_region_updated after update of region_id on sites
  for each row when (old.region_id is distinct from new.region_id) execute function keep_site_region();
create function keep_device_site() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    update device_sites set valid_to = clock_timestamp() where device_id = new.id and valid_to is null;
  end if;
  insert into device_sites (device_id, site_id) values (new.id, new.site_id);
  return null;
end $$;
create trigger device_site_inserted after insert on devices
  for each row execute function keep_device_site();
create trigger device_site_updated after update of site_id on devices
  for each row when (old.site_id is distinct from new.site_id) execute function keep_device_site();`;

const version = `
create table inventory_version (
  singleton boolean primary key default true check (singleton),
  version bigint not null
);
insert into inventory_version (version) values (1);`;
