import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SwitchBench } from '../../../../tests/support/switch-bench.ts';
import { switchLockOut, switchLockOutKinds } from '../../../../tests/support/switch-lock-outs.ts';

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(124, { isDriven: true });
});
afterAll(() => bench.stop());

const withinS = 60;

describe('a change that cuts its own way to a switch', () => {
  // Each on one of those whose maker is known, and all on the one whose maker is not.
  const all = [...switchLockOutKinds.map((kind, at) => [kind, at % 3] as const), ...switchLockOutKinds.map((kind) => [kind, 3] as const)]; // prettier-ignore
  it.each(all.map(([kind, which], at) => [kind, which, at] as const))(
    'heals by itself: %s (switch %i)',
    async (kind, which, at) => {
      const { device, good, bad } = switchLockOut(bench, kind, () => which / 4);
      const isDead = at % 2 === 1;
      await bench.with(bench.target(device), async (session) => {
        const { until } = await session.arm(`baik-${at}`, withinS);
        await session.apply(good, { run: `baik-${at}`, applied: null, until });
        expect(await session.confirm(good, { run: `baik-${at}`, applied: null })).toEqual({ confirmed: true });
      });
      const before = bench.stateOf(device);
      const death = new AbortController();
      const run = `buruk-${at}`;
      const said = bench
        .with(
          bench.target(device),
          async (session) => {
            const { until } = await session.arm(run, withinS);
            return session.apply(bad, { run, applied: good, until, signal: death.signal });
          },
          { commandTimeoutMs: 3_000 },
        )
        .catch((error: unknown) => error);
      for (let tries = 0; tries < 2_400 && bench.answers(device); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5)); // prettier-ignore
      expect(bench.answers(device)).toBe(false);
      if (isDead) death.abort();
      bench.pass(withinS + 70);
      await bench.untilReached(device);
      expect(bench.stateOf(device)).toBe(before);
      expect(await said).toMatchObject({ code: expect.stringMatching(/^(apply\.(lost|too-late|stopped)|rollback\.not-armed)$/) as string }); // prettier-ignore
    },
    30_000,
  );
});
