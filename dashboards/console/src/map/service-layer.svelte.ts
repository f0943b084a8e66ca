import type { ServiceSitesView, SiteServicesView } from '../../../../src/api/views.ts';
import type { StateView } from '../../../../src/live/messages.ts';
import { api } from '../lib/api.ts';
import { live } from '../lib/live.svelte.ts';
import { Polled } from '../lib/polled.svelte.ts';
import { causeOf } from '../lib/rest.ts';
import { router } from '../lib/router.svelte.ts';
import type { MapStateView } from './states.ts';

/** In the address: the worst of all services. */
export const everyService = 'all';

/**
 * The layer that colours places by whether they have a service, or by the worst of all: chosen in the address
 * (`?service=`), read anew when the live stream says that something changed, and for the moment that the slider shows.
 */
export class ServiceLayer {
  readonly #read: Polled<ServiceSitesView>;

  constructor(at: () => number | null) {
    this.#read = new Polled((signal) => {
      const { choice } = this;
      const then = at();
      void live.servicesVersion;
      if (choice === null) return null;
      const query = {
        ...(choice === everyService ? {} : { service: choice }),
        ...(then === null ? {} : { at: new Date(then).toISOString() }),
      };
      return api.get<ServiceSitesView>('/status/services', { query, signal });
    }, 60);
  }

  /** Code of the service, `all`, or null while the layer is off. */
  get choice(): string | null {
    return router.query.get('service');
  }

  choose(choice: string | null): void {
    router.setQuery({ service: choice });
  }

  /** The next choice: off, the worst of all, each service in turn. */
  step(): void {
    const choices = [null, everyService, ...live.services.map((service) => service.code)];
    this.choose(choices[(choices.indexOf(this.choice) + 1) % choices.length] ?? null);
  }

  get view(): ServiceSitesView | null {
    return this.choice === null ? null : this.#read.value;
  }

  get problem(): string | null {
    return this.choice === null ? null : this.#read.problem;
  }

  of(siteId: string): SiteServicesView | undefined {
    return this.view?.sites.find((site) => site.id === siteId);
  }

  /**
   * What the map draws for sites. A place that lost a service did not break itself: it is dark, whether the way or the
   * service is to blame; which of them, the legend counts and the table says.
   */
  get sites(): ReadonlyMap<string, MapStateView> | null {
    const { view } = this;
    if (view === null) return null;
    return new Map(
      view.sites.flatMap(({ id, state, since, cause }): [string, MapStateView][] => {
        if (state === 'up') return [];
        const shown = state === 'down' ? 'unreachable' : state;
        const known: Pick<StateView, 'id' | 'since' | 'cause'> = {
          id,
          since: since === null ? Date.parse(view.at) : Date.parse(since),
          cause: causeOf(cause),
        };
        return [[id, { ...known, state: shown }]];
      }),
    );
  }
}
