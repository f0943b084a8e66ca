import type { SnmpReader, SnmpValue } from './snmp-reader.ts';

/** Rows no table may exceed: a switch stack has hundreds of ports, a forged table has no end. */
export const maxTableRows = 4096;

/** One column of a table, by instance (what follows the column's OID: `7`, `1.15.2`). */
export async function column(
  reader: SnmpReader,
  oid: string,
  maxRows = maxTableRows,
): Promise<ReadonlyMap<string, SnmpValue>> {
  const rows = await reader.walk(oid, maxRows);
  const byInstance = new Map<string, SnmpValue>();
  for (const row of rows) byInstance.set(row.oid.slice(oid.length + 1), row.value);
  return byInstance;
}
