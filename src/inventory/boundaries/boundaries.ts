import { sql, type Kysely } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RegionId } from '../../domain/ids.ts';
import type { RegionLevel } from '../../domain/region.ts';
import { ArungError } from '../../domain/errors.ts';
import type { Changes } from '../../database/collection/changes.ts';
import { Reading, type BoundaryText, type LaterProblem, type Problems } from './reading.ts';

/** Characters of coordinates in one statement. */
const charactersAtOnce = 1_000_000;

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

export interface ImportOptions {
  readonly source: string;
  readonly property?: string | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** How far an import is: the file is read and checked, then its boundaries are kept. */
export interface ImportProgress {
  readonly phase: 'reading' | 'keeping';
  /** Of this phase, 0 to 1. */
  readonly share: number;
}

export interface BoundaryStatus {
  /** Of the import that is under way; null while none is. */
  readonly running: ImportProgress | null;
  readonly regions: Readonly<Record<RegionLevel, number>>;
  /** Where they came from, as the importer was told; the newest first. */
  readonly sources: readonly { readonly source: string; readonly regions: number; readonly importedAt: string }[];
}

/** Boundaries of regions, imported by an administrator: they replace the territories that are computed from points. */
export class Boundaries {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #clock: Clock;
  #running: ImportProgress | null = null;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly clock: Clock }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
  }

