import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import { reachOf, sharedWithin, usersOf } from '../../database/collection/reach.ts';
import { lists, listNames, type Fields, type ListName } from './lists.ts';

/** A thing of the inventory as the document has it, every field filled in. */
export interface Kept {
  readonly id: string;
  readonly value: Fields;
  /** Its reader may read it. */
  readonly visible: boolean;
  /** Its reader may change it. */
  readonly writable: boolean;
  /** Where it lies, for the audit log; null for what belongs to no region. */
  readonly regionCode: string | null;
}

/** The inventory as a document: by list, by the name a person calls it. */
export type Snapshot = Readonly<Record<ListName, ReadonlyMap<string, Kept>>>;

/** Reads all lists. With `onlyVisible`, nothing that the reader may not read leaves the database. */
export async function readSnapshot(
  db: Kysely<Database>,
  access: Access,
  options: { readonly onlyVisible: boolean; readonly lists?: readonly ListName[] },
): Promise<Snapshot> {
  const wanted = options.lists ?? listNames;
  const snapshot: Record<ListName, Map<string, Kept>> = {
    regions: new Map(),
    calendars: new Map(),
    contacts: new Map(),
    credentials: new Map(),
    sharedRisks: new Map(),
    sites: new Map(),
    devices: new Map(),
    interfaces: new Map(),
    links: new Map(),
    services: new Map(),
    agents: new Map(),
  };
  for (const name of wanted) {
    const query = queries[name](rightsOf(access));
    const only = options.onlyVisible ? sql`where visible` : sql``;
    const rows = await sql<{
      id: string;
      value: Fields;
      visible: boolean;
      writable: boolean;
      regionCode: string | null;
    }>`select id::text as id, value, visible, writable, "regionCode" from (${query}) all_rows ${only}`.execute(db);
    for (const row of rows.rows) {
      const { id, visible, writable, regionCode } = row;
      const value = withoutNulls(row.value);
      snapshot[name].set(lists[name].keyOf(value), { id, value, visible, writable, regionCode });
    }
  }
  return snapshot;
}

/** Only a position may be null in a document; elsewhere null means that nothing is said. */
function withoutNulls(value: Fields): Fields {
  return Object.fromEntries(
    Object.entries(value).filter(([field, one]) => one !== null || field === 'latitude' || field === 'longitude'),
  );
}

interface Rights {
  /** The code lies where the reader may read, or write. */
  readonly reads: (code: string) => RawBuilder<SqlBool>;
  readonly writes: (code: string) => RawBuilder<SqlBool>;
  readonly shared: (table: keyof typeof usersOf) => { reads: RawBuilder<SqlBool>; writes: RawBuilder<SqlBool> };
  readonly writesEverywhere: RawBuilder<SqlBool>;
}

function rightsOf(access: Access): Rights {
  const read = scopeFor(access, 'inventory.read');
  const write = scopeFor(access, 'inventory.write');
  return {
    reads: (code) => withinScope(code, read),
    writes: (code) => withinScope(code, write),
    shared: (table) => {
      const secret = table === 'credentials';
      const reader = { ...reachOf(access, secret ? 'inventory.write' : 'inventory.read'), writing: false };
      const writer = reachOf(access, secret ? 'credential.manage' : 'inventory.write');
      return {
        reads: sharedWithin(usersOf[table], `${table}.created_by`, reader),
        writes: sharedWithin(usersOf[table], `${table}.created_by`, writer),
      };
    },
    writesEverywhere: write === 'everywhere' ? sql<SqlBool>`true` : sql<SqlBool>`false`,
  };
}

