import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { ServiceId } from '../domain/ids.ts';
import { Service } from '../domain/link.ts';
import { problemOf } from '../domain/service-check.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { contains, reachOf, type Reach } from '../database/collection/reach.ts';

export const ServiceDraft = Type.Object(
  {
    code: Service.properties.code,
    name: Service.properties.name,
    siteId: Service.properties.siteId,
    deviceId: Type.Optional(Service.properties.deviceId),
    url: Type.Optional(Service.properties.url),
    checks: Type.Optional(Service.properties.checks),
    usedBy: Type.Optional(Service.properties.usedBy),
  },
  { additionalProperties: false },
);
export type ServiceDraft = Static<typeof ServiceDraft>;

/** With the region of the site that carries it. */
export type PlacedService = Service & { readonly regionCode: string };

/**
 * The applications of the government that the backbone carries. Readers find those that stand in their regions and those
 * that active sites there use; how much of the latter they may know is said where they are shown.
 */
export class Services extends Collection<Service, ServiceDraft> {
  protected readonly noun = 'service';

  async list(
    access: Access,
    request: { q?: string | undefined; page?: PageRequest } = {},
  ): Promise<Page<PlacedService>> {
    let query = selectServices(this.db)
      .select('regions.code as regionCode')
      .where(seenWithin(reachOf(access, this.readPermission)));
    if (request.q !== undefined) {
      query = query.where(
        sql<SqlBool>`(${contains('services.name', request.q)} or ${contains('services.code', request.q)})`,
      );
    }
    const sort = { name: 'code', by: sql.ref('services.code'), type: 'text' } as const;
    return readPage(query, { id: sql.ref('services.id'), sort, page: request.page ?? {} });
  }

  /** All there are, by code: for who looks at them. */
  async all(): Promise<readonly Service[]> {
    return selectServices(this.db).orderBy('services.code').execute();
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Service> | null> {
    const row = await selectServices(db)
      .select(['services.version', 'regions.code as regionCode'])
      .where(sql<SqlBool>`${key} in (services.id::text, services.code)`)
      .where(seenWithin(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, regionCode, ...entity } = row;
    return { entity, name: entity.code, regionCode, version };
  }

  protected async lock(change: Change, id: ServiceId): Promise<void> {
    await change.trx.selectFrom('services').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(change: Change, draft: Partial<ServiceDraft>, before: Service | null): Promise<void> {
    for (const [index, one] of (draft.checks ?? before?.checks ?? []).entries()) {
      const problem = problemOf(one, draft.url ?? before?.url ?? '');
      if (problem === null) continue;
      throw new ArungError('invalid', problem.message, {
        code: 'service.check-incomplete',
        arguments: { kind: one.kind, field: problem.field },
        details: [{ message: problem.message, field: `checks.${index}.${problem.field}` }],
      });
    }
    const deviceId = draft.deviceId === undefined ? (before?.deviceId ?? null) : draft.deviceId;
    const siteId = draft.siteId ?? before?.siteId;
    if (deviceId === null) return;
    const device = await change.trx
      .selectFrom('devices')
      .select('site_id')
      .where('id', '=', deviceId)
      .executeTakeFirst();
    if (device?.site_id === siteId) return;
    const message = 'The device of a service must stand at its site.';
    throw new ArungError('invalid', message, {
      code: 'service.device-elsewhere',
      details: [{ message, field: 'deviceId' }],
    });
  }

  protected async insert(change: Change, id: ServiceId, draft: ServiceDraft): Promise<void> {
    await change.trx
      .insertInto('services')
      .values({
        id,
        code: draft.code,
        name: draft.name,
        site_id: draft.siteId,
        device_id: draft.deviceId ?? null,
        url: draft.url ?? '',
        checks: JSON.stringify(draft.checks ?? []),
        used_by: draft.usedBy ?? [],
      })
      .execute();
  }

  protected async write(change: Change, before: Service, patch: Partial<ServiceDraft>): Promise<void> {
    const fields = givenFields({
      code: patch.code,
      name: patch.name,
      site_id: patch.siteId,
      device_id: patch.deviceId,
      url: patch.url,
      checks: patch.checks && JSON.stringify(patch.checks),
      used_by: patch.usedBy,
    });
    await change.trx
      .updateTable('services')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: Service): Promise<void> {
    await change.trx.deleteFrom('services').where('id', '=', entity.id).execute();
  }
}

/** The rule of `usesService`, asked in the database. */
function seenWithin(reach: Reach): RawBuilder<SqlBool> {
  const stands = withinScope('regions.code', reach.scope);
  if (reach.scope === 'everywhere' || reach.writing) return sql<SqlBool>`${stands}`;
  return sql<SqlBool>`(${stands} or exists (
    select 1 from sites users join regions places on places.id = users.region_id
    where users.rollout_status = 'active' and ${withinScope('places.code', reach.scope)}
      and (cardinality(services.used_by) = 0
        or services.used_by && array[users.code, users.kind::text, users.network::text])))`;
}

function selectServices(db: Kysely<Database>) {
  return db
    .selectFrom('services')
    .innerJoin('sites', 'sites.id', 'services.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'services.id as id',
      'services.code as code',
      'services.name as name',
      'services.site_id as siteId',
      'services.device_id as deviceId',
      'services.url as url',
      'services.checks as checks',
      'services.used_by as usedBy',
    ]);
}
