import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { AgentId, DeviceId, LinkId, SiteId } from '../domain/ids.ts';
import type {
  Topology,
  TopologyAgent,
  TopologyDevice,
  TopologyLink,
  TopologySite,
  TopologySource,
} from '../domain/topology.ts';
import type { Changes } from './changes.ts';

/** Writes of this process are heard at once; those of another (the CLI, a second controller) by this look. */
const lookEveryMs = 2_000;
/** Many writes in a row make one new topology. */
const gatherMs = 50;
const longestTimerMs = 2_147_000_000;

const empty: Topology = { version: 0, sites: new Map(), devices: new Map(), links: new Map(), agents: new Map() };

/**
 * The inventory as status, live stream and map see it. A reconciler: whoever wakes it carries no data, it compares the
 * version it has with the one in the database and reads the whole anew (about 20 ms for Bone).
 */
export class InventoryTopology implements TopologySource {
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #changes: Changes;
  readonly #listeners = new Set<() => void>();
  #current = empty;
  #readVersion = -1;
  #stopListening: (() => void) | null = null;
  #look: NodeJS.Timeout | null = null;
  #gather: NodeJS.Timeout | null = null;
  #maintenanceTimer: NodeJS.Timeout | null = null;
  /** Reads stand in line, so that an older picture never replaces a newer one. */
  #line: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #stopped = true;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#read();
    this.#stopListening = this.#changes.onCommit(() => this.#wake());
    this.#look = setInterval(() => void this.#lookForOthers(), lookEveryMs);
    this.#look.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    for (const timer of [this.#look, this.#gather, this.#maintenanceTimer]) if (timer !== null) clearTimeout(timer);
    await this.#line;
  }

  current(): Topology {
    return this.#current;
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Resolves when every write that was committed before the call is in `current()`. */
  async refresh(): Promise<void> {
    await this.#read();
  }

  #wake(): void {
    if (this.#stopped || this.#gather !== null) return;
    this.#gather = setTimeout(() => {
      this.#gather = null;
      this.#readSafely();
    }, gatherMs);
    this.#gather.unref();
  }

  async #lookForOthers(): Promise<void> {
    if (this.#waiting > 0 || this.#gather !== null) return;
    try {
      const version = await inventoryVersion(this.#db);
      if (version !== this.#readVersion && !this.#stopped) this.#changes.wakeAll();
    } catch (error) {
      this.#logger.warn(error, 'the version of the inventory could not be read');
    }
  }

  #readSafely(): void {
    this.#read().catch((error: unknown) => {
      this.#logger.warn(error, 'the topology could not be read; the last one stays until it can');
    });
  }

  async #read(): Promise<void> {
    this.#waiting++;
    const mine = this.#line.then(() => (this.#stopped ? undefined : this.#readOnce()));
    this.#line = mine
      .catch(() => undefined)
      .finally(() => {
        this.#waiting--;
      });
    await mine;
  }

  async #readOnce(): Promise<void> {
    const now = this.#clock.now();
    const { topology, version, nextMaintenanceAt } = await readTopology(this.#db, now, this.#current);
    this.#readVersion = version;
    this.#watchMaintenance(nextMaintenanceAt, now);
    if (topology === this.#current) return;
    this.#current = topology;
    for (const wake of this.#listeners) wake();
  }

  #watchMaintenance(at: number | null, now: number): void {
    if (this.#maintenanceTimer !== null) clearTimeout(this.#maintenanceTimer);
    this.#maintenanceTimer = null;
    if (at === null || this.#stopped) return;
    this.#maintenanceTimer = setTimeout(() => this.#readSafely(), Math.min(at - now + 1, longestTimerMs));
    this.#maintenanceTimer.unref();
  }
}

export async function inventoryVersion(db: Kysely<Database>): Promise<number> {
  return (await db.selectFrom('inventory_version').select('version').executeTakeFirstOrThrow()).version;
}

/**
 * Reads all in one snapshot. Its version is the inventory's, and one more each time planned work begins or ends between
 * two versions of the inventory; what did not change at all comes back as `previous` itself.
 */
async function readTopology(
  db: Kysely<Database>,
  now: number,
  previous: Topology,
): Promise<{ topology: Topology; version: number; nextMaintenanceAt: number | null }> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const version = await inventoryVersion(trx);
      const windows = await readWindows(trx, now);
      const sites = await readSites(trx);
      const devices = await readDevices(trx, sites, windows);
      const links = await readLinks(trx, devices);
      const agents = await readAgents(trx, devices);
      const built = { version: Math.max(version, previous.version), sites, devices, links, agents };
      const same = sameContent(built, previous);
      const topology = same ? previous : { ...built, version: Math.max(version, previous.version + 1) };
      return { topology, version, nextMaintenanceAt: windows.nextAt };
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
    .select(['device_id', 'site_id', 'regions.code', 'starts_at', 'ends_at'])
    .where('ends_at', '>', new Date(now))
    .execute();
  const open = rows.filter((row) => row.starts_at.getTime() <= now);
  const edges = rows.map((row) => (row.starts_at.getTime() > now ? row.starts_at : row.ends_at).getTime());
  const given = (values: (string | null)[]) => values.filter((value) => value !== null);
  return {
    devices: new Set(given(open.map((row) => row.device_id))),
    sites: new Set(given(open.map((row) => row.site_id))),
    regionCodes: given(open.map((row) => row.code)),
    nextAt: edges.length === 0 ? null : Math.min(...edges),
  };
}

async function readSites(db: Kysely<Database>): Promise<Map<SiteId, TopologySite>> {
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
    ])
    .where('sites.rollout_status', '=', 'active')
    .orderBy('sites.id')
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
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
      windows.regionCodes.some((code) => site.regionCode === code || site.regionCode.startsWith(code + '.'));
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
