import type { SnmpReader, SnmpRow, SnmpValue } from './snmp-reader.ts';

/**
 * Walks every subtree once, however many ask for it, also at the same time, and asks for single values that are wanted at
 * the same time together: a round trip by satellite takes 600 ms.
 */
export class CachedReader implements SnmpReader {
  readonly #inner: SnmpReader;
  #gathered: { readonly oids: Set<string>; readonly answer: Promise<ReadonlyMap<string, SnmpValue>> } | null = null;
  readonly #walks = new Map<string, { readonly maxRows: number; readonly rows: Promise<readonly SnmpRow[]> }>();

  constructor(inner: SnmpReader) {
    this.#inner = inner;
  }

  async get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>> {
    if (oids.length === 0) return new Map();
    const gathered = (this.#gathered ??= this.#gather());
    for (const oid of oids) gathered.oids.add(oid);
    const answer = await gathered.answer;
    return new Map(oids.flatMap((oid) => (answer.has(oid) ? [[oid, answer.get(oid)] as [string, SnmpValue]] : [])));
  }

  #gather() {
    const oids = new Set<string>();
    const answer = Promise.resolve().then(() => {
      this.#gathered = null;
      return this.#inner.get([...oids]);
    });
    return { oids, answer };
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
