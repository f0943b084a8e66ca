import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId, InterfaceId, LinkId, SharedRiskId, SiteId } from '../domain/ids.ts';
import { Link, type LinkMedium } from '../domain/link.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, keyKind, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest, type SortKey } from '../database/collection/paging.ts';
import { rankedSort, type Ranking } from './ranking.ts';
import { contains, reachOf, requireShared, type Reach } from '../database/collection/reach.ts';

/** A link with the names of its ends: `rtr-kahu-01:sfp1`. */
export interface LinkRecord extends Link {
  readonly aName: string;
  readonly bName: string;
}

const End = Type.Object({ interfaceId: Link.properties.a.properties.interfaceId }, { additionalProperties: false });
export const LinkDraft = Type.Object(
  {
    name: Link.properties.name,
    medium: Link.properties.medium,
    capacityBps: Link.properties.capacityBps,
    a: End,
    b: End,
    trunk: Type.Optional(Link.properties.trunk),
    sharedRiskIds: Type.Optional(Link.properties.sharedRiskIds),
    tags: Type.Optional(Link.properties.tags),
  },
  { additionalProperties: false },
);
export type LinkDraft = Static<typeof LinkDraft>;

export interface LinkFilter {
  /** A region and all below it: one end at least lies in it. */
  readonly region?: string | undefined;
  readonly site?: string | undefined;
  readonly device?: string | undefined;
  readonly medium?: readonly LinkMedium[] | undefined;
  readonly trunk?: boolean | undefined;
  /** Between sites (drawn on the map), or inside one. */
  readonly between?: 'sites' | 'inside' | undefined;
  readonly tag?: string | undefined;
  readonly q?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly notIds?: readonly string[] | undefined;
}

export const linkSorts = ['name', 'medium', 'capacity'] as const;
export type LinkSort = (typeof linkSorts)[number];

/** Links: seen by who may see both ends, written by who may write both. */
export class Links extends Collection<LinkRecord, LinkDraft> {
  protected readonly noun = 'link';

  async list(
    access: Access,
    request: {
      readonly filter?: LinkFilter;
      readonly page?: PageRequest;
      readonly sort?: LinkSort;
      readonly descending?: boolean;
      readonly ranking?: Ranking;
    } = {},
  ): Promise<Page<LinkRecord>> {
    const filter = request.filter ?? {};
    const { scope } = reachOf(access, this.readPermission);
    let query = selectLinks(this.db)
      .where(withinScope('a_regions.code', scope))
      .where(withinScope('b_regions.code', scope));
    if (filter.region !== undefined) {
      const region = { regionCodes: [filter.region] };
      query = query.where(
        sql<SqlBool>`(${withinScope('a_regions.code', region)} or ${withinScope('b_regions.code', region)})`,
      );
    }
    if (filter.site !== undefined) {
      query = query.where(
        sql<SqlBool>`${filter.site} in (a_sites.id::text, b_sites.id::text, a_sites.code, b_sites.code)`,
      );
    }
    if (filter.device !== undefined) {
      query = query.where(
        sql<SqlBool>`${filter.device} in (a_devices.id::text, b_devices.id::text, a_devices.name, b_devices.name)`,
      );
    }
    if (filter.medium !== undefined) query = query.where('links.medium', 'in', [...filter.medium]);
    if (filter.trunk !== undefined) query = query.where('links.trunk', '=', filter.trunk);
    if (filter.between !== undefined) {
      query = query.where(sql<SqlBool>`(a_sites.id = b_sites.id) = ${filter.between === 'inside'}`);
    }
    if (filter.tag !== undefined) query = query.where(sql<SqlBool>`${filter.tag} = any(links.tags)`);
    if (filter.ids !== undefined) query = query.where(sql<SqlBool>`links.id = any(${[...filter.ids]}::uuid[])`);
    if (filter.notIds !== undefined) query = query.where(sql<SqlBool>`links.id <> all(${[...filter.notIds]}::uuid[])`);
    for (const word of filter.q?.split(/\s+/).filter((part) => part !== '') ?? []) {
      query = query.where(
        sql<SqlBool>`(links.id::text = ${word} or ${contains('links.name', word)} or ${contains('a_devices.name', word)}
          or ${contains('b_devices.name', word)} or ${contains('a_sites.name', word)} or ${contains('b_sites.name', word)})`,
      );
    }
    const sorts: Record<LinkSort, SortKey> = {
      name: { name: 'name', by: sql`lower(links.name)`, type: 'text' },
      medium: { name: 'medium', by: sql`links.medium || ' ' || lower(links.name)`, type: 'text' },
      capacity: { name: 'capacity', by: sql.ref('links.capacity_bps'), type: 'float8' },
    };
    const own: SortKey = { ...sorts[request.sort ?? 'name'], descending: request.descending ?? false };
    const id = sql.ref('links.id');
    const sort = request.ranking === undefined ? own : rankedSort(id, request.ranking, own);
    const page = await readPage(query, { id, sort, page: request.page ?? {} });
    return { items: page.items.map(recordOf), next: page.next };
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<LinkRecord> | null> {
    const row = await selectLinks(db)
      .select(['links.version', 'a_regions.code as regionCode'])
      .where(keyKind(key) === 'id' ? 'links.id' : 'links.name', '=', key as LinkId)
      .where(withinScope('a_regions.code', reach.scope))
      .where(withinScope('b_regions.code', reach.scope))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, regionCode, ...rest } = row;
    return { entity: recordOf(rest), name: rest.name, regionCode, version };
  }

