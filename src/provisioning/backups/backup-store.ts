import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { CredentialKind } from '../../domain/device.ts';
import { newId, type DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { ConfigurationBackup } from '../drivers/driver.ts';
import { summaryOf } from '../history/difference.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import type { IntentStore } from '../intent/intent-store.ts';

/** Configurations as devices export them: sealed whole, shown masked, each different one of a device once. */
export class BackupStore {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  readonly #names: Pick<IntentStore, 'nameOf'>;
  readonly #clock: Clock;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    readonly names: Pick<IntentStore, 'nameOf'>;
    readonly clock: Clock;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#names = options.names;
    this.#clock = options.clock;
  }

  /** Keeps what a device has now; says whether it is another than last time. The first one is no change. */
  async keep(
    deviceId: DeviceId,
    { text, masked }: ConfigurationBackup,
    driver: string,
  ): Promise<{ readonly changed: boolean }> {
    const now = new Date(this.#clock.now());
    const version = this.#names.nameOf(text);
    return this.#db.transaction().execute(async (trx) => {
      await this.#looked(trx, deviceId, null);
      // The same again counts as the same; one that comes back after another is a change, and its first time moves on.
      const newest = await newestOf(trx, deviceId);
      if (newest?.version === version) {
        // What is secret of it may be known only now.
        await trx
          .updateTable('device_backups')
          .set({ last_at: now, masked, bytes: Buffer.byteLength(masked) })
          .where('id', '=', newest.id)
          .execute();
        return { changed: false };
      }
      const id = newId<never>() as string;
      const changes =
        newest === undefined
          ? null
          : JSON.stringify(
              summaryOf(
                { clear: this.#sealer.open(newest.sealed, newest.id), masked: newest.masked },
                { clear: text, masked },
              ),
            );
      await trx
        .insertInto('device_backups')
        .values({
          id,
          device_id: deviceId,
          version,
          masked,
          sealed: this.#sealer.seal(text, id),
          first_at: now,
          last_at: now,
          lines: masked.split('\n').length - 1,
          bytes: Buffer.byteLength(masked),
          changes,
          driver,
        })
        .onConflict((conflict) =>
          conflict.columns(['device_id', 'version']).doUpdateSet({ masked, first_at: now, last_at: now, changes }),
        )
        .execute();
      return { changed: newest !== undefined };
    });
  }

  /** Whether a device had exactly this when it was asked last. */
  async isNewest(deviceId: DeviceId, { text }: ConfigurationBackup): Promise<boolean> {
    return (await newestOf(this.#db, deviceId))?.version === this.#names.nameOf(text);
  }

  /** A device could not be asked. */
  async failed(deviceId: DeviceId, error: Said): Promise<void> {
    await this.#looked(this.#db, deviceId, error);
  }

  /**
   * Devices that can be configured and were not asked since a moment, those that were never asked first.
   * `failedBefore` is the same for those that could not be asked then: they are tried again sooner.
   */
  async due(wanted: {
    readonly before: number;
    readonly failedBefore?: number;
    readonly most: number;
    /** Kinds of credentials that open a device to be configured. */
    readonly kinds: readonly CredentialKind[];
  }): Promise<readonly DeviceId[]> {
    const { before, failedBefore = before, most, kinds } = wanted;
    const rows = await this.#db
      .selectFrom('devices')
      .innerJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .leftJoin('device_backup_looks', 'device_backup_looks.device_id', 'devices.id')
      .select('devices.id')
      .where('credentials.kind', 'in', [...kinds])
      .where('sites.rollout_status', '=', 'active')
      .where(
        sql<SqlBool>`(looked_at is null or looked_at < ${new Date(before)}
          or device_backup_looks.error is not null and looked_at < ${new Date(failedBefore)})`,
      )
      .orderBy(sql`looked_at nulls first`)
      .limit(most)
      .execute();
    return rows.map(({ id }) => id);
  }

  async #looked(db: Kysely<Database>, deviceId: DeviceId, error: Said | null): Promise<void> {
    const fields = {
      looked_at: new Date(this.#clock.now()),
      error: error === null ? null : JSON.stringify(error),
    };
    await db
      .insertInto('device_backup_looks')
      .values({ device_id: deviceId, ...fields })
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet(fields))
      .execute();
  }
}

function newestOf(db: Kysely<Database>, deviceId: DeviceId) {
  return db
    .selectFrom('device_backups')
    .select(['id', 'version', 'masked', 'sealed'])
    .where('device_id', '=', deviceId)
    .orderBy('last_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}
