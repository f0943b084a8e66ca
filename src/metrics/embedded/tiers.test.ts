import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rollUp, statistic, statistics } from './tiers.ts';

const rows = fc
  .uniqueArray(fc.integer({ min: 0, max: 7_200 }), { minLength: 1, maxLength: 60 })
  .map((times) => times.sort((a, b) => a - b))
  .chain((times) =>
    fc.record({
      times: fc.constant(times),
      column: fc.array(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(NaN)), {
        minLength: times.length,
        maxLength: times.length,
      }),
    }),
  );

describe('rollUp', () => {
  it('keeps min, max, sum, count and last of each step, and nothing where nothing was', () => {
    fc.assert(
      fc.property(rows, ({ times, column }) => {
        const rolled = rollUp({ times, columns: [column] }, 300, 'rows');
        for (const [entry, start] of rolled.times.entries()) {
          const inside = column.filter(
            (value, row) => Math.floor((times[row] ?? 0) / 300) * 300 === start && !Number.isNaN(value),
          );
          const found = statistics.map((_, which) => rolled.columns[which]?.[entry]);
          if (inside.length === 0) expect(found).toEqual([NaN, NaN, NaN, NaN, NaN]);
          else {
            expect(found).toEqual([
              Math.min(...inside),
              Math.max(...inside),
              inside.reduce((sum, value) => sum + value, 0),
              inside.length,
              inside.at(-1),
            ]);
          }
        }
      }),
    );
  });

  it('gives the same hours from five-minute entries as from the rows themselves', () => {
    fc.assert(
      fc.property(rows, ({ times, column }) => {
        const direct = rollUp({ times, columns: [column] }, 3_600, 'rows');
        const twice = rollUp(rollUp({ times, columns: [column] }, 300, 'rows'), 3_600, 'roll-up');
        expect(twice).toEqual(direct);
        expect(twice.columns[statistic.count]).toHaveLength(twice.times.length);
      }),
    );
  });
});