/** One query a list: `id`, `value` in the document's shape, `visible`, `writable`, `regionCode`; in a stable order. */
const queries: Readonly<Record<ListName, (rights: Rights) => RawBuilder<unknown>>> = {
  regions: ({ reads, writes }) => sql`
    select id, json_build_object('code', code, 'name', name, 'latitude', latitude, 'longitude', longitude) as value,
      ${reads('regions.code')} as visible, ${writes('regions.code')} as writable, code as "regionCode"
    from regions order by code`,

  calendars: ({ shared }) => sql`
    select id, json_build_object('name', name, 'timeZone', time_zone, 'windows', windows, 'holidays', holidays) as value,
      ${shared('calendars').reads} as visible, ${shared('calendars').writes} as writable, null as "regionCode"
    from calendars order by name`,

  contacts: ({ shared }) => sql`
    select id, json_build_object('name', name, 'role', role, 'phone', phone, 'email', email) as value,
      ${shared('contacts').reads} as visible, ${shared('contacts').writes} as writable, null as "regionCode"
    from contacts order by name`,

  credentials: ({ shared }) => sql`
    select id, json_build_object('name', name, 'kind', kind, 'user', "user") as value,
      ${shared('credentials').reads} as visible, ${shared('credentials').writes} as writable, null as "regionCode"
    from credentials order by name`,

  sharedRisks: ({ reads, shared }) => sql`
    select id, json_build_object('name', shared_risks.name, 'kind', kind, 'sites', array(
        select s.code from shared_risk_sites m join sites s on s.id = m.site_id join regions r on r.id = s.region_id
        where m.shared_risk_id = shared_risks.id and ${reads('r.code')} order by s.code)) as value,
      ${shared('shared_risks').reads} as visible, ${shared('shared_risks').writes} as writable, null as "regionCode"
    from shared_risks order by name`,

  sites: ({ reads, writes }) => sql`
    select sites.id, json_build_object('code', sites.code, 'name', sites.name, 'kind', kind, 'network', network,
        'rolloutStatus', rollout_status, 'region', regions.code, 'latitude', sites.latitude,
        'longitude', sites.longitude, 'address', address, 'accessNotes', access_notes,
        'calendar', coalesce(calendars.name, ''), 'contacts', array(
          select contacts.name from site_contacts join contacts on contacts.id = contact_id
          where site_id = sites.id order by position, contacts.name), 'tags', tags) as value,
      ${reads('regions.code')} as visible, ${writes('regions.code')} as writable, regions.code as "regionCode"
    from sites join regions on regions.id = sites.region_id left join calendars on calendars.id = sites.calendar_id
    order by sites.code`,

  devices: ({ reads, writes }) => sql`
    select devices.id, json_build_object('name', devices.name, 'site', sites.code, 'role', role, 'gateway', gateway,
        'protocol', protocol, 'address', devices.address, 'port', port,
        'credential', coalesce(credentials.name, ''), 'managementCredential', coalesce(management.name, ''),
        'managementPort', management_port, 'vendor', vendor, 'model', model, 'serial', serial,
        'tags', devices.tags) as value,
      ${reads('regions.code')} as visible, ${writes('regions.code')} as writable, regions.code as "regionCode"
    from devices join sites on sites.id = devices.site_id join regions on regions.id = sites.region_id
    left join credentials on credentials.id = devices.credential_id
    left join credentials management on management.id = devices.management_credential_id order by devices.name`,

  interfaces: ({ reads, writes }) => sql`
    select interfaces.id, json_build_object('device', devices.name, 'name', interfaces.name,
        'description', description, 'mac', mac, 'speedBps', speed_bps) as value,
      ${reads('regions.code')} as visible, ${writes('regions.code')} as writable, regions.code as "regionCode"
    from interfaces join devices on devices.id = interfaces.device_id join sites on sites.id = devices.site_id
    join regions on regions.id = sites.region_id order by devices.name, interfaces.name`,

  links: ({ reads, writes }) => sql`
    select links.id, json_build_object('name', links.name, 'medium', medium, 'capacityBps', capacity_bps,
        'a', ad.name || ':' || ai.name, 'b', bd.name || ':' || bi.name, 'trunk', trunk, 'sharedRisks', array(
          select shared_risks.name from shared_risk_links join shared_risks on shared_risks.id = shared_risk_id
          where link_id = links.id order by shared_risks.name), 'tags', links.tags) as value,
      ${reads('ar.code')} and ${reads('br.code')} as visible, ${writes('ar.code')} and ${writes('br.code')} as writable,
      ar.code as "regionCode"
    from links
    join link_ends a on a.link_id = links.id and a.side = 'a' join interfaces ai on ai.id = a.interface_id
    join devices ad on ad.id = ai.device_id join sites asite on asite.id = ad.site_id
    join regions ar on ar.id = asite.region_id
    join link_ends b on b.link_id = links.id and b.side = 'b' join interfaces bi on bi.id = b.interface_id
    join devices bd on bd.id = bi.device_id join sites bsite on bsite.id = bd.site_id
    join regions br on br.id = bsite.region_id order by links.name`,

  services: ({ reads, writes }) => sql`
    select services.id, json_build_object('code', services.code, 'name', services.name, 'site', sites.code,
        'device', coalesce(devices.name, ''), 'url', url,
        'checks', checks, 'usedBy', used_by) as value,
      ${reads('regions.code')} as visible, ${writes('regions.code')} as writable, regions.code as "regionCode"
    from services join sites on sites.id = services.site_id join regions on regions.id = sites.region_id
    left join devices on devices.id = services.device_id order by services.code`,

  agents: ({ reads, writesEverywhere }) => sql`
    select agents.id, json_build_object('name', agents.name, 'attachedTo', array(
        select devices.name from agent_attachments join devices on devices.id = device_id
        join sites on sites.id = devices.site_id join regions on regions.id = sites.region_id
        where agent_attachments.agent_id = agents.id and ${reads('regions.code')} order by devices.name)) as value,
      exists (select 1 from devices join sites on sites.id = devices.site_id
        join regions on regions.id = sites.region_id
        where devices.agent_id = agents.id and ${reads('regions.code')}) or ${writesEverywhere} as visible,
      ${writesEverywhere} as writable, null as "regionCode"
    from agents order by agents.name`,
};
