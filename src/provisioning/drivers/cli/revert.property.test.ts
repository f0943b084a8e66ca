import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliDocuments, jetStream } from '../../../../tests/support/random-cli-intent.ts';
import { SwitchBench, switches } from '../../../../tests/support/switch-bench.ts';
import { ArungError } from '../../../domain/errors.ts';

let others: SwitchBench;
let tpLink: SwitchBench;
beforeAll(async () => {
  others = await SwitchBench.start(122, { isDriven: true });
  tpLink = await SwitchBench.start(138, { isDriven: true, as: { [switches.noName]: { vendor: 'TP-Link', model: 'TL-SG2008' } } }); // prettier-ignore
});
afterAll(async () => {
  await others.stop();
  await tpLink.stop();
});

/** For each command line; `ARUNG_TEST_PROPERTY_RUNS=50` looks longer. */
const runsEach = Number(process.env['ARUNG_TEST_PROPERTY_RUNS'] ?? '4');
let runs = 0;
const tally: Record<string, number> = {};

describe('a configuration that is applied and reverted', () => {
  it.each([...Object.values(switches), jetStream])(
    'is the same again, on %s',
    async (make) => {
      const [bench, device] = make === jetStream ? [tpLink, switches.noName] : [others, make];
      await fc.assert(
        fc.asyncProperty(cliDocuments(make), async (document) => {
          runs += 1;
          const run = `acak-${runs}`;
          const before = bench.stateOf(device);
          const end = await bench
            .with(bench.target(device), async (session) => {
              const { until } = await session.arm(run, 600);
              await session.apply(document, { run, applied: null, until });
              return 'applied';
            })
            .catch((error: unknown) => {
              if (error instanceof ArungError) return error.code;
              throw error;
            });
          tally[end] = (tally[end] ?? 0) + 1;
          // What could not be undone line by line goes back as what was applied does.
          if (end !== 'apply.undone') await bench.reverted(device, run, { commandTimeoutMs: 3_000 }); // prettier-ignore
          expect(bench.stateOf(device)).toBe(before);
          await bench.with(bench.target(device), async (session) => expect(await session.rollbacks()).toEqual([]));
        }),
        { numRuns: runsEach, seed: 17 },
      );
    },
    runsEach * 20_000,
  );

  it('was really applied most of the times above', () => {
    const all = Object.values(tally).reduce((sum, count) => sum + count, 0);
    expect(tally['applied'] ?? 0, JSON.stringify(tally)).toBeGreaterThan(all / 2);
  });
});
