import type { Reachability } from '../../../../src/domain/reachability.ts';

/** In the order in which they are shown. */
export const reachabilities: readonly Reachability[] = ['up', 'down', 'unreachable', 'unknown', 'maintenance'];
export type ReachabilityCounts = Readonly<Record<Reachability, number>>;
