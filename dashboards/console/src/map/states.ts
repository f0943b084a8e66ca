import type { Reachability } from '../../../../src/domain/reachability.ts';

/** States as numbers for MapLibre's feature-state: expressions compare them cheaply. */
export const UP = 0;
export const DOWN = 1;
export const DARK = 2;
export const UNKNOWN = 3;
export const MAINTENANCE = 4;
export type StateCode = 0 | 1 | 2 | 3 | 4;

const codes: Readonly<Record<Reachability, StateCode>> = {
  up: UP,
  down: DOWN,
  unreachable: DARK,
  unknown: UNKNOWN,
  maintenance: MAINTENANCE,
};
const words: readonly Reachability[] = ['up', 'down', 'unreachable', 'unknown', 'maintenance'];

export const codeOf = (state: Reachability): StateCode => codes[state];
export const wordOf = (code: StateCode): Reachability => words[code] ?? 'up';

/** Worst first: what a cluster or a territory with several sites shows. */
const badness: readonly StateCode[] = [UP, MAINTENANCE, UNKNOWN, DARK, DOWN];
export const worse = (a: StateCode, b: StateCode): StateCode => (badness.indexOf(a) >= badness.indexOf(b) ? a : b);
export const rankOf = (state: Reachability): number => badness.indexOf(codes[state]);
