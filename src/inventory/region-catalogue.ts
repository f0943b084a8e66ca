import { parse } from 'csv-parse/sync';
import { getDistricts, getProvinces, getRegencies, getVillages } from 'idn-area-data';
import { sql, type Kysely } from 'kysely';
import { readFile, readdir } from 'node:fs/promises';
import type { Database } from '../database/tables.ts';
import { inScope, scopeFor, type Access } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type RegionId } from '../domain/ids.ts';
import { isRegionCode, isWithin, levelOfCode, parentOfCode, type RegionLevel } from '../domain/region.ts';
import type { Change, Changes } from '../database/collection/changes.ts';

/** What an import of regions did, by level. */
export interface RegionImport {
  readonly code: string;
  readonly name: string;
  readonly created: number;
  readonly renamed: number;
  readonly unchanged: number;
  /** Regions that got their default point. */
  readonly placed: number;
  /** What lies in the code now: `{ regency: 1, district: 27, village: 372 }`. */
  readonly regions: Readonly<Record<RegionLevel, number>>;
}

interface Entry {
  readonly code: string;
  readonly name: string;
}

interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * The regions of Indonesia by the codes of the Ministry of Home Affairs. An import takes one code and all below it, and
 * the regions above it by which it is named; a second import changes nothing but names that have changed.
 */
export class RegionCatalogue {
  readonly #changes: Changes;
  readonly #clock: Clock;
  /** Folder with files `CODE-positions.csv`. */
  readonly #positions: URL;

  constructor(options: { readonly changes: Changes; readonly clock: Clock; readonly positions: URL }) {
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#positions = options.positions;
  }

