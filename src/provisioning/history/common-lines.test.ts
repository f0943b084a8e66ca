import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { common } from './common-lines.ts';

const pairsOf = (a: readonly string[], b: readonly string[]) =>
  [...common(a, b)].flatMap((j, i) => (j < 0 ? [] : [[i, j]]));

describe('what two lists have in common', () => {
  it('is equal elements, in the order of both', () => {
    const lists = array(constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 40 });
    assert(
      property(lists, lists, (a, b) => {
        let last = -1;
        for (const [i = 0, j = 0] of pairsOf(a, b)) {
          expect(a[i]).toBe(b[j]);
          expect(j).toBeGreaterThan(last);
          last = j;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is all of it when a few were put in between, taken out, or both', () => {
    const before = Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 'add chain=input' : `line ${i}`));
    const after = before.toSpliced(50, 0, 'new', 'add chain=input').toSpliced(120, 3);
    expect(pairsOf(before, after)).toHaveLength(197);
  });

  it('holds a moved block by what surrounds it', () => {
    expect(pairsOf(['a', 'x', 'b', 'c'], ['a', 'b', 'c', 'x'])).toEqual([[0, 0], [2, 1], [3, 2]]); // prettier-ignore
  });

  it.each([
    ['all of which differ', (i: number) => [`a ${i}`, `b ${i}`]],
    ['that repeat a few words', (i: number) => [`w ${i % 3}`, `w ${(i * 7) % 4}`]],
    ['turned around', (i: number) => [`l ${i}`, `l ${19_999 - i}`]],
    ['that are there twice, turned around', (i: number) => [`l ${i >> 1}`, `l ${(19_999 - i) >> 1}`]],
  ])('is found in 20,000 lines %s before anybody waits', (_, lineOf) => {
    const lines = Array.from({ length: 20_000 }, (__, i) => lineOf(i));
    const begun = performance.now();
    common(lines.map(([a]) => a), lines.map(([, b]) => b)); // prettier-ignore
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
