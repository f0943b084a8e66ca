import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsThatFit, nextSort, rowsInSight, type Column } from './table.ts';

describe('rows in sight', () => {
  it('cover the window and lie within the list', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.integer({ min: 100, max: 2000 }), fc.nat(5000), (top, height, count) => {
        const { start, end } = rowsInSight({ top, height }, 36, count);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
        expect(end).toBeGreaterThanOrEqual(start);
        for (const y of [top, top + height - 1]) {
          const row = Math.floor(y / 36);
          if (row < count) expect(row >= start && row < end).toBe(true);
        }
      }),
    );
  });
});

describe('columns', () => {
  const columns: readonly Column[] = [
    { key: 'name', label: '', width: 200 },
    { key: 'model', label: '', width: 200, leaves: 1 },
    { key: 'role', label: '', width: 200, leaves: 2 },
  ];
  const keys = (room: number): string =>
    columnsThatFit(columns, room)
      .map((column) => column.key)
      .join(' ');

  it('leave in their order when the room gets narrow, and the name stays', () => {
    expect([700, 560, 450, 300, 100].map(keys)).toEqual([
      'name model role',
      'name model role',
      'name role',
      'name',
      'name',
    ]);
  });

  it('sort by the most first where that is what one looks for, and turn round at the next click', () => {
    const load = { sort: 'load', most: true };
    expect(nextSort('state', load)).toBe('-load');
    expect(nextSort('-load', load)).toBe('load');
    expect(nextSort('state', { sort: 'name' })).toBe('name');
    expect(nextSort('name', { sort: 'name' })).toBe('-name');
  });
});
