import type { Kysely } from 'kysely';
import { keyKind } from '../../database/collection/collection.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import { deviceRoles } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId, RegionId, SiteId } from '../../domain/ids.ts';
import { rolePrefix, type PlaceScope } from '../../domain/place.ts';
import { findDevice } from '../intent/managed-device.ts';

/** Columns that say where something stands, all but one of them null, and the region of it for the audit log. */
export interface PlaceColumns {
  readonly group_name: string | null;
  readonly region_id: RegionId | null;
  readonly site_id: SiteId | null;
  readonly device_id: DeviceId | null;
  readonly regionCode: string | null;
}

/** What is put at a place; names its errors: `variable.no-place`, `template.outside-regions`. */
export type Placed = 'variable' | 'template';

interface Asked {
  readonly what: Placed;
  readonly scope: PlaceScope;
  /** See `Place`. */
  readonly key: string;
}

const nowhere: PlaceColumns = { group_name: null, region_id: null, site_id: null, device_id: null, regionCode: null };

/**
 * A place at which somebody may write. Who may configure all of the network writes for it and for groups; others for
 * their regions, sites and devices. Throws `….no-place`, `….outside-regions`, `device.not-found`.
 */
export async function placeWithin(db: Kysely<Database>, access: Access, asked: Asked): Promise<PlaceColumns> {
  const { scope, key } = asked;
  const mine = scopeFor(access, 'provisioning.write');
  switch (scope) {
    case 'network':
      if (mine !== 'everywhere') throw outside(asked);
      if (key !== '') throw noPlace(asked);
      return nowhere;
    case 'group': {
      // Who bears a tag may stand anywhere.
      if (mine !== 'everywhere') throw outside(asked);
      const role = key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : null;
      if (key === '' || (role !== null && !deviceRoles.some((one) => one === role))) throw noPlace(asked);
      return { ...nowhere, group_name: key };
    }
    case 'region': {
      const region = await db.selectFrom('regions').select(['id', 'code']).where('code', '=', key).executeTakeFirst();
      if (region === undefined) throw noPlace(asked);
      if (!inScope(mine, region.code)) throw outside(asked);
      return { ...nowhere, region_id: region.id, regionCode: region.code };
    }
    case 'site': {
      const site = await db
        .selectFrom('sites')
        .innerJoin('regions', 'regions.id', 'sites.region_id')
        .select(['sites.id', 'regions.code'])
        .where(keyKind(key) === 'id' ? 'sites.id' : 'sites.code', '=', key as SiteId)
        .where(withinScope('regions.code', scopeFor(access, 'provisioning.read')))
        .executeTakeFirst();
      if (site === undefined) throw noPlace(asked);
      if (!inScope(mine, site.code)) throw outside(asked);
      return { ...nowhere, site_id: site.id, regionCode: site.code };
    }
    case 'device': {
      const device = await findDevice(db, access, key, 'provisioning.write');
      return { ...nowhere, device_id: device.id, regionCode: device.regionCode };
    }
  }
}

function noPlace({ what, scope, key }: Asked): ArungError {
  return new ArungError('invalid', `There is no ${placeOf(scope, key)} that a ${what} could stand at.`, {
    code: `${what}.no-place`,
    arguments: { scope, key },
  });
}

function outside({ what, scope, key }: Asked): ArungError {
  return new ArungError('forbidden', `A ${what} of the ${placeOf(scope, key)} is not yours to change: it reaches beyond the regions in which you may.`, {
    code: `${what}.outside-regions`,
    arguments: { scope, key },
  }); // prettier-ignore
}

/** The network has no key. */
function placeOf(scope: PlaceScope, key: string): string {
  return `${scope} ${key}`.trim();
}
