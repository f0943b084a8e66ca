import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { ContactId, SiteId } from '../domain/ids.ts';
import { Site, type Network, type RolloutStatus, type SiteKind } from '../domain/site.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, keyKind, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest, type SortKey } from '../database/collection/paging.ts';
import { rankedSort, type Ranking } from './ranking.ts';
import { contains, reachOf, requireShared, type Reach } from '../database/collection/reach.ts';

/** A site with the names of where it lies. */
export interface SiteRecord extends Site {
  readonly regionName: string;
  readonly districtName: string | null;
}

const given = Type.Omit(Site, ['id', 'regionCode', 'managedBy']);
/** What a writer gives: the region by its id or by its code. */
export const SiteDraft = Type.Object(
  {
    code: given.properties.code,
    name: given.properties.name,
    kind: given.properties.kind,
    network: given.properties.network,
    rolloutStatus: Type.Optional(given.properties.rolloutStatus),
    region: Type.String({ description: 'Id or Kemendagri code of a region.', examples: ['73.08.02.1001'] }),
    latitude: Type.Optional(given.properties.latitude),
    longitude: Type.Optional(given.properties.longitude),
    address: Type.Optional(given.properties.address),
    accessNotes: Type.Optional(given.properties.accessNotes),
    calendarId: Type.Optional(given.properties.calendarId),
    contactIds: Type.Optional(given.properties.contactIds),
    tags: Type.Optional(given.properties.tags),
  },
  { additionalProperties: false },
);
export type SiteDraft = Static<typeof SiteDraft>;

export interface SiteFilter {
  /** A region and all below it. */
  readonly region?: string | undefined;
  readonly kind?: readonly SiteKind[] | undefined;
  readonly network?: Network | undefined;
  readonly rolloutStatus?: readonly RolloutStatus[] | undefined;
  readonly tag?: string | undefined;
  /** Words in name, code or address. */
  readonly q?: string | undefined;
  /** Only these, or none of these: how the API filters by live state. */
  readonly ids?: readonly string[] | undefined;
  readonly notIds?: readonly string[] | undefined;
}

export const siteSorts = ['code', 'name', 'region'] as const;
export type SiteSort = (typeof siteSorts)[number];

export class Sites extends Collection<SiteRecord, SiteDraft> {
  protected readonly noun = 'site';

