import type { RestCause, SiteView } from '../../../../src/api/views.ts';
import type { CauseView, StateView } from '../../../../src/live/messages.ts';
import type { Reachability } from '../../../../src/domain/reachability.ts';
import { t, textOf } from '../lib/i18n.svelte.ts';
import { causeOf } from '../lib/rest.ts';

interface Fetched {
  readonly id: string;
  readonly state: Reachability;
  readonly since: string | null;
  readonly cause: RestCause | null;
}

/** A row as fetched with the state that it has now. */
export type LiveRow<T extends Fetched> = Omit<T, 'cause'> & {
  readonly sinceAt: number | null;
  readonly cause: CauseView | null;
};

/** Lays the live picture over what was fetched. What is not in it is up, and then the fetched time holds if it was up. */
export function liveState<T extends Fetched>(
  fetched: T,
  notUp: ReadonlyMap<string, StateView>,
  ready: boolean,
): LiveRow<T> {
  const fetchedSince = fetched.since === null ? null : Date.parse(fetched.since);
  const view = notUp.get(fetched.id);
  if (view) return { ...fetched, state: view.state, cause: view.cause, sinceAt: view.since };
  if (!ready || fetched.state === 'up') {
    return { ...fetched, cause: causeOf(fetched.cause), sinceAt: fetchedSince };
  }
  return { ...fetched, state: 'up', cause: null, sinceAt: null };
}

/** `Desa` or `Kelurahan` by the region's code (1xxx is urban), else the kind's word. */
export function kindText(site: Pick<SiteView, 'kind' | 'regionCode'>): string {
  const urban = site.kind === 'village' && site.regionCode.charAt(9) === '1';
  return urban ? t('kind.urban-village') : t(`kind.${site.kind}`);
}

export function mediumText(medium: string | null): string {
  return medium === null ? '–' : (textOf(`medium.${medium}`) ?? medium);
}

/** Two lists as one: what the first names is not taken from the second again. */
export function merged<T extends { readonly id: string }>(first: readonly T[], second: readonly T[]): readonly T[] {
  if (first.length === 0) return second;
  const known = new Set(first.map((one) => one.id));
  return [...first, ...second.filter((one) => !known.has(one.id))];
}
