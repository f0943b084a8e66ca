import { alertKey, type Alert } from '../../domain/alert.ts';
import type { EntityState } from '../../domain/reachability.ts';

/** A reading may be a little older than the first thing missed. */
const slackMs = 60_000;
/** So long after a link came back a reading of before may still stand: sensors are read once a minute. */
const afterwordMs = 300_000;

/**
 * What rules say of a link that is down: the light that its near end lacks is part of the failure, and no story of its own.
 * What they said before it failed stays as it was. Of one that has just come back it is no news: it is measured anew in a
 * minute, and light that is low still after five speaks for itself.
 */
export function ofFailedLinks(
  rules: readonly Alert[],
  known: {
    /** Darkness that holds, by key. */
    readonly dark: ReadonlyMap<string, Alert>;
    /** Keys of those that an open incident has as its own cause. */
    readonly speaking: ReadonlySet<string>;
    readonly stateOf: (kind: 'link', id: string) => EntityState | null;
    readonly now: number;
  },
): readonly Alert[] {
  return rules.flatMap((alert) => {
    const { kind, id } = alert.subject;
    if (kind !== 'link' || alert.cause !== null) return [alert];
    const cause = known.dark.get(alertKey('link.dark', { kind, id }))?.cause ?? null;
    if (cause !== null) return [alert.since >= cause.since - slackMs ? { ...alert, cause } : alert];
    const state = known.stateOf(kind, id);
    const isBack = state?.state === 'up' && alert.since < state.since && known.now - state.since < afterwordMs;
    return isBack && !known.speaking.has(alert.key) ? [] : [alert];
  });
}
