import { alertKey, type Alert } from '../../domain/alert.ts';
import type { EntityState } from '../../domain/reachability.ts';

/** A reading may be a little older than the first thing missed. */
const slackMs = 60_000;
/** So long after a link came back a reading of before may still stand: sensors are read once a minute. */
const afterwordMs = 300_000;

/**
 * What rules say of a link that is down: the light that its near end lacks is part of the failure, and no story of its own.
 * What they said before it failed stays as it was. When it is back it stays part of the failure until it is measured anew;
 * light that is low still after that speaks for itself.
 */
export function ofFailedLinks(
  rules: readonly Alert[],
  known: {
    /** Darkness that holds, by key. */
    readonly dark: ReadonlyMap<string, Alert>;
    /** Those of the incidents that are open. */
    readonly before: readonly Alert[];
    readonly stateOf: (kind: 'link', id: string) => EntityState | null;
    readonly now: number;
  },
): readonly Alert[] {
  return rules.map((alert) => {
    const { kind, id } = alert.subject;
    if (kind !== 'link' || alert.cause !== null) return alert;
    const dark = known.dark.get(alertKey('link.dark', { kind, id }));
    if (dark?.cause !== undefined && dark.cause !== null) {
      return alert.since >= dark.cause.since - slackMs ? { ...alert, cause: dark.cause } : alert;
    }
    const cause = known.before.find(({ key }) => key === alert.key)?.cause ?? null;
    const state = known.stateOf(kind, id);
    const isBack = state?.state === 'up' && known.now - state.since < afterwordMs;
    return isBack && cause !== null ? { ...alert, cause } : alert;
  });
}
