import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeableMenus, fragmentOf } from '../../../../tests/support/random-intent.ts';
import { documentOf, fragment, RouterBench } from '../../../../tests/support/router-bench.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { isLoss } from '../device-errors.ts';

/** The agent is plugged into it: what is changed at random seldom cuts it off. */
const device = 'rtr-dc-01';
let bench: RouterBench;
beforeAll(async () => {
  bench = await RouterBench.start(100, { isDriven: true });
});
afterAll(() => bench.stop());

/** Of each property; `ARUNG_TEST_PROPERTY_RUNS=50` looks longer. */
const runsEach = Number(process.env['ARUNG_TEST_PROPERTY_RUNS'] ?? '2');
let runs = 0;
const tally: Record<string, number> = {};

/** Applies, and gives back how that ended; a device that cut itself off has gone back by itself then. */
async function applied(document: IntentDocument, run: string, commandTimeoutMs = 300): Promise<string> {
  const change = bench
    .with(
      bench.target(device),
      async (session) => {
        const { until } = await session.arm(run, 60);
        await session.apply(document, { run, applied: null, until });
        return 'applied';
      },
      { commandTimeoutMs },
    )
    .catch((error: unknown) => {
      if (error instanceof ArungError) return error.code;
      throw error;
    });
  const slow = setTimeout(() => bench.pass(70), 5 * commandTimeoutMs);
  const end = await change;
  clearTimeout(slow);
  return end;
}

/** Whatever is on the device because of a run goes, as the next run would see to it. */
async function reverted(run: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    await bench.untilReached(device);
    try {
      // Short, since it waits so long for the answer of a device that starts anew; on a busy machine too short.
      await bench.with(bench.target(device), (session) => session.revert(run), { commandTimeoutMs: 300 });
      return;
    } catch (error) {
      if (!isLoss(error) || tries > 10) throw error;
    }
  }
}

const documents = (menus = changeableMenus): fc.Arbitrary<IntentDocument> =>
  fc
    .uniqueArray(fc.constantFrom(...menus.map((_, at) => at)), { minLength: 1, maxLength: 6 })
    .chain((places) =>
      fc.tuple(
        ...places.flatMap((place, at) => menus.slice(place, place + 1).map((menu) => fragmentOf(menu, `f${at}`))),
      ),
    )
    .map((fragments) => documentOf(...fragments));

function isTaken(document: IntentDocument): boolean {
  try {
    bench.driver.check(document);
    return true;
  } catch {
    return false;
  }
}

describe('a configuration that is applied and reverted', () => {
  it.each(changeableMenus.map((menu) => [menu.path, menu] as const))(
    'is the same again, in %s',
    async (_, menu) => {
      await fc.assert(
        fc.asyncProperty(fc.tuple(fragmentOf(menu, 'one'), fragmentOf(menu, 'two')), async ([one, two]) => {
          const document = menu.single === true ? documentOf(one) : documentOf(one, two);
          fc.pre(isTaken(document));
          runs += 1;
          const before = { state: bench.stateOf(device), content: bench.contentOf(device) };
          const end = await applied(document, `menu-${runs}`);
          tally[end] = (tally[end] ?? 0) + 1;
          if (end === 'apply.undone') expect(bench.contentOf(device)).toBe(before.content);
          await reverted(`menu-${runs}`);
          if (end !== 'apply.undone') expect(bench.stateOf(device)).toBe(before.state);
        }),
        { numRuns: runsEach, seed: 7 },
      );
    },
    60_000,
  );

  it('is the same again, over several menus at a time', async () => {
    await fc.assert(
      fc.asyncProperty(documents(), async (document) => {
        fc.pre(isTaken(document));
        runs += 1;
        const before = { state: bench.stateOf(device), content: bench.contentOf(device) };
        const end = await applied(document, `all-${runs}`);
        tally[end] = (tally[end] ?? 0) + 1;
        if (end === 'apply.undone') expect(bench.contentOf(device)).toBe(before.content);
        await reverted(`all-${runs}`);
        if (end !== 'apply.undone') expect(bench.stateOf(device)).toBe(before.state);
      }),
      { numRuns: runsEach * 10, seed: 11 },
    );
  }, 120_000);

  it('is the same again when the device refuses the last step: without a restart', async () => {
    const last = fragment('last', '/user/ssh-keys', { user: 'x', key: 'y', 'tidak-ada': 'z' });
    const boots = bench.backbone.simulator.network.devices.get(device)?.boots;
    const harmless = changeableMenus.filter(({ path }) => !/^\/(ip\/(firewall|service|address|route)|interface|user$)/.test(path)); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(documents(harmless), async (document) => {
        const whole = documentOf(...document.fragments, last);
        fc.pre(isTaken(whole));
        runs += 1;
        const before = bench.contentOf(device);
        // Nothing of this cuts the way: what is late is a busy machine.
        expect(await applied(whole, `bad-${runs}`, 10_000)).toBe('apply.undone');
        expect(bench.contentOf(device)).toBe(before);
        expect(bench.files(device)).toEqual([]);
      }),
      { numRuns: runsEach * 15, seed: 13 },
    );
    expect(bench.backbone.simulator.network.devices.get(device)?.boots).toBe(boots);
  }, 120_000);

  it('was really applied most of the times above', () => {
    const all = Object.values(tally).reduce((sum, count) => sum + count, 0);
    expect(tally['applied'] ?? 0).toBeGreaterThan(all / 2);
  });
});
