import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { StoredCause } from '../database/tables/status.ts';
import { withinScope } from '../database/scope.ts';
import { inScope, type Scope } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import type { EntityKind, Reachability, StatusCounts } from '../domain/reachability.ts';
import type { TopologySource } from '../domain/topology.ts';

export interface PastState {
  readonly kind: EntityKind;
  readonly id: string;
  readonly state: Reachability;
  readonly since: Date;
  /** Null while it lasts. */
  readonly until: Date | null;
  readonly cause: StoredCause | null;
  readonly causeRegionCodes: readonly string[];
}

export interface Past {
  readonly at: Date;
  readonly sites: readonly PastState[];
  readonly links: readonly PastState[];
  readonly counts: StatusCounts;
}

export interface Timeline {
  readonly from: Date;
  readonly to: Date;
  readonly stepS: number;
  readonly dark: readonly number[];
  readonly unknown: readonly boolean[];
}

/** All that was not up at a moment, by `kind id`. */
export interface StatesAt {
  readonly at: Date;
  /** Since when no controller ran; null when one did. */
  readonly gapSince: Date | null;
  readonly states: ReadonlyMap<
    string,
    { readonly state: Reachability | 'degraded'; readonly since: number; readonly cause: StoredCause | null }
  >;
  /** Ids of the services that there were. */
  readonly services: ReadonlySet<string>;
}

