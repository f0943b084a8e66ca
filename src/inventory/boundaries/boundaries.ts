import { sql, type Kysely } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RegionId } from '../../domain/ids.ts';
import type { RegionLevel } from '../../domain/region.ts';
import type { Changes } from '../changes.ts';
import { pointInside } from './geometry.ts';
import { readGeoJson, type ReadBoundary } from './read-geojson.ts';

export interface BoundaryImport {
  readonly dryRun: boolean;
  /** The property that was read as region code. */
  readonly property: string;
  readonly created: number;
  readonly replaced: number;
  readonly unchanged: number;
  /** Features whose code no region has, when they were asked to be left out. */
  readonly ignored: number;
  /** Regions that had no point and got one inside their boundary. */
  readonly placed: number;
}

export interface BoundaryStatus {
  readonly regions: Readonly<Record<RegionLevel, number>>;
  /** Where they came from, as the importer was told; the newest first. */
  readonly sources: readonly { readonly source: string; readonly regions: number; readonly importedAt: string }[];
}

/** Boundaries of regions, imported by an administrator: they replace the territories that are computed from points. */
export class Boundaries {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly clock: Clock }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
  }

  /**
   * Imports a GeoJSON FeatureCollection, all of it or nothing. `source` says where it comes from: it is shown on the
   * map, and its licence may ask for that.
   */
  async import(
    access: Access,
    text: string,
    options: {
      readonly source: string;
      readonly property?: string | undefined;
      readonly ignoreUnknown?: boolean | undefined;
      readonly dryRun?: boolean | undefined;
      readonly reason?: string | undefined;
    },
  ): Promise<BoundaryImport> {
    const { boundaries, problems, property } = readGeoJson(text, options);
    return this.#changes.run(access, options.reason, async (change) => {
      const regions = await this.#regionsOf(change.trx, boundaries);
      const scope = scopeFor(access, 'inventory.write');
      const seen = new Map<string, number>();
      const good: (ReadBoundary & { readonly region: RegionRow })[] = [];
      let ignored = 0;
      for (const boundary of boundaries) {
        const { code, feature } = boundary;
        const region = regions.get(code);
        const first = seen.get(code);
        if (first !== undefined) {
          const says = `${code} stands twice in the file, first as feature ${first + 1}.`;
          problems.add(feature, 'duplicate', says, { value: code, otherFeature: first + 1 });
          continue;
        }
        seen.set(code, feature);
        if (region === undefined || !inScope(scope, code)) {
          if (options.ignoreUnknown === true) ignored++;
          else problems.add(feature, 'does-not-exist', `${code} does not exist in your regions.`, { value: code });
          continue;
        }
        good.push({ ...boundary, region });
      }
      if (problems.count > 0) throw problems.refusal();

      const rows = good.map(({ region, polygons }) => ({
        region_id: region.id,
        geometry: { type: 'MultiPolygon', coordinates: polygons },
        source: options.source,
        known: region.known,
        same: region.source === options.source && region.geometry === JSON.stringify(polygons),
        point: region.latitude === null ? pointInside(polygons) : null,
      }));
      const fresh = rows.filter((row) => !row.same);
      const result: BoundaryImport = {
        dryRun: options.dryRun === true,
        property,
        created: fresh.filter((row) => !row.known).length,
        replaced: fresh.filter((row) => row.known).length,
        unchanged: rows.length - fresh.length,
        ignored,
        placed: rows.filter((row) => row.point !== null).length,
      };
      if (result.dryRun) return result;
      await sql`insert into boundaries (region_id, geometry, source, imported_at)
        select region_id, geometry, source, ${new Date(this.#clock.now())}::timestamptz
        from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) as r(region_id uuid, geometry jsonb, source text)
        on conflict (region_id) do update set geometry = excluded.geometry, source = excluded.source,
          imported_at = excluded.imported_at`.execute(change.trx);
      const placed = rows.filter((row) => row.point !== null).map((row) => ({ id: row.region_id, ...row.point }));
      await sql`update regions set latitude = r.latitude, longitude = r.longitude, point_source = 'boundary',
          version = version + 1
        from jsonb_to_recordset(${JSON.stringify(placed)}::jsonb) as r(id uuid, latitude float8, longitude float8)
        where regions.id = r.id`.execute(change.trx);
      if (fresh.length + placed.length > 0) {
        change.record({
          action: 'import',
          entityKind: 'boundary',
          entityId: null,
          entityName: options.source,
          before: null,
          after: result,
          regionCode: commonPrefix(good.map((one) => one.code)),
        });
      }
      return result;
    });
  }

  async status(access: Access): Promise<BoundaryStatus> {
    const rows = await this.#db
      .selectFrom('boundaries')
      .innerJoin('regions', 'regions.id', 'boundaries.region_id')
      .select(['regions.level', 'boundaries.source'])
      .select(sql<number>`count(*)::int`.as('count'))
      .select(sql<Date>`max(imported_at)`.as('at'))
      .where(withinScope('regions.code', scopeFor(access, 'inventory.read')))
      .groupBy(['regions.level', 'boundaries.source'])
      .orderBy('at', 'desc')
      .execute();
    const regions: Record<RegionLevel, number> = { province: 0, regency: 0, district: 0, village: 0 };
    const sources = new Map<string, { source: string; regions: number; importedAt: string }>();
    for (const row of rows) {
      regions[row.level] += row.count;
      const known = sources.get(row.source) ?? { source: row.source, regions: 0, importedAt: row.at.toISOString() };
      sources.set(row.source, { ...known, regions: known.regions + row.count });
    }
    return { regions, sources: [...sources.values()] };
  }

  /** Takes the boundaries of a region and all below it away: its territories are computed from points again. */
  async remove(access: Access, regionCode: string, options: { reason?: string | undefined } = {}): Promise<number> {
    return this.#changes.run(access, options.reason, async (change) => {
      const gone = await sql`delete from boundaries using regions where regions.id = boundaries.region_id
        and ${withinScope('regions.code', { regionCodes: [regionCode] })}
        and ${withinScope('regions.code', scopeFor(access, 'inventory.write'))}`.execute(change.trx);
      const count = Number(gone.numAffectedRows ?? 0);
      if (count > 0) {
        change.record({
          action: 'remove',
          entityKind: 'boundary',
          entityId: null,
          entityName: regionCode,
          before: { regions: count },
          after: null,
          regionCode,
        });
      }
      return count;
    });
  }

  async #regionsOf(db: Kysely<Database>, boundaries: readonly ReadBoundary[]): Promise<Map<string, RegionRow>> {
    const codes = boundaries.map((boundary) => boundary.code);
    const rows = await sql<Omit<RegionRow, 'geometry'> & { coordinates: unknown }>`
      select regions.id, code, latitude, boundaries.region_id is not null as known, boundaries.source,
        boundaries.geometry -> 'coordinates' as coordinates
      from regions left join boundaries on boundaries.region_id = regions.id
      where code = any(${codes}::text[])`.execute(db);
    return new Map(
      rows.rows.map(({ coordinates, ...row }) => [row.code, { ...row, geometry: JSON.stringify(coordinates) }]),
    );
  }
}

interface RegionRow {
  readonly id: RegionId;
  readonly code: string;
  readonly latitude: number | null;
  readonly known: boolean;
  readonly source: string | null;
  readonly geometry: string;
}

function commonPrefix(codes: readonly string[]): string | null {
  const [first] = codes;
  if (first === undefined) return null;
  const parts = first.split('.');
  while (parts.length > 0) {
    const prefix = parts.join('.');
    if (codes.every((code) => code === prefix || code.startsWith(prefix + '.'))) return prefix;
    parts.pop();
  }
  return null;
}
