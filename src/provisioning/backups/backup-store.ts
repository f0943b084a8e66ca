import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { CredentialKind } from '../../domain/device.ts';
import { newId, type DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { ConfigurationBackup } from '../drivers/driver.ts';
import { summaryOf, type MaskedText } from '../history/difference.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import type { IntentStore } from '../intent/intent-store.ts';

/** Configurations as devices export them: sealed whole, shown masked, an entry for each that is another than the one before. */
export class BackupStore {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  readonly #names: Pick<IntentStore, 'nameOf'>;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    readonly names: Pick<IntentStore, 'nameOf'>;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#names = options.names;
    this.#clock = options.clock;
    this.#logger = options.logger;
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
      // The same again counts as the same; one that comes back after another is a change, and an entry of its own.
      const newest = await newestOf(trx, deviceId);
      const before = newest === undefined ? null : this.#opened(deviceId, newest);
      if (newest?.version === version) {
        // What is secret of it may be known only now. One that did not open any more does again.
        const sealed = before === null ? { sealed: this.#sealer.seal(text, newest.id) } : {};
        await trx
          .updateTable('device_backups')
          .set({ last_at: now, masked, bytes: Buffer.byteLength(masked), ...sealed })
          .where('id', '=', newest.id)
          .execute();
        return { changed: false };
      }
      const id: string = newId<never>();
      const bytes = Buffer.byteLength(masked);
      // What is secret of it may be known only now, also where it was there before. One that did not open any more does again.
      const same = await trx
        .selectFrom('device_backups')
        .select('id')
        .where('device_id', '=', deviceId)
        .where('version', '=', version)
        .execute();
      for (const one of same) {
        const again = { masked, bytes, sealed: this.#sealer.seal(text, one.id) };
        await trx.updateTable('device_backups').set(again).where('id', '=', one.id).execute();
      }
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
          bytes,
          changes: before === null ? null : JSON.stringify(summaryOf(before, { clear: text, masked })),
          driver,
        })
        .execute();
      return { changed: newest !== undefined };
    });
  }

  /** Null when it does not open: what was different from it cannot be said, and is no reason to keep nothing. */
  #opened(
    deviceId: DeviceId,
    { id, sealed, masked }: { readonly id: string; readonly sealed: Buffer; readonly masked: string },
  ): MaskedText | null {
    try {
      return { clear: this.#sealer.open(sealed, id), masked };
    } catch (error) {
      const what =
        'the newest configuration that is kept of a device does not open: the next is kept without saying what changed';
      this.#logger.error({ err: error, device: deviceId, backup: id }, what);
      return null;
    }
  }

  /** Whether a device was asked, and answered, at or after a moment. */
  async wasSeen(deviceId: DeviceId, since: number): Promise<boolean> {
    const row = await this.#db
      .selectFrom('device_backup_looks')
      .select('looked_at')
      .where('device_id', '=', deviceId)
      .where('error', 'is', null)
      .where('looked_at', '>=', new Date(since))
      .executeTakeFirst();
    return row !== undefined;
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

  /** Those of these devices that can be configured. */
  async configurable(devices: readonly DeviceId[], kinds: readonly CredentialKind[]): Promise<readonly DeviceId[]> {
    if (devices.length === 0) return [];
    const rows = await this.#db
      .selectFrom('devices')
      .innerJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .select('devices.id')
      .where('credentials.kind', 'in', [...kinds])
      .where('devices.id', 'in', [...devices])
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
