import type { DrivenTimers } from '../../agents/simulator/routeros/testing/driven-timers.ts';
import type { Timers } from '../../src/domain/clock.ts';

/** Timers for who only waits, in a test that moves the time: it passes at once. */
export function hastened(timers: DrivenTimers | null): Pick<Timers, 'after'> | undefined {
  if (timers === null) return undefined;
  return {
    after: (ms, run) => {
      timers.pass(ms / 1_000);
      const soon = setImmediate(run);
      return () => clearImmediate(soon);
    },
  };
}
