import type { SnmpReader, SnmpRow, SnmpValue } from './snmp-reader.ts';

/** Walks every subtree once, however many ask for it, also at the same time: a round trip by satellite takes 600 ms. */
export class CachedReader implements SnmpReader {
  readonly #inner: SnmpReader;
  readonly #walks = new Map<string, { readonly maxRows: number; readonly rows: Promise<readonly SnmpRow[]> }>();

  constructor(inner: SnmpReader) {
    this.#inner = inner;
  }

  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>> {
    return oids.length === 0 ? Promise.resolve(new Map()) : this.#inner.get([...new Set(oids)]);
  }

  async walk(root: string, maxRows: number): Promise<readonly SnmpRow[]> {
    const known = this.#walks.get(root);
    if (known !== undefined && known.maxRows >= maxRows) return (await known.rows).slice(0, maxRows);
    const rows = this.#inner.walk(root, maxRows);
    this.#walks.set(root, { maxRows, rows });
    return rows;
  }
}

/**
 * Takes a table that gets no answer for one that the device does not have: some agents hang in one table and are well
 * otherwise. A few times only, since a device that went away answers nothing at all.
 */
export class PatientReader implements SnmpReader {
  readonly #inner: SnmpReader;
  #patience = 3;

  constructor(inner: SnmpReader) {
    this.#inner = inner;
  }

  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>> {
    return this.#inner.get(oids);
  }

  async walk(root: string, maxRows: number): Promise<readonly SnmpRow[]> {
    try {
      return await this.#inner.walk(root, maxRows);
    } catch (error) {
      this.#patience -= 1;
      if (this.#patience < 0) throw error;
      return [];
    }
  }
}
