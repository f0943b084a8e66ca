import type { PastView } from '../../../../src/api/views.ts';
import type { LinkView, StateView } from '../../../../src/live/messages.ts';
import { api } from '../lib/api.ts';
import { causeOf } from '../lib/rest.ts';
import type { PictureOfStates } from './causes.ts';
import { PastLoads, type PastLoad } from './past-loads.ts';

/** The moment that the map draws: now (`at` null) or one of the past, fetched from history. */
export class Past {
  at: number | null = $state(null);
  /** What was not up then; stays on the map until the next moment has come. */
  picture: PictureOfStates | null = $state.raw(null);
  counts: PastView['counts']['sites'] | null = $state.raw(null);
  state: 'idle' | 'loading' | 'failed' = $state('idle');
  #wanted: number | null = null;
  #busy = false;
  readonly #loads = new PastLoads();
  #reading = new AbortController();

  /** Goes to a moment; while one is being fetched only the last wish is kept. */
  go(at: number): void {
    this.at = at;
    this.#wanted = at;
    this.#reading.abort();
    if (!this.#busy) void this.#fetch();
  }

  leave(): void {
    this.at = null;
    this.#reading.abort();
    this.picture = null;
    this.counts = null;
    this.#wanted = null;
    this.state = 'idle';
  }

  async #fetch(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== null) {
      const at = this.#wanted;
      this.#wanted = null;
      this.state = 'loading';
      try {
        const view = await api.get<PastView>('/history/map', { query: { at: new Date(at).toISOString() } });
        if (this.at === null) break;
        const stateOf = (one: PastView['sites'][number]): StateView => ({
          ...one,
          since: Date.parse(one.since),
          cause: causeOf(one.cause),
        });
        const linkOf = (one: PastView['links'][number]): LinkView => ({ ...stateOf(one), ...unmeasured });
        const links = new Map(view.links.map((one) => [one.id, linkOf(one)]));
        this.picture = {
          sites: new Map(view.sites.map((one) => [one.id, stateOf(one)])),
          links,
          devices: new Map(),
        };
        this.counts = view.counts.sites;
        this.state = 'idle';
        if (this.#wanted === null) void this.#addLoads(at, links);
      } catch {
        this.state = this.at === null ? 'idle' : 'failed';
      }
    }
    this.#busy = false;
  }

  /** States come first; what the links carried follows, where it is stored and the reader still looks at that moment. */
  async #addLoads(at: number, states: ReadonlyMap<string, LinkView>): Promise<void> {
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    try {
      const loads = await this.#loads.at(at, signal);
      const { picture } = this;
      if (signal.aborted || picture === null) return;
      const links = new Map(states);
      for (const [id, load] of loads) {
        links.set(id, { id, state: 'up', since: at, cause: null, ...states.get(id), ...load });
      }
      this.picture = { ...picture, links };
    } catch {
      // The map of states stands without them: nothing is drawn that was not measured.
    }
  }
}

const unmeasured: PastLoad = { abBps: null, baBps: null, loadPercent: null };
