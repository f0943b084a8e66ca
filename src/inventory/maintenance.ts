import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId, RegionId, SiteId } from '../domain/ids.ts';
import { coveredUntil } from '../domain/hours.ts';
import { longestRepeatedMs, Recurrence, spansIn } from '../domain/recurrence.ts';
import { isTimeZone } from '../domain/time-zone.ts';
import type { Change, Changes } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { creatorOf, reachOf, type Reach } from '../database/collection/reach.ts';

const from = Type.String({ format: 'date-time', examples: ['2026-11-25T14:00:00Z'] });
const to = Type.String({ format: 'date-time', examples: ['2026-11-25T16:00:00Z'] });
const deviceId = Type.Union([Type.Unsafe<DeviceId>(Type.String()), Type.Null()]);
const siteId = Type.Union([Type.Unsafe<SiteId>(Type.String()), Type.Null()]);
const regionId = Type.Union([Type.Unsafe<RegionId>(Type.String()), Type.Null()]);
const recurrence = Type.Union([Recurrence, Type.Null()]);
const reason = Type.String({ maxLength: 400, examples: ['Ganti UPS di POP Palattae'] });

/** Planned work over one device, one site, or a region and all below it: exactly one of the three. */
export const MaintenanceWindow = Type.Object({
  id: Type.String(),
  deviceId,
  siteId,
  regionId,
  /** Name of what it covers. */
  target: Type.String(),
  from,
  to,
  /** When it comes again; null: it is once. */
  recurrence,
  reason,
});
export type MaintenanceWindow = Static<typeof MaintenanceWindow>;

export const MaintenanceDraft = Type.Object(
  {
    deviceId: Type.Optional(deviceId),
    siteId: Type.Optional(siteId),
    regionId: Type.Optional(regionId),
    from,
    to,
    recurrence: Type.Optional(recurrence),
    reason: Type.Optional(reason),
  },
  { additionalProperties: false },
);
export type MaintenanceDraft = Static<typeof MaintenanceDraft>;

