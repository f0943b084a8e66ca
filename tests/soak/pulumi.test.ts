import { vi } from 'vitest';

/** The stack of the real Pulumi with all ways in which a run of it is cut off. */
vi.stubEnv('ARUNG_TEST_PULUMI_CUTS', 'all');
await import('../pulumi/stack.test.ts');
