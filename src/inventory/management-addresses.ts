import { sql, type Kysely, type Transaction } from 'kysely';
import type { Changes } from '../database/collection/changes.ts';
import type { Database } from '../database/tables.ts';
import { systemAccess } from '../domain/access.ts';
import type { DeviceNetworks } from '../domain/device-networks.ts';
import type { DeviceId } from '../domain/ids.ts';

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

  /** Name of another device that has an address where this one is read; null where none has. */
  async holderOf(deviceId: DeviceId, address: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('devices as own')
      .innerJoin('devices as other', (join) =>
        join.onRef('other.agent_id', '=', 'own.agent_id').onRef('other.port', '=', 'own.port'),
      )
      .select('other.name')
      .where('own.id', '=', deviceId)
      .where('other.id', '!=', deviceId)
      .where('other.address', '=', address)
      .executeTakeFirst();
    return row?.name ?? null;
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
