import type { Kysely } from 'kysely';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Scope } from '../domain/access.ts';
import type { DeviceNames } from './device-metrics.ts';

/** From the inventory's tables. */
export class DatabaseDeviceNames implements DeviceNames {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async devices(scope: Scope) {
    const rows = await this.#active(scope)
      .select(['devices.id', 'devices.name as device', 'sites.code as site', 'regions.code as region'])
      .execute();
    return new Map(rows.map(({ id, ...labels }) => [id as string, labels]));
  }

  async interfaces(scope: Scope) {
    const rows = await this.#active(scope)
      .innerJoin('interfaces', 'interfaces.device_id', 'devices.id')
      .select(['interfaces.id', 'interfaces.name'])
      .execute();
    return new Map(rows.map(({ id, name }) => [id as string, name]));
  }

  #active(scope: Scope) {
    return this.#db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .where('sites.rollout_status', '=', 'active')
      .where(withinScope('regions.code', scope));
  }
}
