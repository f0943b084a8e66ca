import type { ServiceSummary } from '../../../../src/domain/service-state.ts';
import type { Reachability } from '../../../../src/domain/reachability.ts';

/** In the order in which they are shown. */
export const reachabilities: readonly Reachability[] = ['up', 'down', 'unreachable', 'unknown', 'maintenance'];
export type ReachabilityCounts = Readonly<Record<Reachability, number>>;

/** Everything that is counted, whatever its state. */
export function totalOf(counts: ReachabilityCounts): number {
  return reachabilities.reduce((sum, state) => sum + counts[state], 0);
}

/** How many services run, also if badly, of those that are not under planned work. */
export function runningOf(services: readonly Pick<ServiceSummary, 'state'>[]): {
  readonly running: number;
  readonly all: number;
} {
  const meant = services.filter(({ state }) => state !== 'maintenance');
  return { running: meant.filter(({ state }) => state === 'up' || state === 'degraded').length, all: meant.length };
}
