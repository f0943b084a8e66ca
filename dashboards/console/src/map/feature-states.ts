import type { Map as LibreMap } from 'maplibre-gl';
import type { MapLink } from '../../../../src/api/views.ts';
import type { LinkView } from '../../../../src/live/messages.ts';
import { patternLayers } from './layers.ts';
import type { Network } from './network.ts';
import { codeOf, UP, worse, type MapStateView, type StateCode } from './states.ts';

interface Flags {
  readonly cut: boolean;
  readonly dead: boolean;
}

/**
 * What MapLibre was told about sites, territories and links, by feature-state. Only differences are told; after a lost
 * context `forget` makes everything new. Never read back from MapLibre.
 */
export class FeatureStates {
  readonly #map: LibreMap;
  readonly #sites = new Map<string, StateCode>();
  readonly #tiles = new Map<string, StateCode>();
  readonly #loads = new Map<string, number>();
  readonly #flags = new Map<string, Flags>();
  readonly #recede = new Map<string, boolean>();

  constructor(map: LibreMap) {
    this.#map = map;
  }

  /** Codes of the territories by state, without those that are up. */
  get tiles(): ReadonlyMap<string, StateCode> {
    return this.#tiles;
  }

  forget(): void {
    for (const map of [this.#sites, this.#tiles, this.#loads, this.#flags, this.#recede]) map.clear();
  }

  paintSites(sites: ReadonlyMap<string, MapStateView>, network: Network): void {
    const tiles = new Map<string, StateCode>();
    const seen = new Map<string, StateCode>();
    for (const [id, view] of sites) {
      const site = network.siteById.get(id);
      const code = codeOf(view.state);
      if (!site || code === UP) continue;
      seen.set(id, code);
      // A territory shows its village; an office in it has a dot of its own.
      if (site.kind === 'village') tiles.set(site.regionCode, worse(tiles.get(site.regionCode) ?? UP, code));
    }
    update(this.#sites, seen, UP, (id, st) => this.set('site', id, { st }));
    update(this.#tiles, tiles, UP, (id, st) => this.setTerritory('tile', id, { st }));
    const present = new Set(this.#tiles.values());
    for (const [layer, code] of patternLayers) {
      const visibility = present.has(code) ? 'visible' : 'none';
      if (this.#map.getLayoutProperty(layer, 'visibility') !== visibility) {
        this.#map.setLayoutProperty(layer, 'visibility', visibility);
      }
    }
  }

  paintLinks(
    links: readonly MapLink[],
    views: ReadonlyMap<string, LinkView>,
    gone: { readonly cut: Iterable<string>; readonly dead: Iterable<string> },
  ): void {
    const loads = new Map<string, number>();
    for (const link of links) {
      const load = views.get(link.id)?.loadPercent ?? null;
      if (load !== null) loads.set(link.id, Math.round(load));
    }
    const flags = new Map<string, Flags>();
    for (const id of gone.dead) flags.set(id, { cut: false, dead: true });
    for (const id of gone.cut) flags.set(id, { cut: true, dead: false });
    update(this.#loads, loads, -1, (id, load) => this.set('link', id, { load }));
    update(this.#flags, flags, { cut: false, dead: false }, (id, flag) => this.set('link', id, { ...flag }));
  }

  /** Of the territories `codes`, those outside the district in focus stand back. */
  recede(focus: string | null, codes: Iterable<string>): void {
    const away = new Map<string, boolean>();
    if (focus !== null) for (const code of codes) if (!code.startsWith(focus)) away.set(code, true);
    update(this.#recede, away, false, (id, recede) => this.setTerritory('tile', id, { recede }));
  }

  set(source: 'site' | 'link', id: string, state: Record<string, unknown>): void {
    this.#map.setFeatureState({ source, id }, state);
  }

  setTerritory(sourceLayer: 'tile' | 'district', id: string, state: Record<string, unknown>): void {
    this.#map.setFeatureState({ source: 'territory', sourceLayer, id }, state);
  }
}

/** Brings `known` to `wanted`, telling only what differs; what is no longer wanted goes back to `otherwise`. */
function update<T>(
  known: Map<string, T>,
  wanted: ReadonlyMap<string, T>,
  otherwise: T,
  tell: (id: string, value: T) => void,
): void {
  for (const id of known.keys()) {
    if (wanted.has(id)) continue;
    known.delete(id);
    tell(id, otherwise);
  }
  for (const [id, value] of wanted) {
    const before = known.get(id);
    if (before === value || JSON.stringify(before) === JSON.stringify(value)) continue;
    known.set(id, value);
    tell(id, value);
  }
}