  /**
   * Imports a GeoJSON FeatureCollection, all of it or nothing. `source` says where it comes from: it is shown on the
   * map, and its licence may ask for that. One at a time: `conflict` while another is under way.
   */
  async import(access: Access, text: string, options: ImportOptions): Promise<BoundaryImport> {
    if (this.#running !== null) throw alreadyRunning();
    const running = { phase: 'reading', share: 0 };
    this.#running = running as ImportProgress;
    const tell = (phase: ImportProgress['phase'], share: number): void => void Object.assign(running, { phase, share });
    try {
      const reading = await Reading.of({ text, property: options.property }, (share) => tell('reading', share));
      try {
        return await this.#keep(access, reading, options, (share) => tell('keeping', share));
      } finally {
        await reading.close();
      }
    } finally {
      this.#running = null;
    }
  }

  #keep(
    access: Access,
    reading: Reading,
    options: ImportOptions,
    tell: (share: number) => void,
  ): Promise<BoundaryImport> {
    return this.#changes.run(access, options.reason, async (change) => {
      const { trx } = change;
      const { good, ignored } = await this.#known(trx, access, reading, options.ignoreUnknown === true);
      const dryRun = options.dryRun === true;
      const { source } = options;
      const at = new Date(this.#clock.now());
      const fresh = new Set<RegionId>();
      for (const part of inParts(good)) {
        const ids = dryRun ? await differing(trx, part, source) : await kept(trx, part, source, at);
        for (const id of ids) fresh.add(id);
        tell(part.end / good.length);
      }
      const created = good.filter(({ region }) => !region.known && fresh.has(region.id)).length;
      const placed = good.filter(({ region }) => region.latitude === null);
      const result: BoundaryImport = {
        dryRun,
        property: reading.property,
        created,
        replaced: fresh.size - created,
        unchanged: good.length - fresh.size,
        ignored,
        placed: placed.length,
      };
      if (dryRun) return result;
      await place(trx, placed);
      if (fresh.size + placed.length > 0) {
        change.record({
          action: 'import',
          entityKind: 'boundary',
          entityId: null,
          entityName: source,
          before: null,
          after: result,
          regionCode: commonPrefix(good.map((one) => one.code)),
        });
      }
      return result;
    });
  }

  /** The boundaries whose regions are within reach. Throws `invalid` with all that is wrong with the file. */
  async #known(
    db: Kysely<Database>,
    access: Access,
    reading: Reading,
    ignoreUnknown: boolean,
  ): Promise<{ good: KnownBoundary[]; ignored: number }> {
    const regions = await regionsOf(db, reading.boundaries);
    const scope = scopeFor(access, 'inventory.write');
    const good: KnownBoundary[] = [];
    const unknown: LaterProblem[] = [];
    for (const boundary of reading.boundaries) {
      const { code, feature } = boundary;
      const region = regions.get(code);
      if (region !== undefined && inScope(scope, code)) good.push({ ...boundary, region });
      else {
        const says = `${code} does not exist in your regions.`;
        unknown.push({ feature, code: 'does-not-exist', says, args: { value: code } });
      }
    }
    if (!ignoreUnknown) await reading.add(unknown);
    if (reading.problems.count > 0) throw refusal(reading.problems);
    return { good, ignored: unknown.length };
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
    return { running: this.#running, regions, sources: [...sources.values()] };
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
}

interface RegionRow {
  readonly id: RegionId;
  readonly code: string;
  readonly latitude: number | null;
  /** Whether it has a boundary. */
  readonly known: boolean;
}
type KnownBoundary = BoundaryText & { readonly region: RegionRow };

async function regionsOf(db: Kysely<Database>, boundaries: readonly BoundaryText[]): Promise<Map<string, RegionRow>> {
  const codes = boundaries.map((boundary) => boundary.code);
  const { rows } = await sql<RegionRow>`
    select regions.id, code, latitude, boundaries.region_id is not null as known
    from regions left join boundaries on boundaries.region_id = regions.id
    where code = any(${codes}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.code, row]));
}

interface Part {
  /** A JSON list of rows: region_id, geometry. */
  readonly rows: string;
  /** How many boundaries are done with it. */
  readonly end: number;
}

/** Some boundaries at a time, as texts: PostgreSQL reads them, this thread only hands them on. */
function* inParts(good: readonly KnownBoundary[]): Iterable<Part> {
  let rows: string[] = [];
  let characters = 0;
  for (const [index, { region, coordinates }] of good.entries()) {
    rows.push(`{"region_id":"${region.id}","geometry":{"type":"MultiPolygon","coordinates":${coordinates}}}`);
    characters += coordinates.length;
    if (characters < charactersAtOnce && index + 1 < good.length) continue;
    yield { rows: `[${rows.join(',')}]`, end: index + 1 };
    rows = [];
    characters = 0;
  }
}

const rowsOf = (part: Part) => sql`jsonb_to_recordset(${part.rows}::jsonb) as r(region_id uuid, geometry jsonb)`;

/** Regions whose boundary is another, or from elsewhere, or new. */
async function differing(db: Kysely<Database>, part: Part, source: string): Promise<readonly RegionId[]> {
  const { rows } = await sql<{ id: RegionId }>`select r.region_id as id
    from ${rowsOf(part)} left join boundaries using (region_id)
    where boundaries.geometry is distinct from r.geometry or boundaries.source is distinct from ${source}`.execute(db);
  return rows.map((row) => row.id);
}

/** Writes those that differ, and tells which. */
async function kept(db: Kysely<Database>, part: Part, source: string, at: Date): Promise<readonly RegionId[]> {
  const { rows } = await sql<{ id: RegionId }>`insert into boundaries (region_id, geometry, source, imported_at)
    select region_id, geometry, ${source}::text, ${at}::timestamptz from ${rowsOf(part)}
    on conflict (region_id) do update set geometry = excluded.geometry, source = excluded.source,
      imported_at = excluded.imported_at
    where boundaries.geometry <> excluded.geometry or boundaries.source <> excluded.source
    returning region_id as id`.execute(db);
  return rows.map((row) => row.id);
}

/** Gives regions without a point one inside their boundary. */
async function place(db: Kysely<Database>, placed: readonly KnownBoundary[]): Promise<void> {
  const rows = placed.map(({ region, latitude, longitude }) => ({ id: region.id, latitude, longitude }));
  await sql`update regions set latitude = r.latitude, longitude = r.longitude, point_source = 'boundary',
      version = version + 1
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, latitude float8, longitude float8)
    where regions.id = r.id`.execute(db);
}

function refusal({ count, told }: Problems): ArungError {
  const first = told[0]?.message ?? 'The file cannot be read.';
  const more = count > 1 ? ` ${count - 1} more ${count === 2 ? 'error' : 'errors'}.` : '';
  return new ArungError('invalid', `${first}${more} Nothing was imported.`, {
    code: 'boundary.refused',
    arguments: { count, first },
    details: told,
  });
}

function alreadyRunning(): ArungError {
  return new ArungError('conflict', 'Boundaries are being imported already: wait until that is done.', {
    code: 'boundary.running',
  });
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