  protected async lock(change: Change, id: LinkId): Promise<void> {
    await change.trx.selectFrom('links').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(change: Change, draft: Partial<LinkDraft>, before: LinkRecord | null): Promise<void> {
    const a = draft.a?.interfaceId ?? before?.a.interfaceId;
    const b = draft.b?.interfaceId ?? before?.b.interfaceId;
    if (a === b) {
      throw new ArungError('invalid', 'A link joins two interfaces: its two ends must differ.', {
        code: 'link.same-ends',
        details: [{ message: 'It is the interface of the other end.', field: 'b' }],
      });
    }
    const known = new Set<string>(before?.sharedRiskIds);
    await requireShared(change.trx, change.access, {
      table: 'shared_risks',
      ids: (draft.sharedRiskIds ?? []).filter((id) => !known.has(id)),
      noun: 'shared risk',
      field: 'sharedRiskIds',
    });
  }

  protected async insert(change: Change, id: LinkId, draft: LinkDraft, managedBy: string): Promise<void> {
    await change.trx
      .insertInto('links')
      .values({
        id,
        name: draft.name,
        medium: draft.medium,
        capacity_bps: draft.capacityBps,
        trunk: draft.trunk ?? false,
        tags: draft.tags ?? [],
        managed_by: managedBy,
      })
      .execute();
    await writeEnds(change, id, draft.a.interfaceId, draft.b.interfaceId);
    await writeRisks(change, id, draft.sharedRiskIds);
  }

  protected async write(change: Change, before: LinkRecord, patch: Partial<LinkDraft>): Promise<void> {
    const fields = givenFields({
      name: patch.name,
      medium: patch.medium,
      capacity_bps: patch.capacityBps,
      trunk: patch.trunk,
      tags: patch.tags,
    });
    await change.trx
      .updateTable('links')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
    if (patch.a !== undefined || patch.b !== undefined) {
      await change.trx.deleteFrom('link_ends').where('link_id', '=', before.id).execute();
      const a = patch.a?.interfaceId ?? before.a.interfaceId;
      await writeEnds(change, before.id, a, patch.b?.interfaceId ?? before.b.interfaceId);
    }
    await writeRisks(change, before.id, patch.sharedRiskIds);
  }

  protected async erase(change: Change, entity: LinkRecord): Promise<void> {
    await change.trx.deleteFrom('links').where('id', '=', entity.id).execute();
  }
}

async function writeEnds(change: Change, id: LinkId, a: InterfaceId, b: InterfaceId): Promise<void> {
  await change.trx
    .insertInto('link_ends')
    .values([
      { link_id: id, side: 'a', interface_id: a },
      { link_id: id, side: 'b', interface_id: b },
    ])
    .execute();
}

async function writeRisks(change: Change, id: LinkId, riskIds: readonly SharedRiskId[] | undefined): Promise<void> {
  if (riskIds === undefined) return;
  await change.trx.deleteFrom('shared_risk_links').where('link_id', '=', id).execute();
  const rows = [...new Set(riskIds)].map((riskId) => ({ shared_risk_id: riskId, link_id: id }));
  if (rows.length > 0) await change.trx.insertInto('shared_risk_links').values(rows).execute();
}

interface FlatLink extends Omit<LinkRecord, 'a' | 'b'> {
  readonly aInterfaceId: InterfaceId;
  readonly aDeviceId: DeviceId;
  readonly aSiteId: SiteId;
  readonly bInterfaceId: InterfaceId;
  readonly bDeviceId: DeviceId;
  readonly bSiteId: SiteId;
}

function recordOf(row: FlatLink): LinkRecord {
  const { aInterfaceId, aDeviceId, aSiteId, bInterfaceId, bDeviceId, bSiteId, ...rest } = row;
  return {
    ...rest,
    a: { interfaceId: aInterfaceId, deviceId: aDeviceId, siteId: aSiteId },
    b: { interfaceId: bInterfaceId, deviceId: bDeviceId, siteId: bSiteId },
  };
}

function selectLinks(db: Kysely<Database>) {
  return db
    .selectFrom('links')
    .innerJoin('link_ends as a', (join) => join.onRef('a.link_id', '=', 'links.id').on('a.side', '=', 'a'))
    .innerJoin('interfaces as a_interfaces', 'a_interfaces.id', 'a.interface_id')
    .innerJoin('devices as a_devices', 'a_devices.id', 'a_interfaces.device_id')
    .innerJoin('sites as a_sites', 'a_sites.id', 'a_devices.site_id')
    .innerJoin('regions as a_regions', 'a_regions.id', 'a_sites.region_id')
    .innerJoin('link_ends as b', (join) => join.onRef('b.link_id', '=', 'links.id').on('b.side', '=', 'b'))
    .innerJoin('interfaces as b_interfaces', 'b_interfaces.id', 'b.interface_id')
    .innerJoin('devices as b_devices', 'b_devices.id', 'b_interfaces.device_id')
    .innerJoin('sites as b_sites', 'b_sites.id', 'b_devices.site_id')
    .innerJoin('regions as b_regions', 'b_regions.id', 'b_sites.region_id')
    .select([
      'links.id as id',
      'links.name as name',
      'links.medium as medium',
      'links.capacity_bps as capacityBps',
      'links.trunk as trunk',
      'links.tags as tags',
      'links.managed_by as managedBy',
      'a.interface_id as aInterfaceId',
      'a_devices.id as aDeviceId',
      'a_sites.id as aSiteId',
      'b.interface_id as bInterfaceId',
      'b_devices.id as bDeviceId',
      'b_sites.id as bSiteId',
      sql<string>`a_devices.name || ':' || a_interfaces.name`.as('aName'),
      sql<string>`b_devices.name || ':' || b_interfaces.name`.as('bName'),
      sql<SharedRiskId[]>`array(select shared_risk_id::text from shared_risk_links
        where link_id = links.id order by shared_risk_id)`.as('sharedRiskIds'),
    ]);
}
