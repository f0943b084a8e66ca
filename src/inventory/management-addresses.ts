import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import type { Changes } from '../database/collection/changes.ts';
import type { Database } from '../database/tables.ts';
import { systemAccess } from '../domain/access.ts';
import type { DeviceNetworks } from '../domain/device-networks.ts';
import type { DeviceId } from '../domain/ids.ts';
import { isWithin } from '../domain/region.ts';

/** Addresses of devices as a rollout moves them. */
export class InventoryManagementAddresses {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #networks: DeviceNetworks;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly networks: DeviceNetworks;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#networks = options.networks;
  }

  mayBe(address: string): boolean {
    return this.#networks.holds(address);
  }

  /**
   * Name of another device that has an address, however it is written and at whatever port; null where none has. `…` where
   * some who see this device may not see that one.
   */
  async holderOf(deviceId: DeviceId, address: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('devices as other')
      .innerJoin('sites as place', 'place.id', 'other.site_id')
      .innerJoin('regions as there', 'there.id', 'place.region_id')
      .innerJoin('devices as own', (join) => join.on('own.id', '=', deviceId))
      .innerJoin('sites', 'sites.id', 'own.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select(['other.name', 'there.code as otherCode', 'regions.code'])
      .where('other.id', '!=', deviceId)
      .where('other.address', '<>', '')
      .where(sql<SqlBool>`device_address_key(other.address) = device_address_key(${address})`)
      .orderBy('other.name')
      .executeTakeFirst();
    if (row === undefined) return null;
    return isWithin(row.otherCode, row.code) ? row.name : '…';
  }

  /**
   * Makes an address the device's, in a transaction of the caller's, who calls `moved` after its commit; audited. Equal
   * already, it is no change.
   * @param by who moves it, for the audit log.
   */
  async move(
    trx: Transaction<Database>,
    deviceId: DeviceId,
    { address, by }: { readonly address: string; readonly by: string },
  ): Promise<void> {
    await this.#changes.within(trx, systemAccess(by), {
      work: async (change) => {
        const before = await trx
          .selectFrom('devices')
          .innerJoin('sites', 'sites.id', 'devices.site_id')
          .innerJoin('regions', 'regions.id', 'sites.region_id')
          .select(['devices.name', 'devices.address', 'regions.code as regionCode'])
          .where('devices.id', '=', deviceId)
          .executeTakeFirst();
        if (before === undefined || before.address === address) return;
        await trx
          .updateTable('devices')
          .set({ address, version: sql`version + 1` })
          .where('id', '=', deviceId)
          .execute();
        change.record({
          action: 'update',
          entityKind: 'device',
          entityId: deviceId,
          entityName: before.name,
          before: { address: before.address },
          after: { address },
          regionCode: before.regionCode,
        });
      },
    });
  }

  moved(): void {
    this.#changes.wakeAll();
  }
}