  async import(access: Access, code: string, options: { reason?: string | undefined } = {}): Promise<RegionImport> {
    if (!isRegionCode(code)) {
      throw new ArungError(
        'invalid',
        `${code} is no region code: a regency's looks like 73.08, a province's like 73.`,
        {
          code: 'region.bad-code',
          arguments: { value: code },
        },
      );
    }
    if (!inScope(scopeFor(access, 'inventory.write'), code)) {
      throw new ArungError('forbidden', `You may not import the region ${code}: it lies outside your regions.`, {
        code: 'inventory.outside-regions',
        arguments: { name: code },
      });
    }
    const entries = await catalogueOf(code);
    const root = entries.find((entry) => entry.code === code);
    if (root === undefined) {
      throw new ArungError('not-found', `The Ministry of Home Affairs lists no region ${code}: mend the code.`, {
        code: 'region.not-listed',
        arguments: { value: code },
      });
    }
    const points = await this.#defaultPoints();
    return this.#changes.run(access, options.reason, async (change) => {
      const created = await this.#insertMissing(change, entries);
      const renamed = await renameChanged(change, entries);
      const placed = await placeDefaults(change, code, points);
      const regions = await countRegions(change.trx, code);
      const result = { code, name: root.name, created, renamed, placed, regions };
      if (created + renamed + placed > 0) {
        change.record({
          action: 'import',
          entityKind: 'region',
          entityId: null,
          entityName: code,
          before: null,
          after: result,
          regionCode: code,
        });
      }
      return { ...result, unchanged: entries.length - created - renamed };
    });
  }

  /**
   * A decree gives a region another code; everything below it moves with it. Ids, and with them sites, history and
   * grants, stay; the old codes are kept and still found.
   */
  async recode(access: Access, from: string, to: string, decree: string): Promise<number> {
    const scope = scopeFor(access, 'inventory.write');
    if (!isRegionCode(to) || levelOfCode(to) !== levelOfCode(from)) {
      throw new ArungError('invalid', `${to} is no code for the level of ${from}.`, {
        code: 'region.bad-code',
        arguments: { value: to },
      });
    }
    if (!inScope(scope, from) || !inScope(scope, to)) {
      throw new ArungError('forbidden', `You may not move ${from} to ${to}: both must lie in your regions.`, {
        code: 'inventory.outside-regions',
        arguments: { name: `${from}, ${to}` },
      });
    }
    const at = new Date(this.#clock.now());
    const parent = parentOfCode(to);
    return this.#changes.run(access, decree, async (change) => {
      const known = await change.trx.selectFrom('regions').select('code').where('code', '=', parent).execute();
      if (parent !== null && known.length === 0) {
        throw new ArungError('invalid', `There is no region ${parent} for ${to} to lie in: import it first.`, {
          code: 'region.no-parent',
          arguments: { value: parent },
        });
      }
      const moved = await sql<{ id: RegionId; code: string }>`update regions
        set code = ${to} || substr(code, ${from.length + 1}), version = version + 1
        where code = ${from} or code like ${from + '.%'} returning id, code`.execute(change.trx);
      if (moved.rows.length === 0) {
        throw new ArungError('not-found', `There is no region ${from}.`, {
          code: 'region.not-found',
          arguments: { key: from },
        });
      }
      const ids = moved.rows.map((row) => row.id);
      await change.trx
        .updateTable('region_codes')
        .set({ valid_to: at })
        .where('region_id', 'in', ids)
        .where('valid_to', 'is', null)
        .execute();
      await insertCodes(change, moved.rows, at, decree);
      change.record({
        action: 'recode',
        entityKind: 'region',
        entityId: null,
        entityName: from,
        before: { code: from },
        after: { code: to, regions: moved.rows.length },
        regionCode: to,
      });
      return moved.rows.length;
    });
  }

  async #insertMissing(change: Change, entries: readonly Entry[]): Promise<number> {
    const known = new Set(
      (
        await change.trx
          .selectFrom('regions')
          .select('code')
          .where(sql<string>`code`, 'in', sql<string>`(select unnest(${entries.map((entry) => entry.code)}::text[]))`)
          .execute()
      ).map((row) => row.code),
    );
    const rows = entries
      .filter((entry) => !known.has(entry.code))
      .map((entry) => ({ id: newId<RegionId>(), code: entry.code, name: entry.name, level: levelOfCode(entry.code) }));
    if (rows.length === 0) return 0;
    await sql`insert into regions (id, code, name, level)
      select id, code, name, level from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(id uuid, code text, name text, level text)`.execute(change.trx);
    await insertCodes(change, rows, new Date(this.#clock.now()), '');
    return rows.length;
  }

  async #defaultPoints(): Promise<ReadonlyMap<string, Point>> {
    const points = new Map<string, Point>();
    for (const file of await readdir(this.#positions)) {
      if (!file.endsWith('-positions.csv')) continue;
      const text = await readFile(new URL(file, this.#positions), 'utf8');
      const rows: Record<string, string>[] = parse(text, { columns: true, comment: '#', skip_empty_lines: true });
      for (const row of rows) {
        const point = { latitude: Number(row['latitude']), longitude: Number(row['longitude']) };
        if (Number.isNaN(point.latitude) || Number.isNaN(point.longitude)) {
          throw new ArungError('internal', `${file} gives no position for ${row['code']}: mend that file.`);
        }
        points.set(row['code'] ?? '', point);
      }
    }
    return points;
  }
}

/** A code with everything below it and what stands above it, the highest first. */
async function catalogueOf(code: string): Promise<Entry[]> {
  const above: string[] = [];
  for (let parent = parentOfCode(code); parent !== null; parent = parentOfCode(parent)) above.push(parent);
  const belongs = (entry: Entry) => isWithin(entry.code, code) || above.includes(entry.code);
  const lists = await Promise.all([getProvinces(), getRegencies(), getDistricts(), getVillages()]);
  return lists.flatMap((list: readonly Entry[]) => list.filter(belongs)).map(({ code, name }) => ({ code, name }));
}

async function renameChanged(change: Change, entries: readonly Entry[]): Promise<number> {
  const result = await sql`update regions set name = r.name, version = version + 1
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as r(code text, name text)
    where regions.code = r.code and regions.name <> r.name`.execute(change.trx);
  return Number(result.numAffectedRows ?? 0);
}

async function placeDefaults(change: Change, code: string, points: ReadonlyMap<string, Point>): Promise<number> {
  const rows = [...points].filter(([at]) => isWithin(at, code)).map(([at, point]) => ({ code: at, ...point }));
  const result = await sql`update regions
    set latitude = r.latitude, longitude = r.longitude, point_source = 'default', version = version + 1
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(code text, latitude float8, longitude float8)
    where regions.code = r.code and regions.latitude is null`.execute(change.trx);
  return Number(result.numAffectedRows ?? 0);
}

async function countRegions(db: Kysely<Database>, code: string): Promise<Record<RegionLevel, number>> {
  const counts: Record<RegionLevel, number> = { province: 0, regency: 0, district: 0, village: 0 };
  const rows = await db
    .selectFrom('regions')
    .select(['level', sql<number>`count(*)::int`.as('count')])
    .where(sql<boolean>`(code = ${code} or code like ${code + '.%'})`)
    .groupBy('level')
    .execute();
  for (const row of rows) counts[row.level] = row.count;
  return counts;
}

async function insertCodes(
  change: Change,
  regions: readonly { id: RegionId; code: string }[],
  at: Date,
  decree: string,
): Promise<void> {
  await sql`insert into region_codes (region_id, code, valid_from, decree)
    select id, code, ${at}::timestamptz, ${decree}
    from jsonb_to_recordset(${JSON.stringify(regions)}::jsonb) as r(id uuid, code text)`.execute(change.trx);
}
