import type { SnmpReader, SnmpValue } from './snmp-reader.ts';

/** Rows no table may exceed: a switch stack has hundreds of ports, a forged table has no end. */
export const maxTableRows = 4096;

export type Column = ReadonlyMap<string, SnmpValue>;

/** One column of a table, by instance (what follows the column's OID: `7`, `1.15.2`). */
export async function column(reader: SnmpReader, oid: string, maxRows = maxTableRows): Promise<Column> {
  const rows = await reader.walk(oid, maxRows);
  const byInstance = new Map<string, SnmpValue>();
  for (const row of rows) byInstance.set(row.oid.slice(oid.length + 1), row.value);
  return byInstance;
}

/** Columns of one table, read side by side. */
export function columns<const Names extends readonly string[]>(
  reader: SnmpReader,
  oids: Names,
  maxRows = maxTableRows,
): Promise<{ readonly [Index in keyof Names]: Column }> {
  return Promise.all(oids.map((oid) => column(reader, oid, maxRows))) as Promise<{
    readonly [Index in keyof Names]: Column;
  }>;
}

/** Only these instances of a column, where a walk would bring a table of thousands. */
export async function cells(reader: SnmpReader, oid: string, instances: Iterable<string>): Promise<Column> {
  const asked = [...instances].map((instance) => `${oid}.${instance}`);
  const values = await reader.get(asked);
  return new Map([...values].map(([found, value]) => [found.slice(oid.length + 1), value]));
}
