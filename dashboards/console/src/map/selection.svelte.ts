import { router } from '../lib/router.svelte.ts';
import type { OpenCause } from './causes.ts';
import type { Network } from './network.ts';
import type { Place } from './map-options.ts';
import type { Target } from './picking.ts';

const names = ['site', 'link', 'district', 'cause'] as const;

/** What is selected, as the address holds it: `?site=`, `?link=`, `?district=` or `?cause=`. */
export class Selection {
  readonly #network: () => Network | null;
  readonly #causes: () => readonly OpenCause[];
  #last = -1;

  constructor(network: () => Network | null, causes: () => readonly OpenCause[]) {
    this.#network = network;
    this.#causes = causes;
  }

  readonly target: Target | null = $derived.by(() => {
    const [site, link, district] = names.map((name) => router.query.get(name));
    if (site) {
      const network = this.#network();
      const found = network?.siteById.get(site) ?? network?.sites.find((one) => one.code === site);
      return found ? { kind: 'site', id: found.id } : null;
    }
    if (link) {
      const network = this.#network();
      const found = network?.linkById.get(link) ?? network?.links.find((one) => one.name === link);
      return { kind: 'link', id: found?.id ?? link };
    }
    return district ? { kind: 'district', id: district } : null;
  });

  /** The cause that is open in the panel, asked for by key, id or name. A link that is cut is shown as the cause that it is. */
  readonly cause: OpenCause | null = $derived.by(() => {
    const wanted = router.query.get('cause');
    if (wanted) {
      const causes = this.#causes();
      const named = (one: OpenCause) => one.name === wanted || one.link?.name === wanted;
      return causes.find((one) => one.key === wanted || one.id === wanted) ?? causes.find(named) ?? null;
    }
    const { target } = this;
    return target?.kind === 'link'
      ? (this.#causes().find((one) => one.kind === 'link' && one.id === target.id) ?? null)
      : null;
  });

  /** What is marked on the map. */
  readonly marked: Target | null = $derived.by(() => {
    const { cause } = this;
    if (cause?.kind === 'link' && cause.id !== null) return { kind: 'link', id: cause.id };
    return cause?.site ? { kind: 'site', id: cause.site.id } : this.target;
  });

  readonly any: boolean = $derived(this.cause !== null || this.target !== null);
  /** Changes when the address asks for something else; empty when for nothing. */
  readonly asked: string = $derived(
    names
      .map((name) => router.query.get(name) ?? '')
      .join(' ')
      .trim(),
  );

  choose(target: Target | null): void {
    this.#set(target && target.id !== '' ? { [target.kind]: target.id } : {});
  }
  chooseCause(key: string): void {
    this.#set({ cause: key });
  }
  /** The next open cause, or the one before (`step` -1), round and round. */
  nextCause(step: 1 | -1): void {
    const causes = this.#causes();
    if (causes.length === 0) return;
    const from = this.cause ? causes.indexOf(this.cause) : this.#last;
    this.#last = (from + step + causes.length) % causes.length;
    this.chooseCause(causes[this.#last]?.key ?? '');
  }
  clear(): void {
    this.#set({});
  }

  #set(wanted: Readonly<Record<string, string>>): void {
    router.setQuery(Object.fromEntries(names.map((name) => [name, wanted[name] ?? null])));
  }
}

/** Where the map stood when the address was made; null: the whole region. */
export function placeInAddress(): Place | null {
  const [longitude, latitude, zoom] = (router.query.get('view') ?? '').split(',').map(Number);
  return longitude && latitude && zoom ? { longitude, latitude, zoom } : null;
}

export function writePlace(place: Place | null): void {
  if (router.path !== '/') return;
  const view = place && [place.longitude.toFixed(4), place.latitude.toFixed(4), place.zoom.toFixed(2)].join(',');
  router.setQuery({ view });
}
