import { expect } from 'vitest';
import type { IntentDocument } from '../../src/domain/intent.ts';
import type { SwitchBench } from './switch-bench.ts';

/** Changes on one switch, each a run of its own: `applied` gives its name, `confirmed` goes on until nothing waits there. */
export function changesOn(bench: () => SwitchBench, device: string) {
  let runs = 0;
  async function applied(document: IntentDocument, before: IntentDocument | null = null): Promise<string> {
    runs += 1;
    const run = `run-${runs}`;
    await bench().with(bench().target(device), async (session) => {
      const { until } = await session.arm(run, 120);
      await session.apply(document, { run, applied: before, until });
    });
    return run;
  }
  async function confirmed(document: IntentDocument, before: IntentDocument | null = null): Promise<void> {
    const run = await applied(document, before);
    await bench().with(bench().target(device), async (session) => {
      expect(await session.confirm(document, { run, applied: before })).toEqual({ confirmed: true });
      expect(await session.rollbacks()).toEqual([]);
    });
  }
  return { applied, confirmed };
}
