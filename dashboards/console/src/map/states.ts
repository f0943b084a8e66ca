import type { Reachability } from '../../../../src/domain/reachability.ts';
import type { StateView } from '../../../../src/live/messages.ts';

/** What a place may show: the state of its site, or what it has of a service, which may be slow. */
export type MapState = Reachability | 'degraded';
export type MapStateView = Omit<StateView, 'state'> & { readonly state: MapState };

/** States as numbers for MapLibre's feature-state: expressions compare them cheaply. */
export const UP = 0;
export const DOWN = 1;
export const DARK = 2;
export const UNKNOWN = 3;
export const MAINTENANCE = 4;
export const SLOW = 5;
export type StateCode = 0 | 1 | 2 | 3 | 4 | 5;

const codes: Readonly<Record<MapState, StateCode>> = {
  up: UP,
  down: DOWN,
  unreachable: DARK,
  unknown: UNKNOWN,
  maintenance: MAINTENANCE,
  degraded: SLOW,
};
const words: readonly Reachability[] = ['up', 'down', 'unreachable', 'unknown', 'maintenance'];

export const codeOf = (state: MapState): StateCode => codes[state];
export const wordOf = (code: StateCode): Reachability => words[code] ?? 'up';

/** Worst first: what a cluster or a territory with several sites shows. */
const badness: readonly StateCode[] = [UP, MAINTENANCE, SLOW, UNKNOWN, DARK, DOWN];
export const worse = (a: StateCode, b: StateCode): StateCode => (badness.indexOf(a) >= badness.indexOf(b) ? a : b);
export const rankOf = (state: MapState): number => badness.indexOf(codes[state]);

/** Of places the states that are not up; `but` counts as up, too. */
export function notUp(views: ReadonlyMap<string, MapStateView>, but: StateCode = UP): ReadonlyMap<string, StateCode> {
  const found = new Map<string, StateCode>();
  for (const [id, { state }] of views) {
    const code = codes[state];
    if (code !== UP && code !== but) found.set(id, code);
  }
  return found;
}
