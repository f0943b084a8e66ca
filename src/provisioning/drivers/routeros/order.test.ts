import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange } from './order.ts';

/** Does what was planned, as a device does it. */
function done(
  present: readonly number[],
  wanted: readonly number[],
): { readonly list: number[]; readonly moved: number } {
  const list = [...present];
  const { adds, moves } = arrange(present, wanted);
  const put = (item: number, before: number | null): void => {
    list.splice(before === null ? list.length : list.indexOf(before), 0, item);
  };
  for (const { item, before } of adds) put(item, before);
  for (const { item, before } of moves) {
    list.splice(list.indexOf(item), 1);
    put(item, before);
  }
  return { list, moved: moves.length };
}

describe('a list that is brought into order', () => {
  it('has the order that was wanted, whatever was there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(30)), fc.uniqueArray(fc.nat(30)), (some, others) => {
        const present = some;
        const wanted = [...others, ...some.filter((item) => !others.includes(item))];
        expect(done(present, wanted).list).toEqual(wanted);
      }),
    );
  });

  it('moves nothing that stands in order already', () => {
    expect(done([1, 2, 3], [1, 2, 3]).moved).toBe(0);
    expect(done([1, 3], [1, 2, 3]).moved).toBe(0);
    expect(done([3, 1, 2], [1, 2, 3]).moved).toBe(1);
    expect(done([2, 3, 4, 5, 1], [1, 2, 3, 4, 5]).moved).toBe(1);
  });
});
