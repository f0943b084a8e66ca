import { defineConfig } from 'vitest/config';

/** The long ones: `npm run test:soak`. One at a time, hours rather than minutes. */
export default defineConfig({
  test: {
    globalSetup: ['tests/support/postgres.ts'],
    include: ['tests/soak/**/*.test.ts'],
    testTimeout: 6 * 3_600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
