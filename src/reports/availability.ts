import { sql, type Kysely } from 'kysely';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Scope } from '../domain/access.ts';
import type { AvailabilityGroup, AvailabilityRow, Spent } from '../domain/availability.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { entityPieces } from './pieces.ts';

export interface Availability {
  readonly by: AvailabilityGroup;
  readonly from: Date;
  /** Never later than now: what has not been cannot be counted. */
  readonly to: Date;
  readonly rows: readonly AvailabilityRow[];
  readonly total: Spent & { readonly entities: number };
}

export interface AvailabilityRequest {
  readonly by: AvailabilityGroup;
  readonly from: Date;
  readonly to: Date;
  /** Code of a region: only what lies in it. */
  readonly region?: string | undefined;
}

type Measured = Omit<Spent, 'percent'>;
type Row = Measured & Omit<AvailabilityRow, keyof Spent>;

/** More rows than this are a report nobody reads, and memory nobody planned. */
const mostRows = 20_000;

/**
 * Availability out of raw history: intervals of states, times without a controller, planned work and when things were
 * there. Nothing is kept in between, so a figure of last year can be computed again. An instant counts once, as the
 * first of these that holds: planned, unknown, down, unreachable, up.
 */
export class AvailabilityReports {
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;
  readonly #keepDays: number | null;

  /** `keepDays`: after how many days history is removed (null: never); what it no longer tells is unknown, not up. */
  constructor(options: { readonly db: Kysely<Database>; readonly clock: Clock; readonly keepDays?: number | null }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#keepDays = options.keepDays ?? null;
  }

  /** Worst first. Of the reader's regions only; a cause outside of them is looked at, never told. */
  async report(request: AvailabilityRequest, scope: Scope): Promise<Availability> {
    const to = new Date(Math.min(request.to.getTime(), this.#clock.now()));
    const from = new Date(Math.min(request.from.getTime(), to.getTime()));
    const rows = await this.#read({ ...request, from, to }, scope);
    if (rows.length > mostRows) {
      throw new ArungError('invalid', `This report has more than ${mostRows} rows: choose a region.`, {
        code: 'report.too-large',
        arguments: { most: mostRows },
        details: [{ message: 'too wide', field: 'region' }],
      });
    }
    const counted = rows.map((row) => ({ ...row, percent: percentOf(row) }));
    counted.sort((a, b) => (a.percent ?? 101) - (b.percent ?? 101) || a.code.localeCompare(b.code));
    return { by: request.by, from, to, rows: counted, total: totalOf(rows) };
  }

  async #read(request: AvailabilityRequest & { from: Date; to: Date }, scope: Scope): Promise<readonly Row[]> {
    const { by, from, to, region } = request;
    const kind = by === 'district' ? 'site' : by;
    const within = sql<boolean>`${withinScope('region_code', scope)} and ${
      region === undefined ? sql`true` : withinScope('region_code', { regionCodes: [region] })
    }`;
    // A thing that moved is one row, where it was last; of a district it counts while it was there.
    const place = by === 'district' ? sql`substring(region_code for 8)` : sql`''`;
    const keptSince = this.#keepDays === null ? null : new Date(this.#clock.now() - this.#keepDays * 86_400_000);
    const forgotten = keptSince === null ? '{}' : `{(,${keptSince.toISOString()})}`;
    const query = sql<Row>`
      with ${entityPieces({ kind, from, to, within })},
      lived as (
        select entity_id, ${place} as place, range_agg(span) as spans,
          (array_agg(code order by upper(span) desc))[1] as code,
          (array_agg(name order by upper(span) desc))[1] as name,
          (array_agg(site_name order by upper(span) desc))[1] as site_name,
          (array_agg(region_code order by upper(span) desc))[1] as region_code
        from entity_lived group by 1, 2
      ),
      sets as (
        select entity_id,
          coalesce(range_agg(span) filter (where what = 'planned'), '{}') as planned,
          coalesce(range_agg(span) filter (where what = 'unknown'), '{}') as unknown,
          coalesce(range_agg(span) filter (where what = 'down'), '{}') as down,
          coalesce(range_agg(span) filter (where what in ('down', 'unreachable')), '{}') as dark
        from pieces group by 1
      ),
      gaps as (
        select coalesce(range_agg(tstzrange(since, until)), '{}') + ${forgotten}::tstzmultirange as spans
        from controller_gaps where since < ${to} and until > ${from}
      ),
      spent as (
        select lived.*,
          lived.spans * coalesce(sets.planned, '{}') as planned_spans,
          (lived.spans - coalesce(sets.planned, '{}')) * (coalesce(sets.unknown, '{}') + gaps.spans) as unknown_spans,
          lived.spans - coalesce(sets.planned, '{}') - (coalesce(sets.unknown, '{}') + gaps.spans) as known_spans,
          coalesce(sets.down, '{}') as down, coalesce(sets.dark, '{}') as dark
        from lived left join sets using (entity_id) cross join gaps
      ),
      measured as (
        select spent.*, seconds_of(planned_spans) as planned_s, seconds_of(unknown_spans) as unknown_s,
          seconds_of(known_spans) as known_s, seconds_of(known_spans * down) as down_s, outage.*
        from spent cross join lateral (
          select coalesce(sum(extract(epoch from upper(span) - lower(span))), 0)::float8 as dark_s,
            count(*)::int as outages,
            coalesce(max(extract(epoch from upper(span) - lower(span))), 0)::float8 as longest_s
          from unnest(known_spans * dark) span
        ) outage
      )
      select ${by === 'district' ? sql`place` : sql`entity_id::text`} as "id",
        ${by === 'district' ? sql`place` : sql`max(measured.code)`} as "code",
        ${by === 'district' ? sql`coalesce(max(district.name), place)` : sql`max(measured.name)`} as "name",
        ${by === 'district' ? sql`null` : sql`max(site_name)`} as "siteName",
        max(district.name) as "districtName",
        ${by === 'district' ? sql`place` : sql`max(region_code)`} as "regionCode",
        count(*)::int as "entities",
        sum(known_s - dark_s) as "upS", sum(down_s) as "downS", sum(dark_s - down_s) as "unreachableS",
        sum(unknown_s) as "unknownS", sum(planned_s) as "plannedS",
        sum(outages)::int as "outages", max(longest_s) as "longestOutageS"
      from measured left join regions district on district.code = substring(measured.region_code for 8)
        and district.level = 'district'
      group by ${by === 'district' ? sql`place` : sql`entity_id`}
      limit ${mostRows + 1}`;
    return (await query.execute(this.#db)).rows;
  }
}

function percentOf({ upS, downS, unreachableS }: Measured): number | null {
  const known = upS + downS + unreachableS;
  return known > 0 ? (100 * upS) / known : null;
}

function totalOf(rows: readonly Row[]): Availability['total'] {
  const sum = { upS: 0, downS: 0, unreachableS: 0, unknownS: 0, plannedS: 0, outages: 0, longestOutageS: 0 };
  let entities = 0;
  for (const row of rows) {
    sum.upS += row.upS;
    sum.downS += row.downS;
    sum.unreachableS += row.unreachableS;
    sum.unknownS += row.unknownS;
    sum.plannedS += row.plannedS;
    sum.outages += row.outages;
    sum.longestOutageS = Math.max(sum.longestOutageS, row.longestOutageS);
    entities += row.entities;
  }
  return { ...sum, entities, percent: percentOf(sum) };
}
