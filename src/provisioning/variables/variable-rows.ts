import { sql, type Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { SiteId } from '../../domain/ids.ts';
import type { RegionLevel } from '../../domain/region.ts';
import { nearnessOf, type Place, type PlaceScope } from '../../domain/place.ts';

/** Variables with where they stand: `placeRegion` is the region of that place, null for the network and groups. */
export function selectVariables(db: Kysely<Database>) {
  return db
    .selectFrom('variables')
    .leftJoin('regions as region', 'region.id', 'variables.region_id')
    .leftJoin('sites as site', 'site.id', 'variables.site_id')
    .leftJoin('regions as siteRegion', 'siteRegion.id', 'site.region_id')
    .leftJoin('devices as device', 'device.id', 'variables.device_id')
    .leftJoin('sites as deviceSite', 'deviceSite.id', 'device.site_id')
    .leftJoin('regions as deviceRegion', 'deviceRegion.id', 'deviceSite.region_id')
    .select([
      'variables.id as id',
      'variables.name as name',
      'variables.scope as scope',
      sql<string>`coalesce(variables.group_name, region.code, site.code, device.name, '')`.as('key'),
      sql<string>`coalesce(variables.group_name, region.name, site.name, device.name, '')`.as('placeName'),
      'region.level as level',
      'variables.site_id as siteId',
      'variables.value as value',
      'variables.sealed as sealed',
      'variables.changed_at as changedAt',
      'variables.changed_by as changedBy',
      placeRegion.as('placeRegion'),
    ]);
}

export const placeRegion = sql<string | null>`coalesce(region.code, "siteRegion".code, "deviceRegion".code)`;

export interface VariableRow {
  readonly id: string;
  readonly name: string;
  readonly scope: PlaceScope;
  readonly key: string;
  readonly placeName: string;
  readonly level: RegionLevel | null;
  readonly siteId: SiteId | null;
  readonly value: string | null;
  readonly sealed: Buffer | null;
}

export function placeOf({
  scope,
  key,
  placeName,
  level,
}: Pick<VariableRow, 'scope' | 'key' | 'placeName' | 'level'>): Place {
  return { scope, key, name: placeName, level: nearnessOf(scope, key, level) };
}
