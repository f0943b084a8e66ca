import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import { lists, listNames, type Fields, type ListName } from './lists.ts';
import { readSnapshot, type Kept } from './snapshot.ts';
import { writeCsv } from './write-csv.ts';

/** Writes the inventory as a document, within the regions of who asks. Secrets are never part of it. */
export class Exporter {
  readonly #db: Kysely<Database>;

  constructor(options: { readonly db: Kysely<Database> }) {
    this.#db = options.db;
  }

  /** The document as JSON; what it is imported from again changes nothing. */
  async json(access: Access): Promise<string> {
    const snapshot = await this.#read(access, listNames);
    const parts = listNames.map((name) => {
      const items = exported(name, [...snapshot[name].values()]).map((value) => `    ${JSON.stringify(value)}`);
      return `  ${JSON.stringify(name)}: [\n${items.join(',\n')}\n  ]`;
    });
    return `{\n  "format": "arung-inventory/1",\n${parts.join(',\n')}\n}\n`;
  }

  /** One list as CSV (RFC 4180, UTF-8 with BOM, so that Excel reads it). */
  async csv(access: Access, name: ListName): Promise<string> {
    const snapshot = await this.#read(access, [name]);
    return writeCsv(name, exported(name, [...snapshot[name].values()]));
  }

  async #read(access: Access, names: readonly ListName[]) {
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((trx) => readSnapshot(trx, access, { onlyVisible: true, lists: names }));
  }
}

/** In the document's shape and order of fields; regions without a point say nothing and are left out. */
function exported(name: ListName, kept: readonly Kept[]): Fields[] {
  return kept
    .map(({ value }) => value)
    .filter((value) => name !== 'regions' || value['latitude'] !== null)
    .map((value) => {
      const said = lists[name].fields.filter((field) => value[field.name] !== undefined);
      return Object.fromEntries(said.map((field) => [field.name, value[field.name]]));
    });
}
