import type { TerritoryView } from '../../../../src/api/views.ts';
import { api } from '../lib/api.ts';
import { Persistent } from '../lib/persistent.svelte.ts';

/** The geography follows the inventory a moment later; asked again, it answers 304 as long as it is the same. */
const soonMs = 8000;
const everyMs = 60_000;

/** Territories as the controller computed them, or as they were imported; the same object while the version is. */
export class Territory {
  readonly reading: Persistent<TerritoryView> = new Persistent(async () => {
    const view = await api.get<TerritoryView>('/map/territory');
    const known = this.reading.value;
    return view.version === known?.version ? known : view;
  });

  get view(): TerritoryView | null {
    return this.reading.value;
  }

  /** Reads now, once more soon and then each minute; returns the way to stop. */
  follow(): () => void {
    const load = () => void this.reading.load();
    load();
    const again = setTimeout(load, soonMs);
    const always = setInterval(load, everyMs);
    return () => {
      clearTimeout(again);
      clearInterval(always);
      this.reading.stop();
    };
  }
}
