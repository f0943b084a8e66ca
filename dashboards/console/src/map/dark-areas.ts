import type { Feature, MultiPolygon } from 'geojson';
import type { TerritoryView } from '../../../../src/api/views.ts';
import type { Network } from './network.ts';
import { inside, Rims, type DarkArea } from './rim.ts';
import { DARK, type StateCode } from './states.ts';

/** The dark areas with the villages in each; worked out anew only when other territories are dark than before. */
export class DarkAreas {
  list: readonly { readonly area: DarkArea; readonly villages: number }[] = [];
  #rims: Rims;
  /** Codes around which the rim is drawn; null: draw it anew. */
  #known: ReadonlySet<string> | null = null;

  constructor(territory: TerritoryView) {
    this.#rims = new Rims(territory);
  }

  setTerritory(territory: TerritoryView): void {
    this.#rims = new Rims(territory);
    this.#known = null;
  }

  forget(): void {
    this.#known = null;
  }

  /** The rim to draw; null while it is the one that is drawn. */
  update(tiles: ReadonlyMap<string, StateCode>, network: Network): Feature<MultiPolygon> | null {
    const dark = new Set([...tiles].filter(([, code]) => code === DARK).map(([id]) => id));
    const known = this.#known;
    if (known && known.size === dark.size && [...dark].every((code) => known.has(code))) return null;
    this.#known = dark;
    const villages = [...dark].flatMap((code) => network.villagesOf.get(code) ?? []);
    this.list = this.#rims.areas(dark).map((area) => ({
      area,
      villages: villages.filter((site) => inside(area.rings[0] ?? [], [site.longitude, site.latitude])).length,
    }));
    return {
      type: 'Feature',
      properties: {},
      geometry: { type: 'MultiPolygon', coordinates: this.list.map(({ area }) => area.rings) },
    };
  }
}
