import type { MapLink, MapSite, MapView } from '../../../../src/api/views.ts';
import type { Reachability, StatusCounts } from '../../../../src/domain/reachability.ts';
import { api } from './api.ts';
import { live } from './live.svelte.ts';
import { Persistent } from './persistent.svelte.ts';

/** Sites and links as the map knows them, fetched once per version of the inventory and shared by shell and pages. */
class Places {
  readonly reading = new Persistent<MapView>(() => api.get<MapView>('/map'));
  #wanted = -1;

  get view(): MapView | null {
    return this.reading.value;
  }

  readonly sitesById: ReadonlyMap<string, MapSite> = $derived(
    new Map((this.view?.sites ?? []).map((site) => [site.id, site])),
  );

  readonly #sitesByCode: ReadonlyMap<string, MapSite> = $derived(
    new Map((this.view?.sites ?? []).map((site) => [site.code, site])),
  );

  /** Names of sites by their codes, as people say them; reactive. A code that is not known here stands for itself. */
  namesOf(codes: readonly string[]): readonly string[] {
    return codes.map((code) => this.#sitesByCode.get(code)?.name ?? code);
  }

  readonly linksById: ReadonlyMap<string, MapLink> = $derived(
    new Map((this.view?.links ?? []).map((link) => [link.id, link])),
  );

  /** Fetches again when the inventory is newer than what is here. Call it in an effect that reads `live.topologyVersion`. */
  async follow(version: number): Promise<void> {
    if (this.#wanted === version) return;
    this.#wanted = version;
    await this.reading.load();
  }

  /** Counts of sites by state within a region; reactive. */
  countsWithin(region: string): StatusCounts {
    const counts: Record<Reachability, number> = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };
    for (const site of this.view?.sites ?? []) {
      if (site.regionCode !== region && !site.regionCode.startsWith(region + '.')) continue;
      counts[live.sites.get(site.id)?.state ?? 'up']++;
    }
    return counts;
  }
}

export const places = new Places();
