import type { Chunk } from './chunk.ts';

/**
 * The same points at three resolutions. Each tier is kept in chunks of `chunkS`, made when that stretch of time is over
 * from the tier below; chunks of a tier hold whole chunks of the tier below.
 */
export interface Tier {
  readonly name: 'raw' | '5m' | '1h';
  /** Distance of its entries; 0: as measured. */
  readonly stepS: number;
  readonly chunkS: number;
  readonly table: 'chunk_raw' | 'chunk_5m' | 'chunk_1h';
}

export const raw: Tier = { name: 'raw', stepS: 0, chunkS: 900, table: 'chunk_raw' };
export const fiveMinutes: Tier = { name: '5m', stepS: 300, chunkS: 2 * 3_600, table: 'chunk_5m' };
export const hourly: Tier = { name: '1h', stepS: 3_600, chunkS: 86_400, table: 'chunk_1h' };
/** From fine to coarse. */
export const tiers = [raw, fiveMinutes, hourly] as const;

/** Columns of a roll-up: for field `f` at `f * statistics.length + statistic`. */
export const statistics = ['min', 'max', 'sum', 'count', 'last'] as const;
export const statistic = { min: 0, max: 1, sum: 2, count: 3, last: 4 } as const;
const width = statistics.length;

export function windowOf(time: number, tier: Tier): number {
  return Math.floor(time / tier.chunkS) * tier.chunkS;
}

/** Rolls measured rows, or the entries of a finer roll-up, up to entries of `stepS`. Absent values count as nothing. */
export function rollUp(chunk: Chunk, stepS: number, from: 'rows' | 'roll-up'): Chunk {
  const fields = from === 'rows' ? chunk.columns.length : chunk.columns.length / width;
  const times: number[] = [];
  const columns: number[][] = Array.from({ length: fields * width }, () => []);
  for (let row = 0; row < chunk.times.length; row++) {
    const start = Math.floor((chunk.times[row] ?? 0) / stepS) * stepS;
    if (times.at(-1) !== start) {
      times.push(start);
      for (const column of columns) column.push(NaN);
    }
    const entry = times.length - 1;
    for (let field = 0; field < fields; field++) {
      if (from === 'rows') {
        const value = chunk.columns[field]?.[row] ?? NaN;
        if (!Number.isNaN(value)) merge(columns, field, entry, value, value, value, 1, value);
      } else {
        const at = (which: number): number => chunk.columns[field * width + which]?.[row] ?? NaN;
        const count = at(statistic.count);
        if (count > 0) {
          merge(
            columns,
            field,
            entry,
            at(statistic.min),
            at(statistic.max),
            at(statistic.sum),
            count,
            at(statistic.last),
          );
        }
      }
    }
  }
  return { times, columns };
}

function merge(
  columns: number[][],
  field: number,
  entry: number,
  min: number,
  max: number,
  sum: number,
  count: number,
  last: number,
): void {
  const column = (which: number): number[] => columns[field * width + which] ?? [];
  const mins = column(statistic.min);
  const maxs = column(statistic.max);
  const sums = column(statistic.sum);
  const counts = column(statistic.count);
  const before = counts[entry] ?? NaN;
  const first = Number.isNaN(before);
  mins[entry] = first ? min : Math.min(mins[entry] ?? min, min);
  maxs[entry] = first ? max : Math.max(maxs[entry] ?? max, max);
  sums[entry] = first ? sum : (sums[entry] ?? 0) + sum;
  counts[entry] = first ? count : before + count;
  // Rows come in the order of time.
  column(statistic.last)[entry] = last;
}
