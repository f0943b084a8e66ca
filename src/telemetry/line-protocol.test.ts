import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentId } from '../domain/ids.ts';
import { measurements, seriesOf, type PointBatch } from '../domain/point.ts';
import { decodeLines, encodeBatch, timestampSeconds } from './line-protocol.ts';

function batchOf(sensor: string, rows: readonly { time: number; value: number }[]): PointBatch {
  const series = seriesOf('sensor', { device: 'd-1', sensor });
  return {
    agent: 'local' as AgentId,
    measurement: 'sensor',
    series: rows.map(() => series),
    times: Float64Array.from(rows, (row) => row.time),
    values: Float64Array.from(rows, (row) => row.value),
  };
}

describe('encodeBatch', () => {
  it('writes the series key, the fields that are there and whole seconds', () => {
    const fields = measurements.interface.fields.length;
    const values = new Float64Array(fields).fill(NaN);
    values[0] = 1.5e9;
    values[8] = 1;
    const text = encodeBatch({
      agent: 'local' as AgentId,
      measurement: 'interface',
      series: [seriesOf('interface', { device: 'd', interface: 'i' })],
      times: Float64Array.of(1_764_000_000),
      values,
    });
    expect(text).toBe('interface,device=d,interface=i in_bps=1500000000,oper_status=1 1764000000\n');
  });

  it('makes no line of a row without fields', () => {
    expect(encodeBatch(batchOf('t', [{ time: 1, value: NaN }]))).toBe('');
    expect(encodeBatch(batchOf('t', [{ time: 1, value: Infinity }]))).toBe('');
  });

  it('comes back as it was, whatever the sensor is called and whatever the number', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }).map((s) => s.replace(/[\r\n]/g, '_')),
        fc.array(
          fc.record({
            time: fc.integer({ min: 0, max: 4e9 }),
            value: fc.double({ noNaN: true, noDefaultInfinity: true }),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        (sensor, rows) => {
          const decoded = decodeLines(encodeBatch(batchOf(sensor, rows)));
          expect(decoded.errors).toEqual([]);
          expect(decoded.points.map((p) => p.tags.get('sensor'))).toEqual(rows.map(() => sensor));
          expect(decoded.points.map((p) => p.fields.get('value'))).toEqual(rows.map((r) => r.value + 0));
          expect(decoded.points.map((p) => timestampSeconds(p.timestamp, 's'))).toEqual(rows.map((r) => r.time));
        },
      ),
    );
  });
});

describe('decodeLines', () => {
  it('reads every type of field, in any order, with escapes', () => {
    const { points, errors } = decodeLines(
      'my\\ measurement,a\\,b=c\\ d,e=f\\=g s="a \\"quoted\\" \\\\ text, with = signs",i=-5i,u=18446744073709551615u,t=true,f=F,x=-1.5e-3 1700000000000000001',
    );
    expect(errors).toEqual([]);
    const point = points[0];
    expect(point?.measurement).toBe('my measurement');
    expect([...(point?.tags ?? [])]).toEqual([
      ['a,b', 'c d'],
      ['e', 'f=g'],
    ]);
    expect([...(point?.fields ?? [])]).toEqual([
      ['s', 'a "quoted" \\ text, with = signs'],
      ['i', -5n],
      ['u', 18446744073709551615n],
      ['t', true],
      ['f', false],
      ['x', -0.0015],
    ]);
    expect(point?.timestamp).toBe(1700000000000000001n);
  });

  it('takes comments, empty lines, CRLF and a missing time', () => {
    const { points, errors } = decodeLines('# agent=local boot=1 seq=2\r\n\r\nm f=1\r\n\nm f=2 7\r\n');
    expect(errors).toEqual([]);
    expect(points.map((p) => [p.line, p.timestamp])).toEqual([
      [3, null],
      [5, 7n],
    ]);
  });

  it('names the line of each error and reads the lines around it', () => {
    const wrong = [
      'm',
      'm,tag f=1',
      'm,a=1,a=2 f=1',
      'm f=',
      'm f=abc',
      'm f=NaN',
      'm f=1 1.5',
      'm f=1 12 13',
      'm f="open',
      ',a=b f=1',
      'm f=9223372036854775808i',
      'm f=1e999',
      'm f=1,',
      'm f=1 99999999999999999999',
      'm,a=b=c f=1',
    ];
    for (const line of wrong) {
      const { points, errors } = decodeLines(`ok f=1 1\n${line}\nok f=2 2\n`);
      expect(
        errors.map((e) => e.line),
        line,
      ).toEqual([2]);
      expect(
        points.map((p) => p.fields.get('f')),
        line,
      ).toEqual([1, 2]);
    }
  });

  it('reads times at every precision', () => {
    const { points } = decodeLines('m f=1 1700000000500');
    expect(timestampSeconds(points[0]?.timestamp ?? null, 'ms')).toBe(1_700_000_000.5);
    expect(timestampSeconds(null, 's')).toBeNull();
    expect(timestampSeconds(1_700_000_000_000_000_000n, 'ns')).toBe(1_700_000_000);
    expect(timestampSeconds(1_700_000_000_000_000n, 'us')).toBe(1_700_000_000);
  });

  it('ends on any text, and accounts for each of its lines', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ',', '=', ' ', '\\', '"', '\n', '1', 'i', '#', '-') }),
        (text) => {
          const { points, errors } = decodeLines(text);
          const lines = text.split('\n').length;
          expect(points.length + errors.length).toBeLessThanOrEqual(lines);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
