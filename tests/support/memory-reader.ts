import type { SnmpReader, SnmpRow, SnmpValue } from '../../src/discovery/snmp-reader.ts';

/** What a test writes for a value: a number, a text, octets, or `{ oid }`. */
export type Written = number | string | Uint8Array | { readonly oid: string };

function valueOf(written: Written): SnmpValue {
  if (typeof written === 'number') return { kind: 'number', value: written };
  if (typeof written === 'string') return { kind: 'octets', value: Buffer.from(written) };
  if (written instanceof Uint8Array) return { kind: 'octets', value: written };
  return { kind: 'oid', value: written.oid };
}

/** A device as a list of variables in their order; counts what it is asked. */
export class MemoryReader implements SnmpReader {
  readonly asked: string[] = [];
  readonly #rows: readonly SnmpRow[];
  readonly #byOid: ReadonlyMap<string, SnmpValue>;

  constructor(rows: readonly SnmpRow[]) {
    this.#rows = rows;
    this.#byOid = new Map(rows.map((row) => [row.oid, row.value]));
  }

  static of(values: Readonly<Record<string, Written>>): MemoryReader {
    return new MemoryReader(Object.entries(values).map(([oid, written]) => ({ oid, value: valueOf(written) })));
  }

  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>> {
    this.asked.push(...oids);
    const found = new Map<string, SnmpValue>();
    for (const oid of oids) {
      const value = this.#byOid.get(oid);
      if (value !== undefined) found.set(oid, value);
    }
    return Promise.resolve(found);
  }

  walk(root: string, maxRows: number): Promise<readonly SnmpRow[]> {
    this.asked.push(root);
    return Promise.resolve(this.#rows.filter((row) => row.oid.startsWith(root + '.')).slice(0, maxRows));
  }
}
