import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { LinkId, SharedRiskId, SiteId } from '../domain/ids.ts';
import { SharedRisk } from '../domain/link.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { contains, creatorOf, reachOf, sharedWithin, usersOf, type Reach } from '../database/collection/reach.ts';

export const SharedRiskDraft = Type.Object(
  {
    name: SharedRisk.properties.name,
    kind: SharedRisk.properties.kind,
    linkIds: Type.Optional(SharedRisk.properties.linkIds),
    siteIds: Type.Optional(SharedRisk.properties.siteIds),
  },
  { additionalProperties: false },
);
export type SharedRiskDraft = Static<typeof SharedRiskDraft>;

/** Ducts, poles and power feeders: what fails together. A reader is shown the members in their regions only. */
export class SharedRisks extends Collection<SharedRisk, SharedRiskDraft> {
  protected readonly noun = 'shared risk';

  async list(access: Access, request: { q?: string | undefined; page?: PageRequest } = {}): Promise<Page<SharedRisk>> {
    const reach = reachOf(access, this.readPermission);
    let query = selectRisks(this.db, reach).where(within(reach));
    if (request.q !== undefined) query = query.where(contains('shared_risks.name', request.q));
    const sort = { name: 'name', by: sql`lower(shared_risks.name)`, type: 'text' } as const;
    return readPage(query, { id: sql.ref('shared_risks.id'), sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<SharedRisk> | null> {
    const row = await selectRisks(db, reach)
      .select('shared_risks.version')
      .where(sql<SqlBool>`${key} in (shared_risks.id::text, shared_risks.name)`)
      .where(within(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: null, version };
  }

  protected async lock(change: Change, id: SharedRiskId): Promise<void> {
    await change.trx.selectFrom('shared_risks').select('id').where('id', '=', id).forUpdate().execute();
  }

  /** Members by id open no way to strangers: whoever puts one in must be able to write it. */
  protected override async check(change: Change, draft: Partial<SharedRiskDraft>): Promise<void> {
    const { scope } = reachOf(change.access, this.writePermission);
    if (scope === 'everywhere') return;
    const sites = draft.siteIds ?? [];
    const links = draft.linkIds ?? [];
    const found = await sql<{ id: string }>`
      select sites.id::text from sites join regions on regions.id = sites.region_id
      where sites.id = any(${[...sites]}::uuid[]) and ${withinScope('regions.code', scope)}
      union all
      select link_id::text from link_ends join interfaces on interfaces.id = interface_id
      join devices on devices.id = device_id join sites on sites.id = site_id join regions on regions.id = region_id
      where link_id = any(${[...links]}::uuid[])
      group by link_id having bool_and(${withinScope('regions.code', scope)})`.execute(change.trx);
    const missing = [...sites, ...links].find((id) => !found.rows.some((row) => row.id === id));
    if (missing === undefined) return;
    throw new ArungError('invalid', `There is no site or link with the id ${missing} in your regions.`, {
      code: 'shared-risk.member-missing',
      arguments: { value: missing },
    });
  }

  protected async insert(change: Change, id: SharedRiskId, draft: SharedRiskDraft): Promise<void> {
    await change.trx
      .insertInto('shared_risks')
      .values({ id, name: draft.name, kind: draft.kind, created_by: creatorOf(change.access) })
      .execute();
    await writeMembers(change, id, draft);
  }

  protected async write(change: Change, before: SharedRisk, patch: Partial<SharedRiskDraft>): Promise<void> {
    const fields = givenFields({ name: patch.name, kind: patch.kind });
    await change.trx
      .updateTable('shared_risks')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
    await writeMembers(change, before.id, patch);
  }

  protected async erase(change: Change, entity: SharedRisk): Promise<void> {
    await change.trx.deleteFrom('shared_risks').where('id', '=', entity.id).execute();
  }
}

async function writeMembers(change: Change, id: SharedRiskId, draft: Partial<SharedRiskDraft>): Promise<void> {
  if (draft.linkIds !== undefined) {
    await change.trx.deleteFrom('shared_risk_links').where('shared_risk_id', '=', id).execute();
    const rows = [...new Set(draft.linkIds)].map((linkId) => ({ shared_risk_id: id, link_id: linkId }));
    if (rows.length > 0) await change.trx.insertInto('shared_risk_links').values(rows).execute();
  }
  if (draft.siteIds !== undefined) {
    await change.trx.deleteFrom('shared_risk_sites').where('shared_risk_id', '=', id).execute();
    const rows = [...new Set(draft.siteIds)].map((siteId) => ({ shared_risk_id: id, site_id: siteId }));
    if (rows.length > 0) await change.trx.insertInto('shared_risk_sites').values(rows).execute();
  }
}

function within(reach: Reach) {
  return sharedWithin(usersOf.shared_risks, 'shared_risks.created_by', reach);
}

function selectRisks(db: Kysely<Database>, reach: Reach) {
  return db.selectFrom('shared_risks').select([
    'shared_risks.id as id',
    'shared_risks.name as name',
    'shared_risks.kind as kind',
    sql<LinkId[]>`array(
        select m.link_id::text from shared_risk_links m
        join link_ends e on e.link_id = m.link_id join interfaces i on i.id = e.interface_id
        join devices d on d.id = i.device_id join sites s on s.id = d.site_id join regions r on r.id = s.region_id
        where m.shared_risk_id = shared_risks.id
        group by m.link_id having bool_and(${withinScope('r.code', reach.scope)}) order by m.link_id)`.as('linkIds'),
    sql<SiteId[]>`array(
        select m.site_id::text from shared_risk_sites m
        join sites s on s.id = m.site_id join regions r on r.id = s.region_id
        where m.shared_risk_id = shared_risks.id and ${withinScope('r.code', reach.scope)} order by m.site_id)`.as(
      'siteIds',
    ),
  ]);
}
