import { compareOid, comparePrefix, compareSuffix } from './oid.ts';
import type { Oid } from './oid.ts';

export type ValueType =
  | 'integer'
  | 'octets'
  | 'oid'
  | 'ipAddress'
  | 'counter32'
  | 'gauge32'
  | 'timeTicks'
  | 'counter64';
export type Value = number | string | Uint8Array | Oid;

/** The instances of a table: their index arcs in ascending order. A scalar has one row, `0`. */
export interface Rows {
  readonly suffixes: readonly Oid[];
}

/** One object of a MIB: a scalar, or a column. Shared by all devices of a kind; `D` is where its values come from. */
export interface Column<D> {
  readonly oid: Oid;
  readonly type: ValueType;
  rows(device: D): Rows;
  /** The value in a row, or undefined where this row has no such instance now. */
  value(device: D, row: number): Value | undefined;
}

export interface Instance<D> {
  readonly column: Column<D>;
  readonly suffix: Oid;
  readonly value: Value;
}

const single: Rows = { suffixes: [[0]] };

export function scalar<D>(oid: Oid, type: ValueType, value: (device: D) => Value | undefined): Column<D> {
  return { oid, type, rows: () => single, value };
}

/** Sorts rows by their index; returns the order, so that values can follow. */
export function rowsBy<T>(items: readonly T[], suffixOf: (item: T) => Oid): { rows: Rows; items: readonly T[] } {
  const sorted = items.toSorted((a, b) => compareOid(suffixOf(a), suffixOf(b)));
  return { rows: { suffixes: sorted.map(suffixOf) }, items: sorted };
}

/** What an agent answers from. */
export interface MibView<D> {
  get(device: D, name: Oid): Instance<D> | 'noSuchObject' | 'noSuchInstance';
  next(device: D, name: Oid, accept: (column: Column<D>) => boolean): Instance<D> | null;
}

/** All objects of one kind of device, in the order in which GETNEXT meets them. */
export class Mib<D> implements MibView<D> {
  readonly #columns: readonly Column<D>[];

  constructor(columns: readonly Column<D>[]) {
    this.#columns = columns.toSorted((a, b) => compareOid(a.oid, b.oid));
    for (let i = 1; i < this.#columns.length; i++) {
      const [before, after] = [this.#columns[i - 1], this.#columns[i]];
      if (before && after && comparePrefix(after.oid, before.oid) === 0) {
        throw new Error(`${after.oid.join('.')} lies within ${before.oid.join('.')}: one object cannot hold another.`);
      }
    }
  }

  /** GET: the instance, or which of RFC 3416's two exceptions it is. */
  get(device: D, name: Oid): Instance<D> | 'noSuchObject' | 'noSuchInstance' {
    const column = this.#columns[this.#columnAt(name)];
    if (column === undefined || comparePrefix(name, column.oid) !== 0) return 'noSuchObject';
    const suffixes = column.rows(device).suffixes;
    const row = lowerBound(suffixes, name, column.oid.length);
    const suffix = suffixes[row];
    if (suffix === undefined || compareSuffix(name, column.oid.length, suffix) !== 0) return 'noSuchInstance';
    const value = column.value(device, row);
    return value === undefined ? 'noSuchInstance' : { column, suffix, value };
  }

  /** GETNEXT: the first instance after `name` that `accept` takes, or null at the end. */
  next(device: D, name: Oid, accept: (column: Column<D>) => boolean): Instance<D> | null {
    let at = Math.max(0, this.#columnAt(name));
    for (; at < this.#columns.length; at++) {
      const column = this.#columns[at];
      if (column === undefined || !accept(column)) continue;
      const place = comparePrefix(name, column.oid);
      if (place > 0) continue;
      const suffixes = column.rows(device).suffixes;
      let row = place < 0 ? 0 : upperBound(suffixes, name, column.oid.length);
      for (; row < suffixes.length; row++) {
        const value = column.value(device, row);
        const suffix = suffixes[row];
        if (value !== undefined && suffix !== undefined) return { column, suffix, value };
      }
    }
    return null;
  }

  /** Position of the last column that is not after `name`; -1 when all are. */
  #columnAt(name: Oid): number {
    let low = 0;
    let high = this.#columns.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const column = this.#columns[middle];
      if (column !== undefined && compareOid(column.oid, name) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function lowerBound(suffixes: readonly Oid[], name: Oid, offset: number): number {
  let low = 0;
  let high = suffixes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareSuffix(name, offset, suffixes[middle] ?? []) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function upperBound(suffixes: readonly Oid[], name: Oid, offset: number): number {
  let low = 0;
  let high = suffixes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareSuffix(name, offset, suffixes[middle] ?? []) >= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
