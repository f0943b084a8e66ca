import { oidBefore } from './snmp/ber.ts';

/** The same rows of several columns of a table: what one GETBULK (RFC 3416, section 4.2.3) reads. */
export interface BulkRows {
  /** Row by row, as the answer brings them. */
  readonly slots: readonly number[];
  readonly rows: number;
  /** What each column is asked with: the place before its first row. */
  readonly before: readonly string[];
}

/** Below so many variables a GETBULK saves nothing worth a different request. */
const fewestVariables = 16;

/** A table whose columns all have the same rows. */
export interface Grid {
  readonly columns: number;
  /** Slots of each row, by column; rows in the order of their index. */
  readonly rows: readonly (readonly number[])[];
}

/**
 * The slots as one table: every column (an OID without its last arc) with the same rows. Null where they are none: a
 * column lacks a row, a variable is asked for twice, or they are few.
 */
export function gridOf(slots: readonly number[], oidOf: (slot: number) => string): Grid | null {
  if (slots.length < fewestVariables) return null;
  const columns = new Map<string, Map<number, number>>();
  for (const slot of slots) {
    const oid = oidOf(slot);
    const dot = oid.lastIndexOf('.');
    const index = Number(oid.slice(dot + 1));
    const column = columns.get(oid.slice(0, dot)) ?? new Map<number, number>();
    if (column.has(index)) return null;
    columns.set(oid.slice(0, dot), column.set(index, slot));
  }
  const all = [...columns.values()];
  const [first] = all;
  if (first === undefined || first.size < 2 || first.size * all.length !== slots.length) return null;
  const rows: number[][] = [];
  for (const index of [...first.keys()].sort((a, b) => a - b)) {
    const row = all.flatMap((column) => column.get(index) ?? []);
    if (row.length !== all.length) return null;
    rows.push(row);
  }
  return { columns: all.length, rows };
}

/** These rows of a grid as one request. */
export function bulkRows(rows: readonly (readonly number[])[], oidOf: (slot: number) => string): BulkRows {
  return { slots: rows.flat(), rows: rows.length, before: (rows[0] ?? []).map((slot) => oidBefore(oidOf(slot))) };
}
