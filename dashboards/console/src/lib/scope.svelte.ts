import type { Region } from '../../../../src/domain/region.ts';
import type { Page } from '../../../../src/api/views.ts';
import { api } from './api.ts';
import { remember, remembered } from './remembered.ts';
import { session } from './session.svelte.ts';

export type RegionChoice = Pick<Region, 'code' | 'name' | 'level'>;

/** The part of their regions that the reader looks at. Null: all that they may see. */
class Scope {
  code: string | null = $state(remembered('scope'));
  /** Regencies and districts that may be chosen, in order of their codes. */
  regions: readonly RegionChoice[] = $state.raw([]);
  loaded = false;

  get chosen(): RegionChoice | null {
    return this.regions.find((region) => region.code === this.code) ?? null;
  }

  /** The region that holds everything the reader may see, if there is one. */
  get whole(): RegionChoice | null {
    const regencies = this.regions.filter((region) => region.level === 'regency');
    if (regencies.length === 1 && regencies[0]) return regencies[0];
    const grants = session.view?.grants ?? [];
    const only = grants.length === 1 ? grants[0] : undefined;
    return this.regions.find((region) => region.code === only?.regionCode) ?? null;
  }

  /** What a region is called; its code where nobody has loaded it. */
  nameOf(code: string): string {
    return this.regions.find((region) => region.code === code)?.name ?? code;
  }

  choose(code: string | null): void {
    this.code = code;
    remember('scope', code ?? '');
  }

  async load(): Promise<void> {
    if (this.loaded) return;
    this.loaded = true;
    if (this.code === '') this.code = null;
    try {
      const found: RegionChoice[] = [];
      for (const level of ['regency', 'district'] as const) {
        let cursor: string | null = null;
        do {
          const page: Page<RegionChoice> = await api.get('/regions', { query: { level, limit: 500, cursor } });
          found.push(...page.items);
          cursor = page.next;
        } while (cursor !== null && found.length < 5000);
      }
      this.regions = found.sort((a, b) => (a.code < b.code ? -1 : 1));
      if (this.code !== null && this.chosen === null) this.choose(null);
    } catch {
      this.loaded = false; // asked again at the next opening
    }
  }
}

export const scope = new Scope();
