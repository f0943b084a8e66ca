import { sql, type Kysely, type SqlBool } from 'kysely';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { contains } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, type DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { DifferenceSummary, TextDifference } from '../../domain/text-difference.ts';
import { differenceOf, type MaskedText } from '../history/difference.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import { findDevice } from '../intent/managed-device.ts';

/** A configuration that a device had from `firstAt` on, and still had at `lastAt`. Milliseconds since the epoch. */
export interface BackupVersion {
  readonly id: string;
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly site: string;
  readonly version: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lines: number;
  /** Of the text without its secrets. */
  readonly bytes: number;
  /** Since the configuration before it; null where none is known. */
  readonly changes: DifferenceSummary | null;
}

/** A line that holds what was searched for, from 1. */
export interface FoundLine {
  readonly line: number;
  readonly text: string;
}

export interface BackupRequest {
  readonly device?: string | undefined;
  /** What the text shows. */
  readonly q?: string | undefined;
  /** Only what each device has now, as far as is known. */
  readonly newest?: boolean | undefined;
  readonly region?: string | undefined;
  readonly page?: PageRequest;
}

/** A device whose configuration could not be fetched when it was tried last. */
export interface FailedLook {
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly site: string;
  readonly lookedAt: number;
  readonly error: Said;
}

interface OpenBackup {
  readonly row: BackupVersion;
  readonly masked: string;
  readonly sealed: Buffer;
  readonly driver: string;
}

const read = 'provisioning.read';
const mostFound = 3;
const longestFound = 400;
/** Whole texts are read to find lines in them. */
const mostSearched = 50;

