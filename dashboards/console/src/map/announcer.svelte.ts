import { t } from '../lib/i18n.svelte.ts';
import { causeTitle } from './cause-words.ts';
import type { OpenCause } from './causes.ts';
import type { Network } from './network.ts';

/** One sentence per cause for those who hear the page: when it comes and when it goes. */
export class Announcer {
  said: string = $state('');
  #known: Map<string, string> | null = null;

  hear(causes: readonly OpenCause[], network: Network): void {
    const open = new Map(
      causes.filter((one) => one.sites.length > 0).map((one) => [one.key, causeTitle(one, network)] as const),
    );
    const known = this.#known;
    this.#known = open;
    // What is open when the page comes is read from the list.
    if (!known) return;
    const fresh = causes.find((one) => open.has(one.key) && !known.has(one.key));
    const gone = [...known].find(([key]) => !open.has(key));
    if (fresh) this.said = t('map.announce.dark', { cause: causeTitle(fresh, network), n: fresh.sites.length });
    else if (gone) this.said = t('map.announce.back', { cause: gone[1] });
  }
}
