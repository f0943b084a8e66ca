import { sql, type Kysely, type SqlBool } from 'kysely';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { contains } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, newId, type DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { ConfigurationBackup } from '../drivers/driver.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import { findDevice } from '../intent/managed-device.ts';

/** A configuration that a device had from `firstAt` on, and still had at `lastAt`. Milliseconds since the epoch. */
export interface BackupVersion {
  readonly id: string;
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly version: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

const read = 'provisioning.read';

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
  async keep(deviceId: DeviceId, { text, masked }: ConfigurationBackup): Promise<{ readonly changed: boolean }> {
    const now = new Date(this.#clock.now());
    const version = this.#names.nameOf(text);
    return this.#db.transaction().execute(async (trx) => {
      await this.#looked(trx, deviceId, null);
      // The same again counts as the same; one that comes back after another is a change, and its first time moves on.
      const newest = await trx
        .selectFrom('device_backups')
        .select(['id', 'version'])
        .where('device_id', '=', deviceId)
        .orderBy('last_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (newest?.version === version) {
        await trx.updateTable('device_backups').set({ last_at: now }).where('id', '=', newest.id).execute();
        return { changed: false };
      }
      const id = newId<never>() as string;
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
        })
        .onConflict((conflict) =>
          conflict.columns(['device_id', 'version']).doUpdateSet({ first_at: now, last_at: now }),
        )
        .execute();
      return { changed: newest !== undefined };
    });
  }

  /** A device could not be asked. */
  async failed(deviceId: DeviceId, error: Said): Promise<void> {
    await this.#looked(this.#db, deviceId, error);
  }

  /** The newest first; `q` finds what the text shows. */
  async list(
    access: Access,
    request: { readonly device?: string | undefined; readonly q?: string | undefined; readonly page?: PageRequest },
  ): Promise<Page<BackupVersion>> {
    let query = this.#select().where(withinScope('regions.code', scopeFor(access, read)));
    if (request.device !== undefined) {
      const device = await findDevice(this.#db, access, request.device, read);
      query = query.where('devices.id', '=', device.id);
    }
    if (request.q !== undefined) query = query.where(contains('device_backups.masked', request.q));
    const sort = {
      name: 'first',
      by: sql.ref('device_backups.first_at'),
      type: 'timestamptz',
      descending: true,
    } as const;
    const page = await readPage(query, { id: sql.ref('device_backups.id'), sort, page: request.page ?? {} });
    return { items: page.items.map(versionOf), next: page.next };
  }

  /** The text without its secrets. Throws `backup.not-found`. */
  async masked(access: Access, id: string): Promise<BackupVersion & { readonly text: string }> {
    const row = isId(id)
      ? await this.#select()
          .select('device_backups.masked as text')
          .where('device_backups.id', '=', id)
          .where(withinScope('regions.code', scopeFor(access, read)))
          .executeTakeFirst()
      : undefined;
    if (row !== undefined) return { ...versionOf(row), text: row.text };
    throw new ArungError('not-found', `There is no configuration ${id} in your regions.`, {
      code: 'backup.not-found',
      arguments: { key: id },
    });
  }

  /** Devices that can be configured and were not asked since a moment, those that were never asked first. */
  async due(before: number, most: number): Promise<readonly DeviceId[]> {
    const rows = await this.#db
      .selectFrom('devices')
      .innerJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .leftJoin('device_backup_looks', 'device_backup_looks.device_id', 'devices.id')
      .select('devices.id')
      .where('credentials.kind', '=', 'routeros')
      .where('sites.rollout_status', '=', 'active')
      .where(sql<SqlBool>`(looked_at is null or looked_at < ${new Date(before)})`)
      .orderBy(sql`looked_at nulls first`)
      .limit(most)
      .execute();
    return rows.map(({ id }) => id);
  }

  #select() {
    return this.#db
      .selectFrom('device_backups')
      .innerJoin('devices', 'devices.id', 'device_backups.device_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select([
        'device_backups.id as id',
        'devices.id as deviceId',
        'devices.name as device',
        'device_backups.version as version',
        'device_backups.first_at as firstAt',
        'device_backups.last_at as lastAt',
      ]);
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

function versionOf(
  row: Omit<BackupVersion, 'firstAt' | 'lastAt'> & { readonly firstAt: Date; readonly lastAt: Date },
): BackupVersion {
  const { id, deviceId, device, version, firstAt, lastAt } = row;
  return { id, deviceId, device, version, firstAt: firstAt.getTime(), lastAt: lastAt.getTime() };
}
