import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChunk, encodeChunk } from './chunk.ts';

const value = fc.oneof(
  fc.constant(NaN),
  fc.constant(0),
  fc.integer({ min: -1000, max: 1e6 }),
  fc.integer({ min: 0, max: 2 ** 46 }),
  fc.integer({ min: -99999, max: 99999 }).map((n) => n / 1000),
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
);
const times = fc
  .uniqueArray(fc.integer({ min: 1_700_000_000, max: 1_700_000_900 }), { maxLength: 40 })
  .map((list) => list.sort((a, b) => a - b));

function expectClose(read: number, written: number): void {
  if (Number.isNaN(written)) expect(read).toBeNaN();
  else expect(Math.abs(read - written)).toBeLessThanOrEqual(Math.abs(written) * 1e-5 + 1e-38);
}

describe('a chunk', () => {
  it('comes back with its times and, to 0.001 %, its values; absent stays absent', () => {
    fc.assert(
      fc.property(
        times.chain((t) =>
          fc.record({
            times: fc.constant(t),
            columns: fc.array(fc.array(value, { minLength: t.length, maxLength: t.length }), { maxLength: 9 }),
          }),
        ),
        (chunk) => {
          const read = decodeChunk(encodeChunk(chunk));
          expect(read.times).toEqual(chunk.times);
          expect(read.columns).toHaveLength(chunk.columns.length);
          chunk.columns.forEach((column, c) =>
            column.forEach((v, row) => expectClose(read.columns[c]?.[row] ?? NaN, v)),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps whole numbers exactly, also those beyond what a 32-bit float holds', () => {
    const chunk = { times: [100, 160, 220], columns: [[123_456_789, 4_000_000_001, 17]] };
    expect(decodeChunk(encodeChunk(chunk)).columns).toEqual(chunk.columns);
  });

  it('gives the wanted columns alone, and NaN for one it does not have', () => {
    const bytes = encodeChunk({
      times: [1, 2],
      columns: [
        [1, 2],
        [3.5, 4.25],
        [5, NaN],
      ],
    });
    expect(decodeChunk(bytes, [2, 1, 7]).columns).toEqual([
      [5, NaN],
      [3.5, 4.25],
      [NaN, NaN],
    ]);
  });

  it('costs a quiet interface next to nothing', () => {
    const rows = 30;
    const quiet = { times: Array.from({ length: rows }, (_, i) => 1_764_000_000 + i * 30), columns: [] as number[][] };
    for (let c = 0; c < 9; c++) quiet.columns.push(Array.from<number>({ length: rows }).fill(c === 8 ? 2 : 0));
    expect(encodeChunk(quiet).length / rows).toBeLessThan(1.5);
  });
});
