import type { Kysely } from 'kysely';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import { scopeFor, type Access, type Permission } from '../domain/access.ts';
import { isId, type DeviceId, type InterfaceId, type ServiceId } from '../domain/ids.ts';

/** Which things a reader may see, for what is not read from the inventory itself. What is unknown is as what is foreign: absent. */
export interface EntityScope {
  /** Those of the devices that the reader may see. */
  devices(access: Access, permission: Permission, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those of the interfaces that the reader may see, each with its device. */
  interfaces(access: Access, permission: Permission, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those of the services that the reader may see in full: they stand in the reader's regions. */
  services(access: Access, permission: Permission, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** The interfaces of these devices that carry a link, each with its device; of devices the reader may see. */
  linkInterfaces(
    access: Access,
    permission: Permission,
    deviceIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}

/** From the inventory's tables: a site's region decides. */
export class DatabaseEntityScope implements EntityScope {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async devices(access: Access, permission: Permission, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = ids.filter(isId) as DeviceId[];
    if (wanted.length === 0) return new Set();
    const rows = await this.#readable(access, permission)
      .select('devices.id')
      .where('devices.id', 'in', wanted)
      .execute();
    return new Set(rows.map((row) => row.id));
  }

  async interfaces(
    access: Access,
    permission: Permission,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const wanted = ids.filter(isId) as InterfaceId[];
    if (wanted.length === 0) return new Map();
    const rows = await this.#readable(access, permission)
      .innerJoin('interfaces', 'interfaces.device_id', 'devices.id')
      .select(['interfaces.id', 'devices.id as deviceId'])
      .where('interfaces.id', 'in', wanted)
      .execute();
    return new Map(rows.map((row) => [row.id, row.deviceId]));
  }

  async services(access: Access, permission: Permission, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = ids.filter(isId) as ServiceId[];
    if (wanted.length === 0) return new Set();
    const rows = await this.#db
      .selectFrom('services')
      .innerJoin('sites', 'sites.id', 'services.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select('services.id')
      .where('services.id', 'in', wanted)
      .where(withinScope('regions.code', scopeFor(access, permission)))
      .execute();
    return new Set(rows.map((row) => row.id));
  }

  async linkInterfaces(
    access: Access,
    permission: Permission,
    deviceIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const wanted = deviceIds.filter(isId) as DeviceId[];
    if (wanted.length === 0) return new Map();
    const rows = await this.#readable(access, permission)
      .innerJoin('interfaces', 'interfaces.device_id', 'devices.id')
      .innerJoin('link_ends', 'link_ends.interface_id', 'interfaces.id')
      .select(['interfaces.id', 'devices.id as deviceId'])
      .where('devices.id', 'in', wanted)
      .execute();
    return new Map(rows.map((row) => [row.id, row.deviceId]));
  }

  #readable(access: Access, permission: Permission) {
    return this.#db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .where(withinScope('regions.code', scopeFor(access, permission)));
  }
}
