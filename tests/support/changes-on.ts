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
  /** The change gives our own user the password `baru`: by it the switch is found again, and by the old one once it is back. */
  async function ownPasswordChanged(change: IntentDocument): Promise<void> {
    const target = bench().target(device);
    const after = bench().driver.credentialAfter(change, target.credential);
    expect(after).toEqual({ ...target.credential, password: 'baru' });
    const run = await applied(change);
    const either = { ...target, credential: after, alternative: { credential: target.credential } };
    await bench().reverted(device, run, { commandTimeoutMs: 3_000, target: either });
    await bench().untilReached(device);
    await bench().with(target, async (session) => expect(await session.rollbacks()).toEqual([]));
  }
  return { applied, confirmed, ownPasswordChanged };
}
