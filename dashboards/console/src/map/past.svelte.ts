import type { PastView } from '../../../../src/api/views.ts';
import type { LinkView, StateView } from '../../../../src/live/messages.ts';
import { api } from '../lib/api.ts';
import { causeOf } from '../lib/rest.ts';
import type { PictureOfStates } from './causes.ts';

/** The moment that the map draws: now (`at` null) or one of the past, fetched from history. */
export class Past {
  at: number | null = $state(null);
  /** What was not up then; stays on the map until the next moment has come. */
  picture: PictureOfStates | null = $state.raw(null);
  counts: PastView['counts']['sites'] | null = $state.raw(null);
  state: 'idle' | 'loading' | 'failed' = $state('idle');
  #wanted: number | null = null;
  #busy = false;

  /** Goes to a moment; while one is being fetched only the last wish is kept. */
  go(at: number): void {
    this.at = at;
    this.#wanted = at;
    if (!this.#busy) void this.#fetch();
  }

  leave(): void {
    this.at = null;
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
        const linkOf = (one: PastView['links'][number]): LinkView => ({
          ...stateOf(one),
          abBps: null,
          baBps: null,
          loadPercent: null,
        });
        this.picture = {
          sites: new Map(view.sites.map((one) => [one.id, stateOf(one)])),
          links: new Map(view.links.map((one) => [one.id, linkOf(one)])),
          devices: new Map(),
        };
        this.counts = view.counts.sites;
        this.state = 'idle';
      } catch {
        this.state = this.at === null ? 'idle' : 'failed';
      }
    }
    this.#busy = false;
  }
}
