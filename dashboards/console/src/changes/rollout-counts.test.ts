import { expect, it } from 'vitest';
import { countsOf, othersOf } from './rollout-counts.ts';

it('a rollout that ended says what is right apart from what was not reached', () => {
  const devices = [
    ...Array.from({ length: 20 }, () => ({ state: 'unreachable' as const })),
    { state: 'unchanged' as const },
    { state: 'confirmed' as const },
  ];
  const counts = countsOf(devices);
  expect(counts).toEqual({ devices: 22, ended: 22, right: 2, unreachable: 20, skipped: 0 });
  expect(othersOf(counts)).toEqual([{ kind: 'unreachable', count: 20 }]);
});

it('what gave its change back, or never had its turn, is not what did not answer', () => {
  const counts = countsOf(
    (['confirmed', 'reverted', 'lost', 'refused', 'skipped', 'skipped'] as const).map((state) => ({ state })),
  );
  expect(othersOf(counts)).toEqual([
    { kind: 'failed', count: 3 },
    { kind: 'skipped', count: 2 },
  ]);
});

it('what goes on is in neither', () => {
  expect(othersOf(countsOf([{ state: 'applying' }, { state: 'waiting' }, { state: 'confirmed' }]))).toEqual([]);
});