  async list(
    access: Access,
    request: {
      readonly filter?: SiteFilter;
      readonly page?: PageRequest;
      readonly sort?: SiteSort;
      readonly descending?: boolean;
      /** Comes before the sort: the worst first, the busiest first. */
      readonly ranking?: Ranking;
    } = {},
  ): Promise<Page<SiteRecord>> {
    const filter = request.filter ?? {};
    let query = selectSites(this.db).where(withinScope('regions.code', reachOf(access, this.readPermission).scope));
    if (filter.region !== undefined) query = query.where(withinScope('regions.code', { regionCodes: [filter.region] }));
    if (filter.kind !== undefined) query = query.where('sites.kind', 'in', [...filter.kind]);
    if (filter.network !== undefined) query = query.where('sites.network', '=', filter.network);
    if (filter.rolloutStatus !== undefined) {
      query = query.where('sites.rollout_status', 'in', [...filter.rolloutStatus]);
    }
    if (filter.tag !== undefined) query = query.where(sql<SqlBool>`${filter.tag} = any(sites.tags)`);
    if (filter.ids !== undefined) query = query.where(sql<SqlBool>`sites.id = any(${[...filter.ids]}::uuid[])`);
    if (filter.notIds !== undefined) query = query.where(sql<SqlBool>`sites.id <> all(${[...filter.notIds]}::uuid[])`);
    for (const word of filter.q?.split(/\s+/).filter((part) => part !== '') ?? []) {
      query = query.where(
        sql<SqlBool>`(${contains('sites.name', word)} or ${contains('sites.code', word)}
          or ${contains('sites.address', word)} or ${contains('regions.name', word)})`,
      );
    }
    const sorts: Record<SiteSort, SortKey> = {
      code: { name: 'code', by: sql.ref('sites.code'), type: 'text' },
      name: { name: 'name', by: sql`lower(sites.name)`, type: 'text' },
      region: { name: 'region', by: sql`regions.code || ' ' || lower(sites.name)`, type: 'text' },
    };
    const own: SortKey = { ...sorts[request.sort ?? 'code'], descending: request.descending ?? false };
    const id = sql.ref('sites.id');
    const sort = request.ranking === undefined ? own : rankedSort(id, request.ranking, own);
    return readPage(query, { id, sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<SiteRecord> | null> {
    const row = await selectSites(db)
      .select('sites.version')
      .where(keyKind(key) === 'id' ? 'sites.id' : 'sites.code', '=', key as SiteId)
      .where(withinScope('regions.code', reach.scope))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.code, regionCode: entity.regionCode, version };
  }

  protected async lock(change: Change, id: SiteId): Promise<void> {
    await change.trx.selectFrom('sites').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(change: Change, draft: Partial<SiteDraft>, before: SiteRecord | null): Promise<void> {
    const latitude = draft.latitude === undefined ? (before?.latitude ?? null) : draft.latitude;
    const longitude = draft.longitude === undefined ? (before?.longitude ?? null) : draft.longitude;
    if ((latitude === null) !== (longitude === null)) {
      throw new ArungError('invalid', 'A position needs both latitude and longitude, or neither.', {
        code: 'site.half-position',
        details: [{ message: 'Give both, or neither.', field: latitude === null ? 'latitude' : 'longitude' }],
      });
    }
    const { trx, access } = change;
    const calendars = typeof draft.calendarId === 'string' ? [draft.calendarId] : [];
    await requireShared(trx, access, { table: 'calendars', ids: calendars, noun: 'calendar', field: 'calendarId' });
    const contacts = draft.contactIds ?? [];
    await requireShared(trx, access, { table: 'contacts', ids: contacts, noun: 'contact', field: 'contactIds' });
  }

  protected async insert(change: Change, id: SiteId, draft: SiteDraft, managedBy: string): Promise<void> {
    await change.trx
      .insertInto('sites')
      .values({
        id,
        code: draft.code,
        name: draft.name,
        kind: draft.kind,
        network: draft.network,
        rollout_status: draft.rolloutStatus ?? 'planned',
        region_id: await regionIdOf(change.trx, draft.region),
        latitude: draft.latitude ?? null,
        longitude: draft.longitude ?? null,
        address: draft.address ?? '',
        access_notes: draft.accessNotes ?? '',
        calendar_id: draft.calendarId ?? null,
        tags: draft.tags ?? [],
        managed_by: managedBy,
      })
      .execute();
    await writeContacts(change, id, draft.contactIds);
  }

  protected async write(change: Change, before: SiteRecord, patch: Partial<SiteDraft>): Promise<void> {
    const fields = givenFields({
      code: patch.code,
      name: patch.name,
      kind: patch.kind,
      network: patch.network,
      rollout_status: patch.rolloutStatus,
      region_id: patch.region === undefined ? undefined : await regionIdOf(change.trx, patch.region),
      latitude: patch.latitude,
      longitude: patch.longitude,
      address: patch.address,
      access_notes: patch.accessNotes,
      calendar_id: patch.calendarId,
      tags: patch.tags,
    });
    await change.trx
      .updateTable('sites')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
    await writeContacts(change, before.id, patch.contactIds);
  }

  protected async erase(change: Change, entity: SiteRecord): Promise<void> {
    await change.trx.deleteFrom('sites').where('id', '=', entity.id).execute();
  }
}

function selectSites(db: Kysely<Database>) {
  return db
    .selectFrom('sites')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .leftJoin('regions as districts', (join) =>
      join.on(sql<SqlBool>`districts.code = left(regions.code, 8) and length(regions.code) >= 8`),
    )
    .select([
      'sites.id as id',
      'sites.code as code',
      'sites.name as name',
      'sites.kind as kind',
      'sites.network as network',
      'sites.rollout_status as rolloutStatus',
      'sites.region_id as regionId',
      'regions.code as regionCode',
      'regions.name as regionName',
      'districts.name as districtName',
      'sites.latitude as latitude',
      'sites.longitude as longitude',
      'sites.address as address',
      'sites.access_notes as accessNotes',
      'sites.calendar_id as calendarId',
      'sites.tags as tags',
      'sites.managed_by as managedBy',
      sql<ContactId[]>`array(select contact_id::text from site_contacts
        where site_id = sites.id order by position, contact_id)`.as('contactIds'),
    ]);
}

/** A region by id or code; a code that nobody imported is the writer's to mend. */
export async function regionIdOf(db: Kysely<Database>, key: string) {
  const row = await db
    .selectFrom('regions')
    .select('id')
    .where(sql<SqlBool>`${sql.ref(keyKind(key) === 'id' ? 'id' : 'code')} = ${key}`)
    .executeTakeFirst();
  if (row !== undefined) return row.id;
  const message = `There is no region ${key}: import its regency first (arung regions import CODE), or mend the code.`;
  throw new ArungError('invalid', message, {
    code: 'site.region-missing',
    arguments: { value: key },
    details: [{ message, field: 'region', code: 'site.region-missing', arguments: { value: key } }],
  });
}

async function writeContacts(change: Change, siteId: SiteId, contactIds: readonly ContactId[] | undefined) {
  if (contactIds === undefined) return;
  await change.trx.deleteFrom('site_contacts').where('site_id', '=', siteId).execute();
  const rows = [...new Set(contactIds)].map((contactId, position) => ({
    site_id: siteId,
    contact_id: contactId,
    position,
  }));
  if (rows.length > 0) await change.trx.insertInto('site_contacts').values(rows).execute();
}
