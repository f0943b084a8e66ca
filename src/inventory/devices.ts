import { sql, type Kysely, type SqlBool } from 'kysely';
import { isIP } from 'node:net';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import type { DeviceNetworks } from '../domain/device-networks.ts';
import { Device, type DeviceRole, type ManagementProtocol } from '../domain/device.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { Network, RolloutStatus } from '../domain/site.ts';
import type { Change, Changes } from '../database/collection/changes.ts';
import { Collection, givenFields, keyKind, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest, type SortKey } from '../database/collection/paging.ts';
import { rankedSort, type Ranking } from './ranking.ts';
import { requireOwnAddress } from './shared-addresses.ts';
import { contains, reachOf, requireShared, type Reach } from '../database/collection/reach.ts';

/** A device with the names of where it stands. */
export interface DeviceRecord extends Device {
  readonly siteCode: string;
  readonly siteName: string;
  readonly regionCode: string;
}

const given = Device.properties;
export const DeviceDraft = Type.Object(
  {
    name: given.name,
    siteId: given.siteId,
    role: given.role,
    gateway: Type.Optional(given.gateway),
    protocol: Type.Optional(given.protocol),
    address: Type.Optional(given.address),
    port: Type.Optional(given.port),
    credentialId: Type.Optional(given.credentialId),
    managementCredentialId: Type.Optional(given.managementCredentialId),
    managementPort: Type.Optional(given.managementPort),
    vendor: Type.Optional(given.vendor),
    model: Type.Optional(given.model),
    serial: Type.Optional(given.serial),
    agentId: Type.Optional(given.agentId),
    tags: Type.Optional(given.tags),
  },
  { additionalProperties: false },
);
export type DeviceDraft = Static<typeof DeviceDraft>;

export interface DeviceFilter {
  readonly region?: string | undefined;
  /** Id or code of a site. */
  readonly site?: string | undefined;
  readonly network?: Network | undefined;
  readonly rolloutStatus?: readonly RolloutStatus[] | undefined;
  readonly role?: readonly DeviceRole[] | undefined;
  readonly protocol?: ManagementProtocol | undefined;
  readonly profile?: string | undefined;
  readonly vendor?: string | undefined;
  readonly tag?: string | undefined;
  /** Words in name, address, MAC, vendor, model, serial, site. */
  readonly q?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly notIds?: readonly string[] | undefined;
}

export const deviceSorts = ['name', 'site', 'role', 'address', 'model'] as const;
export type DeviceSort = (typeof deviceSorts)[number];

