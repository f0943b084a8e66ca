import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gathered } from './gathered.ts';

describe('gathered work', () => {
  it('is done at once when nothing runs, and together when something does', async () => {
    const runs: string[][] = [];
    const gathered = new Gathered<string, string>({
      run: async (inputs) => {
        runs.push([...inputs]);
        await setImmediate();
        return inputs.map((input) => input.toUpperCase());
      },
      keyOf: (input) => input,
      most: 3,
    });
    const outcomes = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((input) => gathered.ask(input)));
    expect(outcomes).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(runs).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });

  it('fails only for what cannot be done, and does all else exactly once in the end', async () => {
    const asks = fc.array(fc.record({ key: fc.integer({ min: 0, max: 4 }), bad: fc.boolean() }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(asks, fc.integer({ min: 1, max: 6 }), async (all, most) => {
        const done: number[] = [];
        const gathered = new Gathered<{ key: number; bad: boolean; index: number }, number>({
          run: async (inputs) => {
            expect(inputs.length).toBeLessThanOrEqual(most);
            expect(new Set(inputs.map(({ key }) => key)).size).toBe(inputs.length);
            await setImmediate();
            if (inputs.some(({ bad }) => bad)) throw new Error('bad');
            done.push(...inputs.map(({ index }) => index));
            return inputs.map(({ index }) => index);
          },
          keyOf: ({ key }) => String(key),
          most,
        });
        const settled = await Promise.allSettled(all.map((one, index) => gathered.ask({ ...one, index })));
        for (const [index, { bad }] of all.entries()) {
          expect(settled[index]).toMatchObject(bad ? { status: 'rejected' } : { status: 'fulfilled', value: index });
        }
        expect([...done].sort((a, b) => a - b)).toEqual([...all.keys()].filter((index) => all[index]?.bad === false));
        // Of one key in the order in which they were asked.
        for (let key = 0; key <= 4; key++) {
          const ofKey = done.filter((index) => all[index]?.key === key);
          expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });
});
