import type { AgentId } from '../../domain/ids.ts';
import { measurements, type Measurement, type PointBatch, type Series } from '../../domain/point.ts';

/** A batch of one measurement from rows; fields that are left out are absent. */
export function batchOf(
  measurement: Measurement,
  rows: readonly { readonly series: Series; readonly time: number; readonly [field: string]: number | Series }[],
): PointBatch {
  const fields: readonly string[] = measurements[measurement].fields;
  return {
    agent: 'local' as AgentId,
    measurement,
    series: rows.map(({ series }) => series),
    times: Float64Array.from(rows, ({ time }) => time),
    values: Float64Array.from(
      rows.flatMap((row) => fields.map((field) => (typeof row[field] === 'number' ? row[field] : NaN))),
    ),
  };
}
