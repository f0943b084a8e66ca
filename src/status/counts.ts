import { inScope, type Scope } from '../domain/access.ts';
import type { EntityKind, StatusCounts } from '../domain/reachability.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import type { StateBook } from './state-book.ts';

interface ScopeCounts {
  readonly devices: StatusCounts;
  readonly sites: StatusCounts;
}

type Tally = { -readonly [K in keyof StatusCounts]: number };

/** How many devices and sites of a scope are in which state; counted once per change and scope. */
export class CountsCache {
  readonly #graph: NetworkGraph;
  readonly #book: StateBook;
  readonly #known = new Map<string, ScopeCounts>();

  constructor(graph: NetworkGraph, book: StateBook) {
    this.#graph = graph;
    this.#book = book;
  }

  forget(): void {
    this.#known.clear();
  }

  of(scope: Scope): ScopeCounts {
    const key = scope === 'everywhere' ? scope : scope.regionCodes.join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const counted = this.#count(scope);
    // Scopes are as many as combinations of granted regions: few, but a reader must not grow our memory.
    if (this.#known.size > 500) this.#known.clear();
    this.#known.set(key, counted);
    return counted;
  }

  #count(scope: Scope): ScopeCounts {
    const devices = emptyTally();
    const sites = emptyTally();
    for (const site of this.#graph.topology.sites.values()) {
      if (!inScope(scope, site.regionCode)) continue;
      this.#tally(sites, 'site', site.id);
      for (const device of this.#graph.devicesOfSite.get(site.id) ?? []) {
        this.#tally(devices, 'device', this.#graph.devices[device]?.id ?? '');
      }
    }
    return { devices, sites };
  }

  #tally(tally: Tally, kind: EntityKind, id: string): void {
    const state = this.#book.get(kind, id);
    if (state !== null) tally[state.state] += 1;
  }
}

function emptyTally(): Tally {
  return { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };
}
