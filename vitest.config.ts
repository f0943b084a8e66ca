import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take longest: begun last, they would be waited for alone. */
const slow = [
  'tests/pulumi/stack',
  'tests/pulumi/programs',
  'tests/scope',
  'tests/telegraf',
  'tests/snmpd-pages',
  'tests/pulumi/provider',
  'tests/site-agent',
  'tests/cli',
  'tests/earlier-schemas',
  'routeros/cuts',
  'cli/cuts',
  'cli/revert.property',
  'polling/large-requests',
  'dialects/tp-link',
  'cli/hostile',
  'tests/hostile-requests',
];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = slow.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return found === -1 ? slow.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

const shared = {
  // A machine that has a third of its usual speed is no failure.
  testTimeout: 90_000,
  // On a machine that is busy with others a packet or a second is lost now and then: once more, and the report says so.
  retry: 1,
  // What comes soon comes late there; who waits for it says what, not how long.
  expect: { poll: { timeout: 20_000 } },
  hookTimeout: 120_000,
  pool: 'forks' as const,
  exclude: ['**/node_modules/**', 'tests/soak/**'],
  globalSetup: ['tests/support/postgres.ts'],
};

/**
 * Units and parts run six at a time, since most of them wait more than they work; the whole program with its simulated
 * backbone runs after them, two test files at a time.
 */
export default defineConfig({
  test: {
    maxWorkers: 6,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        test: {
          ...shared,
          // Files of one worker share what they import: to load it anew for each was a fifth of the whole run.
          isolate: false,
          exclude: [...shared.exclude, 'tests/demo/**'],
          name: 'parts',
          include: [
            'src/**/*.test.ts',
            'agents/**/*.test.ts',
            'data/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
            'dashboards/**/*.test.ts',
            'tests/**/*.test.ts',
          ],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'whole',
          testTimeout: 120_000,
          hookTimeout: 240_000,
          include: ['tests/demo/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
