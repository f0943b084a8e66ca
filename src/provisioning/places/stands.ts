import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import { rolePrefix, type PlaceScope } from '../../domain/place.ts';

/** Where a device or a site stands: all that decides what holds for it. */
export interface Stand {
  readonly deviceId: DeviceId | null;
  readonly deviceName: string;
  readonly siteId: SiteId;
  readonly regionCode: string;
  /** Tags of both, and `role:…` of the device. */
  readonly groups: readonly string[];
}

/** A place as it is looked up: its key as `Place` has it. */
export interface HoldingPlace {
  readonly scope: PlaceScope;
  readonly key: string;
  readonly siteId: SiteId | null;
}

export async function standsOf(db: Kysely<Database>, deviceIds: readonly DeviceId[]): Promise<readonly Stand[]> {
  const rows = await db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'devices.id as deviceId',
      'devices.name as deviceName',
      'devices.role as role',
      'devices.tags as tags',
      'sites.id as siteId',
      'sites.tags as siteTags',
      'regions.code as regionCode',
    ])
    .where('devices.id', 'in', [...deviceIds])
    .execute();
  return rows.map(({ role, tags, siteTags, ...rest }) => ({ ...rest, groups: groupsOf(role, tags, siteTags) }));
}

/** The groups that a device is of. */
export function groupsOf(role: string, tags: readonly string[], siteTags: readonly string[]): readonly string[] {
  return [...tags, ...siteTags, `${rolePrefix}${role}`];
}

/** Whether what stands at a place holds for a device or site. */
export function holdsAt({ scope, key, siteId }: HoldingPlace, stand: Stand): boolean {
  switch (scope) {
    case 'network':
      return true;
    case 'group':
      return stand.groups.includes(key);
    case 'region':
      return codesAbove(stand.regionCode).includes(key);
    case 'site':
      return siteId === stand.siteId;
    case 'device':
      return key === stand.deviceName && stand.deviceId !== null;
  }
}

/** A region's code and those of what it lies in, the widest first. */
export function codesAbove(code: string): readonly string[] {
  const parts = code.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}
