import { expect, it } from 'vitest';
import type { ApiRow } from './api-client.ts';
import { RouterOsConfiguration } from './configuration.ts';
import { fragmentsOf } from './describe.ts';

const configurationOf = (rows: readonly ApiRow[]) => new RouterOsConfiguration(0, new Map([['/ip/pool', rows]]));

it('entries of one name are told apart, and their keys are free', () => {
  const rows = ['kolam', 'kolam', 'kolam-2', 'kolam'].map((name) => ({ name, ranges: '10.0.0.1-10.0.0.9' }));
  const keys = fragmentsOf(configurationOf(rows), '/ip/pool').map(({ key }) => key);
  expect(keys).toEqual(['ip-pool.kolam', 'ip-pool.kolam-2', 'ip-pool.kolam-2-2', 'ip-pool.kolam-3']);
});

it.each([
  ['forty thousand entries of one name', Array.from({ length: 40_000 }, () => 'kolam')],
  ['names that are long', Array.from({ length: 5 }, () => `${'.'.repeat(200_000)}x`)],
])('a menu is told in a moment: %s', (_, names) => {
  const before = process.cpuUsage();
  const found = fragmentsOf(configurationOf(names.map((name) => ({ name, ranges: '10.0.0.1' }))), '/ip/pool');
  expect(new Set(found.map(({ key }) => key)).size).toBe(names.length);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
});
