import { scopeFor, type Access } from '../domain/access.ts';
import type { EntityKind, Reachability } from '../domain/reachability.ts';
import type { TopologySource } from '../domain/topology.ts';
import type { Ranking } from '../inventory/ranking.ts';
import { causeViewFor } from '../live/cause-view.ts';
import { moment, restCause } from './moments.ts';
import type { StateReader } from './state-reader.ts';
import type { RestCause } from './views.ts';

/** The worst first. */
const severity: readonly Reachability[] = ['down', 'unreachable', 'unknown', 'maintenance', 'up'];

export interface StateFields {
  readonly state: Reachability;
  readonly since: string | null;
  readonly cause: RestCause | null;
}

/** Live state in lists and pages: what a row says, what a filter by state keeps, what comes first. */
export class StateView {
  readonly #states: StateReader;
  readonly #topology: TopologySource;

  constructor(options: { readonly states: StateReader; readonly topology: TopologySource }) {
    this.#states = options.states;
    this.#topology = options.topology;
  }

  /** A thing that is not watched (its site is not active) is `unknown` since nobody knows when. */
  fieldsOf(access: Access, kind: EntityKind, id: string): StateFields {
    const state = this.#states.stateOf(kind, id);
    if (state === null) return { state: 'unknown', since: null, cause: null };
    return {
      state: state.state,
      since: moment(state.since),
      cause: restCause(causeViewFor(state.cause, scopeFor(access, 'status.read'), this.#topology.current())),
    };
  }

  stateOf(kind: EntityKind, id: string): Reachability {
    return this.#states.stateOf(kind, id)?.state ?? 'unknown';
  }

  /** The ids that a filter by state keeps, or those that it leaves out: whichever is the shorter way to say it. */
  idsIn(kind: EntityKind, wanted: readonly Reachability[] | undefined): { ids?: string[]; notIds?: string[] } {
    if (wanted === undefined) return {};
    const notUp = this.#states.idsNotUp(kind);
    if (wanted.includes('up')) return { notIds: notUp.filter((id) => !wanted.includes(this.stateOf(kind, id))) };
    return { ids: notUp.filter((id) => wanted.includes(this.stateOf(kind, id))) };
  }

  /** The worst first, or the best. */
  ranking(kind: EntityKind, order: 'worst' | 'best'): Ranking {
    const rankOf = (state: Reachability) => {
      const rank = severity.indexOf(state);
      return order === 'worst' ? rank : severity.length - 1 - rank;
    };
    const ranks = new Map(this.#states.idsNotUp(kind).map((id) => [id, rankOf(this.stateOf(kind, id))]));
    return { name: order, ranks, otherwise: rankOf('up') };
  }
}

/** An order by a number that is known of some: ascending or descending, the unknown last. */
export function numberRanking(
  name: string,
  values: Iterable<readonly [string, number | null]>,
  descending: boolean,
  /** What makes whole numbers of them: 1000 keeps three digits. */
  scale: number,
): Ranking {
  const last = 999_999_999;
  const ranks = new Map<string, number>();
  for (const [id, value] of values) {
    if (value === null || Number.isNaN(value)) continue;
    const rank = Math.min(last - 1, Math.max(0, Math.round(value * scale)));
    ranks.set(id, descending ? last - 1 - rank : rank);
  }
  return { name: `${descending ? '-' : ''}${name}`, ranks, otherwise: last };
}
