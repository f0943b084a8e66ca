import { describe, expect, it } from 'vitest';
import { bulkRows, gridOf } from './bulk-rows.ts';

/** Slots of 9 ports, column by column, whose indices are not in order. */
const indices = [3, 1, 2, 10, 4, 5, 6, 7, 8];
const oids = ['1.3.6.1.2.1.2.2.1.10', '1.3.6.1.2.1.31.1.1.1.6'].flatMap((column) =>
  indices.map((index) => `${column}.${index}`),
);
const all = [...oids.keys()];
const oidOf = (slot: number): string => oids[slot] ?? '';

describe('slots as a table', () => {
  it('come row by row, as a GETBULK brings them', () => {
    const grid = gridOf(all, oidOf);
    expect(grid?.columns).toBe(2);
    expect(grid?.rows.map((row) => row.map(oidOf))).toEqual(
      [...indices]
        .sort((a, b) => a - b)
        .map((index) => [`1.3.6.1.2.1.2.2.1.10.${index}`, `1.3.6.1.2.1.31.1.1.1.6.${index}`]),
    );
    expect(bulkRows(grid?.rows.slice(8) ?? [], oidOf)).toMatchObject({
      rows: 1,
      before: ['1.3.6.1.2.1.2.2.1.10.9', '1.3.6.1.2.1.31.1.1.1.6.9'],
    });
  });

  it('are none where a column lacks a row, has others, or where there are few', () => {
    expect(gridOf(all.slice(1), oidOf)).toBeNull();
    const other = (slot: number): string => (slot === 0 ? '1.3.6.1.2.1.2.2.1.10.99' : oidOf(slot));
    expect(gridOf(all, other)).toBeNull();
    expect(gridOf([...all, 0], oidOf)).toBeNull();
    expect(
      gridOf(
        all.filter((slot) => (indices[slot % 9] ?? 0) < 4),
        oidOf,
      ),
    ).toBeNull();
  });
});
