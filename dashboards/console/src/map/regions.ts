import type { TerritoryView } from '../../../../src/api/views.ts';
import { regencyOf } from './in-view.ts';

type Region = TerritoryView['regions'][number];

/** The regions of a geography, by name and by the regency in which they lie. */
export class Regions {
  readonly names: ReadonlyMap<string, string>;
  readonly #all: TerritoryView['regions'];
  readonly #byRegency = new Map<string, Region[]>();

  constructor(territory: TerritoryView) {
    this.#all = territory.regions;
    this.names = new Map(territory.regions.map(({ code, name }) => [code, name]));
    for (const region of territory.regions) {
      const list = this.#byRegency.get(regencyOf(region.code));
      if (list) list.push(region);
      else this.#byRegency.set(regencyOf(region.code), [region]);
    }
  }

  /** Those of some regencies; null: all. */
  within(regencies: ReadonlySet<string> | null): readonly Region[] {
    if (regencies === null) return this.#all;
    return [...regencies].flatMap((code) => this.#byRegency.get(code) ?? []);
  }

  /** Codes of those that have a territory of their own: villages. */
  territories(regencies: ReadonlySet<string> | null): string[] {
    return this.within(regencies).flatMap(({ code }) => (code.length > 8 ? [code] : []));
  }
}
