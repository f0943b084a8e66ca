import { pipeline } from 'node:stream/promises';
import { escapeIdentifier, type ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ArungError } from '../domain/errors.ts';
import { columnsOf, tablesOf, textSettings, type DumpProgress } from './dump.ts';
import { broken, type Manifest } from './manifest.ts';

type Table = Manifest['database']['tables'][number];

/**
 * Fills a schema that the backup's own migrations have made: first what the migrations themselves put in goes, then
 * table after table comes. Runs within the transaction that the client is in. Triggers of ours stay silent, since what
 * they would add is in the backup; foreign keys are checked as ever.
 */
export class DatabaseLoad {
  readonly #client: ClientBase;
  readonly #file: string;
  readonly #database: Manifest['database'];
  readonly #progress: DumpProgress;

  constructor(options: { client: ClientBase; file: string; manifest: Manifest; progress?: DumpProgress }) {
    this.#client = options.client;
    this.#file = options.file;
    this.#database = options.manifest.database;
    this.#progress = options.progress ?? (() => undefined);
  }

  /** Empties every table; refuses a backup that names what the schema does not have. */
  async begin(): Promise<void> {
    await this.#client.query(textSettings);
    const present = await tablesOf(this.#client);
    for (const table of this.#database.tables) {
      if (!present.includes(table.name))
        throw broken(this.#file, `it has a table ${table.name}, which its migrations do not make`);
      const columns = new Set(await columnsOf(this.#client, table.name));
      const unknown = table.columns.filter((column) => !columns.has(column));
      if (unknown.length > 0)
        throw broken(this.#file, `its table ${table.name} has columns that nobody knows (${unknown.join(', ')})`);
    }
    if (present.length > 0) await this.#client.query(`truncate ${present.map(escapeIdentifier).join(', ')}`);
    for (const name of present) await this.#client.query(`alter table ${escapeIdentifier(name)} disable trigger user`);
  }

  async table(table: Table, content: AsyncIterable<Buffer>): Promise<void> {
    const columns = table.columns.map(escapeIdentifier).join(', ');
    const stream = this.#client.query(copyFrom(`copy ${escapeIdentifier(table.name)} (${columns}) from stdin`));
    try {
      await pipeline(content, stream);
    } catch (cause) {
      if (cause instanceof ArungError) throw cause;
      throw broken(
        this.#file,
        `its table ${table.name} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
        cause,
      );
    }
    if (stream.rowCount !== table.rows) {
      throw broken(this.#file, `its table ${table.name} has ${stream.rowCount} rows instead of ${table.rows}`);
    }
    this.#progress(table.name, table.rows);
  }

  async end(): Promise<void> {
    for (const name of await tablesOf(this.#client)) {
      await this.#client.query(`alter table ${escapeIdentifier(name)} enable trigger user`);
    }
    for (const { name, value, called } of this.#database.sequences) {
      await this.#client.query('select setval($1::regclass, $2::bigint, $3)', [escapeIdentifier(name), value, called]);
    }
  }
}