export class Devices extends Collection<DeviceRecord, DeviceDraft> {
  protected readonly noun = 'device';
  readonly #networks: DeviceNetworks;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly networks: DeviceNetworks;
  }) {
    super(options);
    this.#networks = options.networks;
  }

  async list(
    access: Access,
    request: {
      readonly filter?: DeviceFilter;
      readonly page?: PageRequest;
      readonly sort?: DeviceSort;
      readonly descending?: boolean;
      readonly ranking?: Ranking;
    } = {},
  ): Promise<Page<DeviceRecord>> {
    const filter = request.filter ?? {};
    let query = selectDevices(this.db).where(withinScope('regions.code', reachOf(access, this.readPermission).scope));
    if (filter.region !== undefined) query = query.where(withinScope('regions.code', { regionCodes: [filter.region] }));
    if (filter.site !== undefined) query = query.where(sql<SqlBool>`${filter.site} in (sites.id::text, sites.code)`);
    if (filter.network !== undefined) query = query.where('sites.network', '=', filter.network);
    if (filter.rolloutStatus !== undefined) {
      query = query.where('sites.rollout_status', 'in', [...filter.rolloutStatus]);
    }
    if (filter.role !== undefined) query = query.where('devices.role', 'in', [...filter.role]);
    if (filter.protocol !== undefined) query = query.where('devices.protocol', '=', filter.protocol);
    if (filter.profile !== undefined) query = query.where('devices.profile', '=', filter.profile);
    if (filter.vendor !== undefined) {
      query = query.where(sql<SqlBool>`lower(devices.vendor) = lower(${filter.vendor})`);
    }
    if (filter.tag !== undefined) query = query.where(sql<SqlBool>`${filter.tag} = any(devices.tags)`);
    if (filter.ids !== undefined) query = query.where(sql<SqlBool>`devices.id = any(${[...filter.ids]}::uuid[])`);
    if (filter.notIds !== undefined) {
      query = query.where(sql<SqlBool>`devices.id <> all(${[...filter.notIds]}::uuid[])`);
    }
    for (const word of filter.q?.split(/\s+/).filter((part) => part !== '') ?? []) query = query.where(matches(word));
    const sorts: Record<DeviceSort, SortKey> = {
      name: { name: 'name', by: sql.ref('devices.name'), type: 'text' },
      site: { name: 'site', by: sql`lower(sites.name) || ' ' || devices.name`, type: 'text' },
      role: { name: 'role', by: sql`devices.role || ' ' || devices.name`, type: 'text' },
      address: { name: 'address', by: sortableAddress, type: 'text' },
      model: { name: 'model', by: sql`lower(devices.vendor || ' ' || devices.model)`, type: 'text' },
    };
    const own: SortKey = { ...sorts[request.sort ?? 'name'], descending: request.descending ?? false };
    const id = sql.ref('devices.id');
    const sort = request.ranking === undefined ? own : rankedSort(id, request.ranking, own);
    return readPage(query, { id, sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<DeviceRecord> | null> {
    const row = await selectDevices(db)
      .select('devices.version')
      .where(keyKind(key) === 'id' ? 'devices.id' : 'devices.name', '=', key as DeviceId)
      .where(withinScope('regions.code', reach.scope))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: entity.regionCode, version };
  }

  protected async lock(change: Change, id: DeviceId): Promise<void> {
    await change.trx.selectFrom('devices').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(
    change: Change,
    draft: Partial<DeviceDraft>,
    before: DeviceRecord | null,
  ): Promise<void> {
    const protocol = draft.protocol ?? before?.protocol ?? 'snmp';
    const address = draft.address ?? before?.address ?? '';
    const serial = draft.serial ?? before?.serial ?? '';
    // One that is elsewhere since before there was such a limit may be changed otherwise.
    checkReachable({ protocol, address, serial }, address === before?.address ? null : this.#networks);
    for (const field of ['credentialId', 'managementCredentialId'] as const) {
      const id = draft[field];
      await requireShared(change.trx, change.access, {
        table: 'credentials',
        ids: typeof id === 'string' && id !== before?.[field] ? [id] : [],
        noun: 'credential',
        field,
      });
    }
    const after = { ...before, ...draft };
    const opens = (device: Partial<DeviceDraft> | null) => [
      device?.address ?? '',
      device?.port ?? 0,
      device?.agentId ?? null,
      device?.credentialId ?? null,
      device?.managementCredentialId ?? null,
      device?.managementPort ?? 0,
    ];
    // Two that are at one address since before there was such a limit may be changed otherwise.
    if (JSON.stringify(opens(after)) !== JSON.stringify(opens(before))) {
      await requireOwnAddress(change, { ...after, id: before?.id ?? null });
    }
  }

  protected async insert(change: Change, id: DeviceId, draft: DeviceDraft, managedBy: string): Promise<void> {
    await change.trx
      .insertInto('devices')
      .values({
        id,
        name: draft.name,
        site_id: draft.siteId,
        role: draft.role,
        gateway: draft.gateway ?? draft.role === 'router',
        protocol: draft.protocol ?? 'snmp',
        address: draft.address ?? '',
        port: draft.port ?? 0,
        credential_id: draft.credentialId ?? null,
        management_credential_id: draft.managementCredentialId ?? null,
        management_port: draft.managementPort ?? 0,
        profile: null,
        vendor: draft.vendor ?? '',
        model: draft.model ?? '',
        serial: draft.serial ?? '',
        firmware: '',
        agent_id: draft.agentId ?? (await localAgentId(change.trx)),
        tags: draft.tags ?? [],
        managed_by: managedBy,
      })
      .execute();
  }

  protected async write(change: Change, before: DeviceRecord, patch: Partial<DeviceDraft>): Promise<void> {
    const fields = givenFields({
      name: patch.name,
      site_id: patch.siteId,
      role: patch.role,
      gateway: patch.gateway,
      protocol: patch.protocol,
      address: patch.address,
      port: patch.port,
      credential_id: patch.credentialId,
      management_credential_id: patch.managementCredentialId,
      management_port: patch.managementPort,
      vendor: patch.vendor,
      model: patch.model,
      serial: patch.serial,
      agent_id: patch.agentId,
      tags: patch.tags,
    });
    await change.trx
      .updateTable('devices')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: DeviceRecord): Promise<void> {
    const links = await change.trx
      .selectFrom('link_ends')
      .innerJoin('interfaces', 'interfaces.id', 'link_ends.interface_id')
      .innerJoin('links', 'links.id', 'link_ends.link_id')
      .where('interfaces.device_id', '=', entity.id)
      .select('links.name')
      .execute();
    if (links.length > 0) {
      throw new ArungError(
        'conflict',
        `The device ${entity.name} still carries ${links.length} ${links.length === 1 ? 'link' : 'links'}: remove or move those first.`,
        { code: 'device.carries-links', arguments: { name: entity.name, links: links.length } },
      );
    }
    await change.trx.deleteFrom('devices').where('id', '=', entity.id).execute();
  }
}

/** Says when an agent could never talk to a device as it is described. */
function checkReachable(device: DescribedDevice, networks: DeviceNetworks | null): void {
  const wrong = unreachableBecause(device, networks);
  if (wrong === null) return;
  throw new ArungError('invalid', wrong.message, {
    code: wrong.code,
    arguments: { value: device.address },
    details: [{ message: wrong.message, field: wrong.field, code: wrong.code, arguments: { value: device.address } }],
  });
}

interface DescribedDevice {
  readonly protocol: ManagementProtocol;
  readonly address: string;
  readonly serial: string;
}

/** @param networks where it may be; null: where it is. */
export function unreachableBecause(
  device: DescribedDevice,
  networks: DeviceNetworks | null,
): {
  code: 'device.bad-address' | 'device.outside-networks' | 'device.address-needed' | 'device.serial-needed';
  field: 'address' | 'serial';
  message: string;
} | null {
  if (device.address !== '' && isIP(device.address) === 0) {
    const message = `${device.address} is no IPv4 or IPv6 address.`;
    return { code: 'device.bad-address', field: 'address', message };
  }
  if (device.address !== '' && networks?.holds(device.address) === false) {
    const message = `${device.address} lies outside the networks in which devices may be (ARUNG_DEVICE_NETWORKS).`;
    return { code: 'device.outside-networks', field: 'address', message };
  }
  if (device.protocol === 'snmp' && device.address === '') {
    const message = 'A device that is read by SNMP needs an address: give one, or set the protocol to none.';
    return { code: 'device.address-needed', field: 'address', message };
  }
  if (device.protocol === 'mqtt' && !/^[A-Za-z0-9._-]+$/.test(device.serial)) {
    const message =
      'A device that speaks MQTT needs its serial number (letters, digits, dot, dash): it names the device’s topics.';
    return { code: 'device.serial-needed', field: 'serial', message };
  }
  return null;
}

const sortableAddress = sql<string>`case when devices.address ~ '^[0-9.]+$'
  then (select string_agg(lpad(part, 3, '0'), '.') from unnest(string_to_array(devices.address, '.')) as part)
  else devices.address end`;

function matches(word: string) {
  const mac = word.toLowerCase().replaceAll('-', ':');
  return sql<SqlBool>`(${contains('devices.name', word)} or ${contains('devices.address', word)}
    or ${contains('devices.vendor', word)} or ${contains('devices.model', word)} or ${contains('devices.serial', word)}
    or ${contains('sites.name', word)} or ${contains('sites.code', word)}
    or ${/^[0-9a-f:]{4,17}$/.test(mac)} and exists (select 1 from interfaces
      where interfaces.device_id = devices.id and ${contains('interfaces.mac', mac)}))`;
}

function selectDevices(db: Kysely<Database>) {
  return db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'devices.id as id',
      'devices.name as name',
      'devices.site_id as siteId',
      'sites.code as siteCode',
      'sites.name as siteName',
      'regions.code as regionCode',
      'devices.role as role',
      'devices.gateway as gateway',
      'devices.protocol as protocol',
      'devices.address as address',
      'devices.port as port',
      'devices.credential_id as credentialId',
      'devices.management_credential_id as managementCredentialId',
      'devices.management_port as managementPort',
      'devices.profile as profile',
      'devices.vendor as vendor',
      'devices.model as model',
      'devices.serial as serial',
      'devices.firmware as firmware',
      'devices.agent_id as agentId',
      'devices.tags as tags',
      'devices.managed_by as managedBy',
    ]);
}

/** The agent inside the controller, which every new device belongs to until somebody says otherwise. */
export async function localAgentId(db: Kysely<Database>) {
  return (await db.selectFrom('agents').select('id').where('name', '=', 'local').executeTakeFirstOrThrow()).id;
}
