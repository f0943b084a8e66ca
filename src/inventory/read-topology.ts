import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { AgentId, DeviceId, LinkId, SiteId } from '../domain/ids.ts';
import { lastsAt, nextEdgeOf } from '../domain/recurrence.ts';
import { isWithin } from '../domain/region.ts';
import {
  topologyOf,
  type Topology,
  type TopologyAgent,
  type TopologyDevice,
  type TopologyLink,
  type TopologySite,
} from '../domain/topology.ts';
import { notOver } from './maintenance.ts';

export async function inventoryVersion(db: Kysely<Database>): Promise<number> {
  return (await db.selectFrom('inventory_version').select('version').executeTakeFirstOrThrow()).version;
}

/**
 * Reads all in one snapshot. Its version is the inventory's, and one more each time planned work begins or ends between
 * two versions of the inventory; what did not change at all comes back as `previous` itself. `whole` has every site, and is
 * the topology itself where all are active.
 */
export async function readTopology(
  db: Kysely<Database>,
  now: number,
  previous: Topology,
): Promise<{ topology: Topology; whole: Topology; version: number; nextMaintenanceAt: number | null }> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const version = await inventoryVersion(trx);
      const windows = await readWindows(trx, now);
      const { sites, active } = await readSites(trx);
      const devices = await readDevices(trx, sites, windows);
      const links = await readLinks(trx, devices);
      const agents = await readAgents(trx, devices);
      const all = { version: Math.max(version, previous.version), sites, devices, links, agents };
      const built = active.size === sites.size ? all : topologyOf(all, active);
      const same = sameContent(built, previous);
      const topology = same ? previous : { ...built, version: Math.max(version, previous.version + 1) };
      const whole = active.size === sites.size ? topology : { ...all, version: topology.version };
      return { topology, whole, version, nextMaintenanceAt: windows.nextAt };
    });
}

interface Windows {
  readonly devices: ReadonlySet<string>;
  readonly sites: ReadonlySet<string>;
  readonly regionCodes: readonly string[];
  /** When the next window begins or ends. */
  readonly nextAt: number | null;
}

async function readWindows(db: Kysely<Database>, now: number): Promise<Windows> {
  const rows = await db
    .selectFrom('maintenance')
    .leftJoin('regions', 'regions.id', 'maintenance.region_id')
    .select(['device_id', 'site_id', 'regions.code', 'starts_at', 'ends_at', 'recurrence'])
    .where(notOver(now))
    .execute();
  const spans = rows.map((row) => ({ ...row, from: row.starts_at.getTime(), to: row.ends_at.getTime() }));
  const open = spans.filter((span) => lastsAt(span, now));
  const edges = spans.map((span) => nextEdgeOf(span, now)).filter((edge) => edge !== null);
  const given = (values: (string | null)[]) => values.filter((value) => value !== null);
  return {
    devices: new Set(given(open.map((row) => row.device_id))),
    sites: new Set(given(open.map((row) => row.site_id))),
    regionCodes: given(open.map((row) => row.code)),
    nextAt: edges.length === 0 ? null : Math.min(...edges),
  };
}

async function readSites(
  db: Kysely<Database>,
): Promise<{ readonly sites: Map<SiteId, TopologySite>; readonly active: Map<SiteId, TopologySite> }> {
  const rows = await db
    .selectFrom('sites')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'sites.id as id',
      'sites.code as code',
      'sites.name as name',
      'sites.kind as kind',
      'sites.network as network',
      'regions.code as regionCode',
      sql<number | null>`coalesce(sites.latitude, regions.latitude)`.as('latitude'),
      sql<number | null>`coalesce(sites.longitude, regions.longitude)`.as('longitude'),
      'sites.rollout_status as rolloutStatus',
    ])
    .orderBy('sites.id')
    .execute();
  const sites = new Map<SiteId, TopologySite>();
  const active = new Map<SiteId, TopologySite>();
  for (const { rolloutStatus, ...site } of rows) {
    sites.set(site.id, site);
    if (rolloutStatus === 'active') active.set(site.id, site);
  }
  return { sites, active };
}

