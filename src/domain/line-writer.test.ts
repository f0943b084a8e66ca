import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentId } from './ids.ts';
import { LineWriter } from './line-writer.ts';
import { seriesOf, type PointBatch } from './point.ts';

function batchOf(values: readonly number[], sensor = 's'): PointBatch {
  const series = seriesOf('sensor', { device: 'd', sensor });
  return {
    agent: 'local' as AgentId,
    measurement: 'sensor',
    series: values.map(() => series),
    times: new Float64Array(values.length).fill(1_764_000_000),
    values: Float64Array.from(values),
  };
}

function written(values: readonly number[]): string[] {
  const writer = new LineWriter();
  writer.append(batchOf(values));
  const lines = writer.take().toString().split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => line.replace('sensor,device=d,sensor=s value=', '').replace(' 1764000000', ''));
}

describe('LineWriter', () => {
  it('writes a number of any size and any count of decimals in its shortest form', () => {
    const decimals = fc
      .tuple(fc.double({ min: -1e13, max: 1e13, noNaN: true }), fc.nat(9))
      .map(([number, count]) => Number(number.toFixed(count)));
    const places = fc.tuple(fc.nat(16), fc.constantFrom(-1, 0, 1)).map(([power, more]) => 10 ** power + more);
    const numbers = fc.oneof(decimals, places, fc.integer(), fc.maxSafeInteger(), fc.double({ noDefaultInfinity: true, noNaN: true })); // prettier-ignore
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 50 }), (values) => {
        expect(written(values)).toEqual(values.map(String));
      }),
      { numRuns: 2_000 },
    );
  });

  it('writes the edges of its own short ways', () => {
    const edges = [0, -0, 9, 10, 99, 100, 0.001, 0.1, 0.999, 1e-6, 0.000_278, 999.999_999, 1e9 - 0.001, 1e9 + 0.125, 1e12 - 0.001, 2 ** 31 - 1, 2 ** 31, 1e15 - 1, 1e15, 1e21, 5e-324, 1.797e308]; // prettier-ignore
    expect(written(edges)).toEqual(edges.map(String));
  });

  it('leaves out what is no number, and lines without any', () => {
    expect(written([1, Number.NaN, Number.POSITIVE_INFINITY, 2])).toEqual(['1', '2']);
  });

  it('writes times within a second as exactly as its ticks tell them, heads as it is told, and only what is accepted', () => {
    const lines = (afterTime: string): string => {
      const writer = new LineWriter({ afterTime, headOf: ({ tags }) => `m,s=${tags.sensor}` });
      const batch = batchOf([1, 2, 3, 4]);
      writer.append({ ...batch, times: Float64Array.of(7, 1_764_000_000.25, 9, 1_764_000_001) }, (time) => time !== 9);
      return writer.take().toString();
    };
    expect(lines('000000')).toBe(
      'm,s=s value=1 7000000\nm,s=s value=2 1764000000250000\nm,s=s value=4 1764000001000000\n',
    );
    expect(lines('000')).toContain(' 1764000000250\n');
    expect(lines('000000000')).toContain(' 1764000000250000000\n');
    expect(lines('')).toContain(' 1764000000\n');
  });

  it('grows with what it is given, and hands out each line once', () => {
    const writer = new LineWriter({ afterTime: '000' });
    const sensor = 'ü€😀'.repeat(2_000);
    writer.append(batchOf([1.5, -2], sensor));
    writer.append(batchOf([3]));
    const taken = writer.take();
    expect(taken.toString()).toBe(
      `sensor,device=d,sensor=${sensor} value=1.5 1764000000000\n` +
        `sensor,device=d,sensor=${sensor} value=-2 1764000000000\n` +
        'sensor,device=d,sensor=s value=3 1764000000000\n',
    );
    writer.append(batchOf([4]));
    expect(writer.take().toString()).toBe('sensor,device=d,sensor=s value=4 1764000000000\n');
    expect(taken.toString()).toContain('value=3 1764000000000');
    expect(writer.length).toBe(0);
  });
});
