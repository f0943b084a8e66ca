import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'agents/**/*.test.ts',
      'data/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
      'dashboards/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', 'tests/soak/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['tests/support/postgres.ts'],
  },
});