async function readDevices(
  db: Kysely<Database>,
  sites: ReadonlyMap<SiteId, TopologySite>,
  windows: Windows,
): Promise<Map<DeviceId, TopologyDevice>> {
  const rows = await db
    .selectFrom('devices')
    .select(['id', 'name', 'site_id as siteId', 'role', 'gateway', 'protocol', 'agent_id as agentId'])
    .orderBy('id')
    .execute();
  const devices = new Map<DeviceId, TopologyDevice>();
  for (const row of rows) {
    const site = sites.get(row.siteId);
    if (site === undefined) continue;
    const maintenance =
      windows.devices.has(row.id) ||
      windows.sites.has(row.siteId) ||
      windows.regionCodes.some((code) => isWithin(site.regionCode, code));
    devices.set(row.id, { ...row, maintenance });
  }
  return devices;
}

async function readLinks(
  db: Kysely<Database>,
  devices: ReadonlyMap<DeviceId, TopologyDevice>,
): Promise<Map<LinkId, TopologyLink>> {
  const rows = await db
    .selectFrom('links')
    .innerJoin('link_ends as a', (join) => join.onRef('a.link_id', '=', 'links.id').on('a.side', '=', 'a'))
    .innerJoin('link_ends as b', (join) => join.onRef('b.link_id', '=', 'links.id').on('b.side', '=', 'b'))
    .innerJoin('interfaces as ai', 'ai.id', 'a.interface_id')
    .innerJoin('interfaces as bi', 'bi.id', 'b.interface_id')
    .select([
      'links.id',
      'links.name',
      'links.medium',
      'links.capacity_bps as capacityBps',
      'links.trunk',
      'ai.id as aInterfaceId',
      'ai.name as aInterfaceName',
      'ai.device_id as aDeviceId',
      'bi.id as bInterfaceId',
      'bi.name as bInterfaceName',
      'bi.device_id as bDeviceId',
    ])
    .orderBy('links.id')
    .execute();
  const links = new Map<LinkId, TopologyLink>();
  for (const row of rows) {
    const aDevice = devices.get(row.aDeviceId);
    const bDevice = devices.get(row.bDeviceId);
    if (aDevice === undefined || bDevice === undefined) continue;
    links.set(row.id, {
      id: row.id,
      name: row.name,
      medium: row.medium,
      capacityBps: row.capacityBps,
      trunk: row.trunk,
      a: {
        deviceId: row.aDeviceId,
        interfaceId: row.aInterfaceId,
        interfaceName: row.aInterfaceName,
        siteId: aDevice.siteId,
      },
      b: {
        deviceId: row.bDeviceId,
        interfaceId: row.bInterfaceId,
        interfaceName: row.bInterfaceName,
        siteId: bDevice.siteId,
      },
    });
  }
  return links;
}

async function readAgents(
  db: Kysely<Database>,
  devices: ReadonlyMap<DeviceId, TopologyDevice>,
): Promise<Map<AgentId, TopologyAgent>> {
  const rows = await db
    .selectFrom('agents')
    .leftJoin('agent_attachments', 'agent_attachments.agent_id', 'agents.id')
    .select(['agents.id', 'agents.name', 'agent_attachments.device_id as deviceId'])
    .orderBy('agents.id')
    .orderBy('agent_attachments.device_id')
    .execute();
  const agents = new Map<AgentId, TopologyAgent>();
  for (const row of rows) {
    const attachedTo = [...(agents.get(row.id)?.attachedTo ?? [])];
    if (row.deviceId !== null && devices.has(row.deviceId)) attachedTo.push(row.deviceId);
    agents.set(row.id, { id: row.id, name: row.name, attachedTo });
  }
  return agents;
}

function sameContent(a: Topology, b: Topology): boolean {
  return (
    sameEntries(a.sites, b.sites) &&
    sameEntries(a.devices, b.devices) &&
    sameEntries(a.links, b.links) &&
    sameEntries(a.agents, b.agents)
  );
}

/** Both were read with the same columns in the same order, so their JSON can be compared. */
function sameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || JSON.stringify(value) !== JSON.stringify(other)) return false;
  }
  return true;
}
