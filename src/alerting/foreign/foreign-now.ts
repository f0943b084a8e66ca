import { alertKey, type Alert } from '../../domain/alert.ts';
import type { EntityState } from '../../domain/reachability.ts';

/** So long after a thing came back another program may still tell of its outage: it looks less often than we do. */
const afterwordMs = 300_000;

/**
 * Alerts of other programs beside what is known here: of a thing that is dark they are part of what darkens it; of one
 * that has just come back, from before it did, and of one under planned work they are no news.
 */
export function foreignNow(
  foreign: readonly Alert[],
  known: {
    /** Darkness that holds, by key. */
    readonly dark: ReadonlyMap<string, Alert>;
    /** Keys of those that an open incident has as its own cause. */
    readonly speaking: ReadonlySet<string>;
    readonly stateOf: (kind: 'device' | 'site' | 'link', id: string) => EntityState | null;
    readonly now: number;
  },
): readonly Alert[] {
  return foreign.flatMap((alert) => {
    const { kind, id } = alert.subject;
    if (kind !== 'device' && kind !== 'site' && kind !== 'link') return [alert];
    const dark = known.dark.get(alertKey(`${kind}.dark`, { kind, id }));
    if (dark !== undefined) return [{ ...alert, cause: dark.cause }];
    const state = known.stateOf(kind, id);
    if (state?.state === 'maintenance') return [];
    const isBack = state?.state === 'up' && alert.since < state.since && known.now - state.since < afterwordMs;
    // What speaks for itself goes on to: after a start of Arung everything has only just come up.
    return isBack && !known.speaking.has(alert.key) ? [] : [alert];
  });
}