export class Maintenance extends Collection<MaintenanceWindow, MaintenanceDraft> {
  protected readonly noun = 'maintenance window';
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly clock: Clock }) {
    super(options);
    this.#clock = options.clock;
  }

  /** By start; `current` leaves out what is over. */
  async list(
    access: Access,
    request: { current?: boolean | undefined; page?: PageRequest } = {},
  ): Promise<Page<MaintenanceWindow>> {
    let query = selectWindows(this.db).where(withinScope('regions.code', reachOf(access, this.readPermission).scope));
    if (request.current === true) query = query.where(notOver(this.#clock.now()));
    const sort = { name: 'from', by: sql.ref('maintenance.starts_at'), type: 'timestamptz' } as const;
    const page = await readPage(query, { id: sql.ref('maintenance.id'), sort, page: request.page ?? {} });
    return { items: page.items.map(windowOf), next: page.next };
  }

  /**
   * Those of these devices over which work that others than the asker announced lasts from now until a moment at least, in one
   * window or in several that follow each other without a gap; at most a month.
   */
  async covering(asker: Access, devices: readonly DeviceId[], until: number): Promise<ReadonlySet<DeviceId>> {
    const now = this.#clock.now();
    const rows = await this.db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .innerJoin('maintenance', (join) =>
        join.on(sql<SqlBool>`maintenance.device_id = devices.id or maintenance.site_id = sites.id or exists (
          select 1 from regions as around where around.id = maintenance.region_id
            and (around.code = regions.code or starts_with(regions.code, around.code || '.')))`),
      )
      .select(['devices.id as deviceId', 'starts_at', 'ends_at', 'recurrence'])
      .where(sql<SqlBool>`devices.id = any(${[...devices]}::uuid[])`)
      .where('maintenance.created_by', '<>', creatorOf(asker))
      .where(notOver(now))
      .execute();
    const spans = rows.flatMap(({ deviceId: id, starts_at: from, ends_at: to, recurrence: again }) =>
      spansIn({ from: from.getTime(), to: to.getTime(), recurrence: again }, now, until).map((span) => ({
        id,
        ...span,
      })),
    );
    const byDevice = [...Map.groupBy(spans, ({ id }) => id)];
    return new Set(byDevice.flatMap(([id, own]) => (coveredUntil(own, now) >= until ? [id] : [])));
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<MaintenanceWindow> | null> {
    const row = await selectWindows(db)
      .select(['maintenance.version', 'regions.code as regionCode'])
      .where(sql<SqlBool>`maintenance.id::text = ${key}`)
      .where(withinScope('regions.code', reach.scope))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, regionCode, ...rest } = row;
    return { entity: windowOf(rest), name: rest.target, regionCode, version };
  }

  protected async lock(change: Change, id: string): Promise<void> {
    await change.trx.selectFrom('maintenance').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(
    _change: Change,
    draft: Partial<MaintenanceDraft>,
    before: MaintenanceWindow | null,
  ): Promise<void> {
    const merged = { ...before, ...draft };
    const targets = [merged.deviceId, merged.siteId, merged.regionId].filter((id) => typeof id === 'string');
    if (targets.length !== 1) {
      throw new ArungError('invalid', 'Planned work covers one device, or one site, or one region: name exactly one.', {
        code: 'maintenance.one-target',
      });
    }
    if (merged.from !== undefined && merged.to !== undefined && Date.parse(merged.to) <= Date.parse(merged.from)) {
      const message = 'Planned work must end after it starts.';
      throw new ArungError('invalid', message, {
        code: 'maintenance.ends-before-start',
        details: [{ message, field: 'to' }],
      });
    }
    checkRecurrence(merged);
  }

  protected async insert(change: Change, id: string, draft: MaintenanceDraft): Promise<void> {
    await change.trx
      .insertInto('maintenance')
      .values({
        id,
        device_id: draft.deviceId ?? null,
        site_id: draft.siteId ?? null,
        region_id: draft.regionId ?? null,
        starts_at: draft.from,
        ends_at: draft.to,
        recurrence: draft.recurrence ? JSON.stringify(draft.recurrence) : null,
        reason: draft.reason ?? '',
        created_by: creatorOf(change.access),
      })
      .execute();
  }

  protected async write(change: Change, before: MaintenanceWindow, patch: Partial<MaintenanceDraft>): Promise<void> {
    const fields = givenFields({
      device_id: patch.deviceId,
      site_id: patch.siteId,
      region_id: patch.regionId,
      starts_at: patch.from,
      ends_at: patch.to,
      recurrence: patch.recurrence === null ? null : patch.recurrence && JSON.stringify(patch.recurrence),
      reason: patch.reason,
    });
    await change.trx
      .updateTable('maintenance')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: MaintenanceWindow): Promise<void> {
    await change.trx.deleteFrom('maintenance').where('id', '=', entity.id).execute();
  }
}

/** Not over, or coming again. */
export function notOver(at: number): RawBuilder<SqlBool> {
  const moment = new Date(at);
  return sql<SqlBool>`(maintenance.ends_at > ${moment} or maintenance.recurrence is not null and coalesce(
    (maintenance.recurrence->>'until')::timestamptz + (maintenance.ends_at - maintenance.starts_at) > ${moment}, true))`;
}

function checkRecurrence({ from, to, recurrence: again }: Partial<MaintenanceDraft>): void {
  if (again === undefined || again === null) return;
  if (!isTimeZone(again.timeZone)) {
    const message = `${again.timeZone} is no time zone of the IANA database: use for instance Asia/Makassar.`;
    throw new ArungError('invalid', message, {
      code: 'maintenance.bad-time-zone',
      arguments: { value: again.timeZone },
      details: [{ message, field: 'recurrence.timeZone' }],
    });
  }
  if (from === undefined || to === undefined || Date.parse(to) - Date.parse(from) <= longestRepeatedMs) return;
  const message = 'Repeated work must be over before it begins again: at most 24 hours.';
  throw new ArungError('invalid', message, { code: 'maintenance.too-long', details: [{ message, field: 'to' }] });
}

function windowOf(row: Omit<MaintenanceWindow, 'from' | 'to'> & { from: Date; to: Date }): MaintenanceWindow {
  return { ...row, from: row.from.toISOString(), to: row.to.toISOString() };
}

function selectWindows(db: Kysely<Database>) {
  return db
    .selectFrom('maintenance')
    .leftJoin('devices', 'devices.id', 'maintenance.device_id')
    .leftJoin('sites', (join) => join.on(sql<SqlBool>`sites.id = coalesce(maintenance.site_id, devices.site_id)`))
    .innerJoin('regions', (join) =>
      join.on(sql<SqlBool>`regions.id = coalesce(maintenance.region_id, sites.region_id)`),
    )
    .select([
      'maintenance.id as id',
      'maintenance.device_id as deviceId',
      'maintenance.site_id as siteId',
      'maintenance.region_id as regionId',
      sql<string>`coalesce(devices.name, sites.name, regions.name)`.as('target'),
      'maintenance.starts_at as from',
      'maintenance.ends_at as to',
      sql<Recurrence | null>`maintenance.recurrence`.as('recurrence'),
      'maintenance.reason as reason',
    ]);
}