/** What is kept of devices' configurations, for who asks. No text that it gives holds a secret. */
export class BackupReader {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  readonly #mask: (driver: string, text: string) => string;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    /** Masks what is known to be secret now; texts are shown as they were kept without it. */
    readonly mask?: (driver: string, text: string) => string;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#mask = options.mask ?? ((_driver, text) => text);
  }

  /** The newest first. With `q` each says in which lines it was found. */
  async list(
    access: Access,
    { device: key, q, newest, region, page }: BackupRequest,
  ): Promise<Page<BackupVersion & { readonly found: readonly FoundLine[] }>> {
    let query = this.#select(access);
    if (key !== undefined) {
      const device = await findDevice(this.#db, access, key, read);
      query = query.where('devices.id', '=', device.id);
    }
    if (region !== undefined) query = query.where(withinScope('regions.code', { regionCodes: [region] }));
    if (q !== undefined) query = query.where(contains('device_backups.masked', q));
    if (newest === true) query = query.where(isNewest);
    const sort = {
      name: 'first',
      by: sql.ref('device_backups.first_at'),
      type: 'timestamptz',
      descending: true,
    } as const;
    const limit = q === undefined ? page?.limit : Math.min(page?.limit ?? mostSearched, mostSearched);
    const rows = await readPage(query, {
      id: sql.ref('device_backups.id'),
      sort,
      page: { ...page, limit },
    });
    const items: (BackupVersion & { found: readonly FoundLine[] })[] = [];
    for (const row of rows.items) {
      const found = q === undefined ? [] : linesWith(q, await this.#maskedOf(row.id));
      // It was found in what is known to be secret by now.
      if (q !== undefined && found.length === 0) continue;
      items.push({ ...versionOf(row), found });
    }
    return { items, next: rows.next };
  }

  /** The text without its secrets. Throws `backup.not-found`. */
  async masked(access: Access, id: string): Promise<BackupVersion & { readonly text: string }> {
    const { row, masked } = await this.#open(access, id);
    return { ...row, text: masked };
  }

  /** The text with its secrets, for a driver alone. Throws `backup.not-found`. */
  async whole(access: Access, id: string): Promise<BackupVersion & { readonly text: string; readonly driver: string }> {
    const { row, sealed, driver } = await this.#open(access, id);
    return { ...row, text: this.#sealer.open(sealed, row.id), driver };
  }

  /**
   * What one configuration has otherwise than another: of the same device or not. Throws `backup.not-found`, and
   * `backup.no-other` where there is none before it.
   * @param fromId null: the one that the device had before.
   */
  async difference(
    access: Access,
    id: string,
    fromId: string | null,
  ): Promise<{ readonly before: BackupVersion; readonly after: BackupVersion; readonly difference: TextDifference }> {
    const after = await this.#open(access, id);
    const before = await this.#open(access, fromId ?? (await this.#before(after.row)));
    return {
      before: before.row,
      after: after.row,
      difference: differenceOf(this.#textOf(before), this.#textOf(after)),
    };
  }

  /** Devices whose configuration could not be fetched, by name. */
  async failures(access: Access, region?: string): Promise<readonly FailedLook[]> {
    let query = this.#db
      .selectFrom('device_backup_looks')
      .innerJoin('devices', 'devices.id', 'device_backup_looks.device_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select([
        'devices.id as deviceId',
        'devices.name as device',
        'sites.name as site',
        'device_backup_looks.looked_at as lookedAt',
        'device_backup_looks.error as error',
      ])
      .where('device_backup_looks.error', 'is not', null)
      .where(withinScope('regions.code', scopeFor(access, read)));
    if (region !== undefined) query = query.where(withinScope('regions.code', { regionCodes: [region] }));
    const rows = await query.orderBy('devices.name').limit(1_000).execute();
    return rows.flatMap(({ lookedAt, error, ...row }) =>
      error === null ? [] : [{ ...row, lookedAt: lookedAt.getTime(), error }],
    );
  }

  async #maskedOf(id: string): Promise<string> {
    const row = await this.#db
      .selectFrom('device_backups')
      .select(['masked', 'driver'])
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? '' : this.#mask(row.driver, row.masked);
  }

  async #open(access: Access, id: string): Promise<OpenBackup> {
    const found = isId(id)
      ? await this.#select(access)
          .select(['device_backups.masked', 'device_backups.sealed', 'device_backups.driver'])
          .where('device_backups.id', '=', id)
          .executeTakeFirst()
      : undefined;
    if (found === undefined) {
      throw new ArungError('not-found', `There is no configuration ${id} in your regions.`, {
        code: 'backup.not-found',
        arguments: { key: id },
      });
    }
    const { masked, sealed, driver, ...row } = found;
    return { row: versionOf(row), masked: this.#mask(driver, masked), sealed, driver };
  }

  /** Whole: what it gives must not leave the program but through `differenceOf`. */
  #textOf({ row, masked, sealed }: OpenBackup): MaskedText {
    return { clear: this.#sealer.open(sealed, row.id), masked };
  }

  async #before({ id, deviceId, device, firstAt }: BackupVersion): Promise<string> {
    const row = await this.#db
      .selectFrom('device_backups')
      .select('id')
      .where('device_id', '=', deviceId)
      .where('id', '<>', id)
      .where('first_at', '<=', new Date(firstAt))
      .orderBy('first_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) return row.id;
    throw new ArungError('not-found', `No configuration of ${device} from before this one is kept.`, {
      code: 'backup.no-other',
      arguments: { name: device },
    });
  }

  #select(access: Access) {
    return this.#db
      .selectFrom('device_backups')
      .innerJoin('devices', 'devices.id', 'device_backups.device_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select([
        'device_backups.id as id',
        'devices.id as deviceId',
        'devices.name as device',
        'sites.name as site',
        'device_backups.version as version',
        'device_backups.first_at as firstAt',
        'device_backups.last_at as lastAt',
        'device_backups.lines as lines',
        'device_backups.bytes as bytes',
        'device_backups.changes as changes',
      ])
      .where(withinScope('regions.code', scopeFor(access, read)));
  }
}

/** No other configuration of its device was seen later. */
const isNewest = sql<SqlBool>`not exists (
  select 1 from device_backups later
  where later.device_id = device_backups.device_id and later.last_at > device_backups.last_at)`;

function linesWith(q: string, text: string): readonly FoundLine[] {
  const wanted = q.toLowerCase();
  const found: FoundLine[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (!line.toLowerCase().includes(wanted)) continue;
    found.push({ line: at + 1, text: line.slice(0, longestFound) });
    if (found.length === mostFound) break;
  }
  return found;
}

function versionOf(
  row: Omit<BackupVersion, 'firstAt' | 'lastAt'> & { readonly firstAt: Date; readonly lastAt: Date },
): BackupVersion {
  const { firstAt, lastAt, ...rest } = row;
  return { ...rest, firstAt: firstAt.getTime(), lastAt: lastAt.getTime() };
}
