import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { nearnessOf, type Place, type PlaceScope } from '../../domain/place.ts';
import type { PlaceColumns } from './placing.ts';
import type { HoldingPlace } from './stands.ts';

/** A row that stands at a place, as the database has it. */
export interface PlaceRow extends Omit<PlaceColumns, 'regionCode'> {
  readonly scope: PlaceScope;
}

/** A place with what people call it. */
export interface NamedPlace extends HoldingPlace {
  readonly place: Place;
  /** Of the place itself; null for the network and groups. */
  readonly regionCode: string | null;
}

/** Each row with its place, in the same order. */
export async function namePlaces<Row extends PlaceRow>(
  db: Kysely<Database>,
  rows: readonly Row[],
): Promise<readonly (Row & NamedPlace)[]> {
  const ids = {
    regions: rows.flatMap(({ region_id: id }) => (id === null ? [] : [id])),
    sites: rows.flatMap(({ site_id: id }) => (id === null ? [] : [id])),
    devices: rows.flatMap(({ device_id: id }) => (id === null ? [] : [id])),
  };
  const regions =
    ids.regions.length === 0
      ? []
      : await db.selectFrom('regions').select(['id', 'code', 'name', 'level']).where('id', 'in', ids.regions).execute();
  const sites =
    ids.sites.length === 0
      ? []
      : await db
          .selectFrom('sites')
          .innerJoin('regions', 'regions.id', 'sites.region_id')
          .select(['sites.id', 'sites.code', 'sites.name', 'regions.code as regionCode'])
          .where('sites.id', 'in', ids.sites)
          .execute();
  const devices =
    ids.devices.length === 0
      ? []
      : await db
          .selectFrom('devices')
          .innerJoin('sites', 'sites.id', 'devices.site_id')
          .innerJoin('regions', 'regions.id', 'sites.region_id')
          .select(['devices.id', 'devices.name', 'regions.code as regionCode'])
          .where('devices.id', 'in', ids.devices)
          .execute();
  const regionById = new Map(regions.map((one) => [one.id, one]));
  const siteById = new Map(sites.map((one) => [one.id, one]));
  const deviceById = new Map(devices.map((one) => [one.id, one]));
  return rows.map((row) => {
    const { scope } = row;
    const region = row.region_id === null ? undefined : regionById.get(row.region_id);
    const site = row.site_id === null ? undefined : siteById.get(row.site_id);
    const device = row.device_id === null ? undefined : deviceById.get(row.device_id);
    const key = row.group_name ?? region?.code ?? site?.code ?? device?.name ?? '';
    const name = row.group_name ?? region?.name ?? site?.name ?? device?.name ?? '';
    return {
      ...row,
      key,
      siteId: row.site_id,
      place: { scope, key, name, level: nearnessOf(scope, key, region?.level ?? null) },
      regionCode: region?.code ?? site?.regionCode ?? device?.regionCode ?? null,
    };
  });
}
