import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { SiteId } from '../../domain/ids.ts';
import type { Calendar, SiteKind } from '../../domain/site.ts';

export interface PlaceFacts {
  readonly id: SiteId;
  readonly name: string;
  readonly address: string;
  readonly accessNotes: string;
  readonly contacts: readonly { readonly name: string; readonly role: string; readonly phone: string }[];
}

/** What a technician must know of one site to get in. */
export async function placeFacts(db: Kysely<Database>, id: SiteId): Promise<PlaceFacts | null> {
  const site = await db
    .selectFrom('sites')
    .select(['id', 'name', 'address', 'access_notes'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (site === undefined) return null;
  const contacts = await db
    .selectFrom('site_contacts')
    .innerJoin('contacts', 'contacts.id', 'site_contacts.contact_id')
    .select(['contacts.name', 'contacts.role', 'contacts.phone'])
    .where('site_contacts.site_id', '=', id)
    .orderBy('site_contacts.position')
    .limit(4)
    .execute();
  return { id: site.id, name: site.name, address: site.address, accessNotes: site.access_notes, contacts };
}

/** Names of sites that are dark: a village by its region's name, as people call it. */
export async function darkNames(
  db: Kysely<Database>,
  ids: readonly SiteId[],
): Promise<readonly { readonly id: SiteId; readonly name: string; readonly kind: SiteKind }[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('sites')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select(['sites.id', 'sites.name', 'sites.kind', 'regions.name as regionName', 'regions.level'])
    .where('sites.id', 'in', [...ids])
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.kind === 'village' && row.level === 'village' ? row.regionName : row.name,
  }));
}

/** By which people at these sites clock in and out. */
export async function calendarsOf(
  db: Kysely<Database>,
  ids: readonly SiteId[],
): Promise<readonly Pick<Calendar, 'timeZone' | 'windows' | 'holidays'>[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('calendars')
    .select(['time_zone', 'windows', 'holidays'])
    .where('id', 'in', (inner) =>
      inner
        .selectFrom('sites')
        .innerJoin('devices', 'devices.site_id', 'sites.id')
        .select('sites.calendar_id')
        .$narrowType<{ calendar_id: never }>()
        .where('sites.id', 'in', [...ids])
        .where('devices.role', '=', 'terminal')
        .where('sites.calendar_id', 'is not', null),
    )
    .execute();
  return rows.map((row) => ({ timeZone: row.time_zone, windows: row.windows, holidays: row.holidays }));
}
