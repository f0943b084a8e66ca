import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import { inScope, scopeFor, type Access, type Scope } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { parentOfCode, type Region, type RegionLevel } from '../domain/region.ts';
import type { Changes } from '../database/collection/changes.ts';
import { differenceOf, keyKind, type Kept, type WriteOptions } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { contains, likeLiteral } from '../database/collection/reach.ts';

/** A region with how much lies in it, below it included. */
export interface RegionRecord extends Region {
  readonly pointSource: 'default' | 'boundary' | 'person' | null;
  readonly hasBoundary: boolean;
}

export const RegionPoint = Type.Object(
  {
    latitude: Type.Union([Type.Number({ minimum: -90, maximum: 90 }), Type.Null()]),
    longitude: Type.Union([Type.Number({ minimum: -180, maximum: 180 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type RegionPoint = Static<typeof RegionPoint>;

/**
 * Administrative units. A reader sees their own, all below, and those above by which a place is named; they are made by
 * `RegionCatalogue` and by import, never one by one.
 */
export class Regions {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  #districts: { readonly version: number; readonly names: ReadonlyMap<string, string> } | null = null;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes }) {
    this.#db = options.db;
    this.#changes = options.changes;
  }

  async list(
    access: Access,
    request: {
      parent?: string | undefined;
      level?: RegionLevel | undefined;
      q?: string | undefined;
      page?: PageRequest;
    } = {},
  ): Promise<Page<RegionRecord>> {
    let query = selectRegions(this.#db).where(visible(scopeFor(access, 'inventory.read')));
    if (request.parent !== undefined) {
      query = query.where(sql<SqlBool>`regions.code like ${likeLiteral(request.parent) + '.%'}`);
    }
    if (request.level !== undefined) query = query.where('regions.level', '=', request.level);
    if (request.q !== undefined) {
      const { q } = request;
      query = query.where(sql<SqlBool>`(${contains('regions.name', q)} or regions.code like ${likeLiteral(q) + '%'})`);
    }
    const sort = { name: 'code', by: sql.ref('regions.code'), type: 'text' } as const;
    const page = await readPage(query, { id: sql.ref('regions.id'), sort, page: request.page ?? {} });
    return { items: page.items.map(recordOf), next: page.next };
  }

  /** By id or code; a code that a decree has changed still finds its region. */
  async get(access: Access, key: string): Promise<Kept<RegionRecord>> {
    const kept = await this.#find(this.#db, key, scopeFor(access, 'inventory.read'));
    if (kept === null) throw notFound(key);
    return kept;
  }

  /** Corrects where a region's own point lies. */
  async setPoint(
    access: Access,
    key: string,
    point: RegionPoint,
    options: WriteOptions = {},
  ): Promise<Kept<RegionRecord>> {
    if ((point.latitude === null) !== (point.longitude === null)) {
      throw new ArungError('invalid', 'A point needs both latitude and longitude, or neither.', {
        code: 'region.half-point',
      });
    }
    return this.#changes.run(access, options.reason, async (change) => {
      const before = await this.#find(change.trx, key, scopeFor(access, 'inventory.read'));
      if (before === null) throw notFound(key);
      if (!inScope(scopeFor(access, 'inventory.write'), before.entity.code)) {
        throw new ArungError(
          'forbidden',
          `The region ${before.entity.name} lies outside those in which you may write.`,
          {
            code: 'inventory.outside-regions',
            arguments: { name: before.entity.name },
          },
        );
      }
      if (options.version !== undefined && options.version !== before.version) {
        throw new ArungError('stale', `${before.entity.name} was changed since you read it: read it again.`, {
          code: 'inventory.stale-version',
          arguments: { expected: options.version, actual: before.version },
        });
      }
      await change.trx
        .updateTable('regions')
        .set({ ...point, point_source: point.latitude === null ? null : 'person', version: sql`version + 1` })
        .where('id', '=', before.entity.id)
        .execute();
      const after = await this.#find(change.trx, before.entity.id, 'everywhere');
      if (after === null) throw notFound(key);
      const difference = differenceOf(before.entity, after.entity);
      if (difference === null) return after;
      change.record({
        action: 'update',
        entityKind: 'region',
        entityId: after.entity.id,
        entityName: after.entity.code,
        regionCode: after.entity.code,
        ...difference,
      });
      return after;
    });
  }

  /** Names of all kecamatan by code, read once for each version of the inventory. */
  async districtNames(version: number): Promise<ReadonlyMap<string, string>> {
    if (this.#districts?.version !== version) {
      const rows = await this.#db
        .selectFrom('regions')
        .select(['code', 'name'])
        .where('level', '=', 'district')
        .execute();
      this.#districts = { version, names: new Map(rows.map((row) => [row.code, row.name])) };
    }
    return this.#districts.names;
  }

  async #find(db: Kysely<Database>, key: string, scope: Scope): Promise<Kept<RegionRecord> | null> {
    const byKey =
      keyKind(key) === 'id'
        ? sql<SqlBool>`regions.id = ${key}`
        : sql<SqlBool>`(regions.code = ${key} or not exists (select 1 from regions where code = ${key})
            and regions.id = (select region_id from region_codes where code = ${key} order by valid_from desc limit 1))`;
    const row = await selectRegions(db).select('regions.version').where(byKey).where(visible(scope)).executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...rest } = row;
    return { entity: recordOf(rest), name: rest.code, regionCode: rest.code, version };
  }
}

function visible(scope: Scope) {
  if (scope === 'everywhere' || scope.regionCodes.length === 0) return withinScope('regions.code', scope);
  const above = [...scope.regionCodes].map((code) => sql<SqlBool>`${code} like regions.code || '.%'`);
  return sql<SqlBool>`(${withinScope('regions.code', scope)} or ${sql.join(above, sql` or `)})`;
}

function notFound(key: string): ArungError {
  return new ArungError('not-found', `There is no region ${key} in your regions.`, {
    code: 'region.not-found',
    arguments: { key },
  });
}

function recordOf(row: Omit<RegionRecord, 'parentCode'>): RegionRecord {
  return { ...row, parentCode: parentOfCode(row.code) };
}

function selectRegions(db: Kysely<Database>) {
  return db
    .selectFrom('regions')
    .select([
      'regions.id as id',
      'regions.code as code',
      'regions.name as name',
      'regions.level as level',
      'regions.latitude as latitude',
      'regions.longitude as longitude',
      'regions.point_source as pointSource',
      sql<boolean>`exists (select 1 from boundaries where boundaries.region_id = regions.id)`.as('hasBoundary'),
    ]);
}
