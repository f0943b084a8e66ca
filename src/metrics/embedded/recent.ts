import type { Chunk } from './chunk.ts';

/**
 * The rows of one series that are in the journal but not yet in a chunk. Mostly appended at the end; a late row finds
 * its place, and a row for a time that is there is laid over it: fields it does not have stay as they were.
 */
export class RecentRows {
  readonly #fields: number;
  readonly #times: number[] = [];
  /** Row by row. */
  readonly #values: number[] = [];

  constructor(fields: number) {
    this.#fields = fields;
  }

  get length(): number {
    return this.#times.length;
  }

  get times(): readonly number[] {
    return this.#times;
  }

  value(row: number, field: number): number {
    return this.#values[row * this.#fields + field] ?? NaN;
  }

  /** The first row at or after a time; `length` if there is none. */
  indexOf(time: number): number {
    const times = this.#times;
    if (times.length === 0 || time > (times.at(-1) ?? 0)) return times.length;
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The value of a field at exactly that time; NaN without. */
  at(time: number, field: number): number {
    const row = this.indexOf(time);
    return this.#times[row] === time ? this.value(row, field) : NaN;
  }

  put(time: number, values: Float64Array, offset: number): void {
    const row = this.indexOf(time);
    const fields = this.#fields;
    if (this.#times[row] === time) {
      for (let field = 0; field < fields; field++) {
        const value = values[offset + field] ?? NaN;
        if (!Number.isNaN(value)) this.#values[row * fields + field] = value;
      }
      return;
    }
    if (row === this.#times.length) {
      this.#times.push(time);
      for (let field = 0; field < fields; field++) this.#values.push(values[offset + field] ?? NaN);
      return;
    }
    this.#times.splice(row, 0, time);
    this.#values.splice(row * fields, 0, ...values.subarray(offset, offset + fields));
  }

  /** The rows with from <= time < to, in columns. */
  slice(from: number, to: number): Chunk {
    const first = this.indexOf(from);
    const end = this.indexOf(to);
    const times = this.#times.slice(first, end);
    const columns: number[][] = [];
    for (let field = 0; field < this.#fields; field++) {
      const column: number[] = [];
      for (let row = first; row < end; row++) column.push(this.value(row, field));
      columns.push(column);
    }
    return { times, columns };
  }

  removeBefore(time: number): number {
    const count = this.indexOf(time);
    this.#times.splice(0, count);
    this.#values.splice(0, count * this.#fields);
    return count;
  }
}

/** Lays the rows of `over` over those of `under`: a field that `over` has counts. */
export function mergeChunks(under: Chunk, over: Chunk): Chunk {
  const fields = Math.max(under.columns.length, over.columns.length);
  const times: number[] = [];
  const columns: number[][] = Array.from({ length: fields }, () => []);
  let u = 0;
  let o = 0;
  while (u < under.times.length || o < over.times.length) {
    const underTime = under.times[u] ?? Infinity;
    const overTime = over.times[o] ?? Infinity;
    const time = Math.min(underTime, overTime);
    times.push(time);
    for (let field = 0; field < fields; field++) {
      let value = NaN;
      if (overTime === time) value = over.columns[field]?.[o] ?? NaN;
      if (Number.isNaN(value) && underTime === time) value = under.columns[field]?.[u] ?? NaN;
      columns[field]?.push(value);
    }
    if (underTime === time) u++;
    if (overTime === time) o++;
  }
  return { times, columns };
}
