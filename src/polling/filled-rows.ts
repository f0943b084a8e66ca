import type { AgentId } from '../domain/ids.ts';
import type { PointBatch } from '../domain/point.ts';
import type { CompiledGroup, OutputTable } from './compiled-group.ts';
import { batchSlab } from './double-slab.ts';

/** The rows of a poll's output in which anything was read, as a batch; null when there are none. */
export function filledRows(options: {
  readonly agent: AgentId;
  readonly group: CompiledGroup;
  readonly table: OutputTable;
  readonly output: Float64Array;
  readonly timeS: number;
}): PointBatch | null {
  const { agent, group, table, output, timeS } = options;
  const { width, rows, measurement } = table;
  const values = output.subarray(table.from, table.from + rows * width);
  let filled = 0;
  for (let row = 0; row < rows; row += 1) if (isFilled(values, row, width)) filled += 1;
  if (filled === 0) return null;
  const times = batchSlab.take(filled).fill(timeS);
  const series = group.seriesOf(table);
  if (filled === rows) return { agent, measurement, series, times, values };
  const kept = batchSlab.take(filled * width);
  const keptSeries = series.filter((_, row) => isFilled(values, row, width));
  let to = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!isFilled(values, row, width)) continue;
    kept.set(values.subarray(row * width, (row + 1) * width), to);
    to += width;
  }
  return { agent, measurement, series: keptSeries, times, values: kept };
}

function isFilled(values: Float64Array, row: number, width: number): boolean {
  for (let i = row * width; i < (row + 1) * width; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value === value) return true;
  }
  return false;
}
