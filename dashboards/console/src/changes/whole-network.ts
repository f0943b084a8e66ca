import { session } from '../lib/session.svelte.ts';

/** Whether the reader may configure the whole network: rules and values of all of it are theirs to change. */
export function scopeIsWhole(): boolean {
  const grants = session.view?.grants ?? [];
  return grants.some(
    ({ role, regionCode }) => regionCode === null && (role === 'operator' || role === 'administrator'),
  );
}
