import { scopeFor, type Access } from '../domain/access.ts';
import { causeRegionCodes, seesCause } from '../domain/cause-regions.ts';
import type { Cause, EntityKind, Reachability } from '../domain/reachability.ts';
import type { Topology, TopologySource } from '../domain/topology.ts';
import type { Ranking } from '../inventory/ranking.ts';
import type { CauseView } from '../live/messages.ts';
import type { StateReader } from './state-reader.ts';

/** The worst first. */
const severity: readonly Reachability[] = ['down', 'unreachable', 'unknown', 'maintenance', 'up'];

export interface StateFields {
  readonly state: Reachability;
  readonly since: string | null;
  readonly cause: CauseView | null;
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
      since: new Date(state.since).toISOString(),
      cause: state.cause === null ? null : causeView(state.cause, access, this.#topology.current()),
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

/** A cause outside the reader's regions is its name and time, nothing more. */
export function causeView(cause: Cause, access: Access, topology: Topology): CauseView {
  const { name, since } = cause;
  const sees = seesCause(scopeFor(access, 'status.read'), causeRegionCodes(cause, topology));
  if (!sees) return { name, since, kind: null, id: null, certainty: null };
  return { name, since, kind: cause.kind, id: cause.id, certainty: cause.certainty };
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