/** Reads what History wrote, limited by region in the query. */
export class HistoryReader {
  readonly #db: Kysely<Database>;
  readonly #topology: TopologySource;
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly topology: TopologySource; readonly clock: Clock }) {
    this.#db = options.db;
    this.#topology = options.topology;
    this.#clock = options.clock;
  }

  /** What was not up at that moment, of sites and the links between them. While no controller ran, and before the first one did, all is unknown. */
  async at(time: Date, scope: Scope): Promise<Past> {
    const at = new Date(Math.min(time.getTime(), this.#clock.now()));
    const gap = await this.#db
      .selectFrom('controller_gaps')
      .select('since')
      .where('since', '<=', at)
      .where('until', '>', at)
      .executeTakeFirst();
    const sitesInScope = [...this.#topology.current().sites.values()].filter((site) => inScope(scope, site.regionCode));
    if (gap !== undefined) return this.#allUnknown(at, gap.since, scope);
    const rows = await this.#intervals(scope)
      .where('entity_kind', 'in', ['site', 'link'])
      .where('since', '<=', at)
      .where('until', '>', at)
      .execute();
    const states = rows.map(toState);
    const sites = states.filter((state) => state.kind === 'site');
    const tally: Record<Reachability, number> = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };
    for (const site of sites) tally[site.state]++;
    tally.up = Math.max(0, sitesInScope.length - sites.length);
    const { links } = this.#topology.current();
    const isDrawn = (state: PastState): boolean => {
      const link = links.get(state.id as never);
      return state.kind === 'link' && (link === undefined || link.a.siteId !== link.b.siteId);
    };
    return { at, sites, links: states.filter(isDrawn), counts: tally };
  }

  /** Every state of that moment, for who reckons with them; nothing here is limited by region. */
  async statesAt(time: Date): Promise<StatesAt> {
    const at = new Date(Math.min(time.getTime(), this.#clock.now()));
    const gap = await this.#db
      .selectFrom('controller_gaps')
      .select('since')
      .where('since', '<=', at)
      .where('until', '>', at)
      .executeTakeFirst();
    const rows = await this.#db
      .selectFrom('status_intervals')
      .select(['entity_kind', 'entity_id', 'state', 'since', 'cause'])
      .where('since', '<=', at)
      .where('until', '>', at)
      .execute();
    const services = await this.#db
      .selectFrom('lifetimes')
      .select('entity_id')
      .where('entity_kind', '=', 'service')
      .where('valid_from', '<=', at)
      .where('valid_to', '>', at)
      .execute();
    return {
      at,
      gapSince: gap?.since ?? null,
      states: new Map(
        rows.map(({ entity_kind: kind, entity_id: id, state, since, cause }) => [
          `${kind} ${id}`,
          { state, since: since.getTime(), cause },
        ]),
      ),
      services: new Set(services.map((row) => row.entity_id)),
    };
  }

  /** How many sites were dark (down or unreachable) at some time of each step. */
  async timeline(range: { from: Date; to: Date; stepS: number }, scope: Scope): Promise<Timeline> {
    const stepMs = range.stepS * 1000;
    const from = Math.floor(range.from.getTime() / stepMs) * stepMs;
    const steps = Math.max(1, Math.ceil((range.to.getTime() - from) / stepMs));
    const to = from + steps * stepMs;
    const now = this.#clock.now();
    const rows = await this.#db
      .selectFrom('status_intervals')
      .select(['entity_id', 'since', 'until'])
      .where('entity_kind', '=', 'site')
      .where('state', 'in', ['down', 'unreachable'])
      .where('since', '<', new Date(to))
      .where('until', '>', new Date(from))
      .where(withinScope('region_code', scope))
      .orderBy('entity_id')
      .orderBy('since')
      .execute();
    const dark = Array.from({ length: steps }, () => 0);
    let site = '';
    let counted = -1;
    for (const row of rows) {
      if (row.entity_id !== site) counted = -1;
      site = row.entity_id;
      const first = Math.max(0, Math.floor((row.since.getTime() - from) / stepMs), counted + 1);
      const last = Math.min(steps - 1, Math.ceil((Math.min(Number(row.until), now) - from) / stepMs) - 1);
      for (let step = first; step <= last; step++) dark[step] = (dark[step] ?? 0) + 1;
      counted = Math.max(counted, last);
    }
    const unknown = Array.from({ length: steps }, () => false);
    const gaps = await this.#db
      .selectFrom('controller_gaps')
      .select(['since', 'until'])
      .where('since', '<', new Date(to))
      .where('until', '>', new Date(from))
      .execute();
    for (const gap of gaps) {
      // A step of which nothing is known for more than half is not known.
      for (let step = 0; step < steps; step++) {
        const begin = from + step * stepMs;
        const covered = Math.min(begin + stepMs, gap.until.getTime()) - Math.max(begin, gap.since.getTime());
        if (covered > stepMs / 2) unknown[step] = true;
      }
    }
    return { from: new Date(from), to: new Date(to), stepS: range.stepS, dark, unknown };
  }

  /** When one entity was not up, newest first. */
  async intervals(
    entityId: string,
    range: { from: Date; to: Date; limit: number },
    scope: Scope,
  ): Promise<readonly PastState[]> {
    const rows = await this.#intervals(scope)
      .where('entity_id', '=', entityId)
      .where('since', '<', range.to)
      .where('until', '>', range.from)
      .orderBy('since', 'desc')
      .limit(range.limit)
      .execute();
    return rows.map(toState);
  }

  /** Times in which no controller ran. */
  async gaps(range: { from: Date; to: Date }): Promise<readonly { readonly since: Date; readonly until: Date }[]> {
    return await this.#db
      .selectFrom('controller_gaps')
      .select(['since', 'until'])
      .where('since', '<', range.to)
      .where('until', '>', range.from)
      .orderBy('since', 'desc')
      .limit(1_000)
      .execute();
  }

  #intervals(scope: Scope) {
    return (
      this.#db
        .selectFrom('status_intervals')
        .select(['entity_kind', 'entity_id', 'state', 'since', 'until', 'cause', 'cause_regions'])
        // Services have states of their own and are read elsewhere.
        .where('entity_kind', '!=', 'service')
        .$narrowType<{ entity_kind: EntityKind; state: Exclude<Reachability, 'up'> }>()
        .where(withinScope('region_code', scope))
        .where((is) => is.or([is('entity_kind', '!=', sql.lit('link')), withinScope('other_region_code', scope)]))
    );
  }

  #allUnknown(at: Date, since: Date, scope: Scope): Past {
    const { sites, links } = this.#topology.current();
    const inside = (siteId: string): boolean => inScope(scope, sites.get(siteId as never)?.regionCode ?? '');
    const unknown =
      (kind: EntityKind) =>
      (entity: { readonly id: string }): PastState => ({
        kind,
        id: entity.id,
        state: 'unknown',
        since,
        until: null,
        cause: null,
        causeRegionCodes: [],
      });
    const found = [...sites.values()].filter((site) => inside(site.id)).map(unknown('site'));
    return {
      at,
      sites: found,
      links: [...links.values()]
        .filter((link) => link.a.siteId !== link.b.siteId && inside(link.a.siteId) && inside(link.b.siteId))
        .map(unknown('link')),
      counts: { up: 0, down: 0, unreachable: 0, unknown: found.length, maintenance: 0 },
    };
  }
}

function toState(row: {
  entity_kind: EntityKind;
  entity_id: string;
  state: Reachability;
  since: Date;
  until: Date | number;
  cause: StoredCause | null;
  cause_regions: string[];
}): PastState {
  return {
    kind: row.entity_kind,
    id: row.entity_id,
    state: row.state,
    since: row.since,
    until: row.until instanceof Date ? row.until : null,
    cause: row.cause,
    causeRegionCodes: row.cause_regions,
  };
}
