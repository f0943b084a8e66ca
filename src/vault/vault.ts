import { hkdfSync } from 'node:crypto';
import { renameSync } from 'node:fs';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { openWith, sealWith } from './envelope.ts';
import { keyFileExists, keyFileVersion, makeKeyFile, readKeyFile, type VaultKey } from './key-file.ts';

/** A column that holds sealed secrets; the context of each is the text of the row's id. */
export interface SealedColumn {
  readonly table: string;
  readonly id: string;
  readonly sealed: string;
}

export interface VaultOptions {
  readonly db: Kysely<Database>;
  readonly keyFile: string;
  /** Every column that holds what this vault sealed; a rotation seals them all anew. */
  readonly columns: readonly SealedColumn[];
  readonly logger: Logger;
  readonly clock?: Clock;
}

/**
 * Seals secrets for the database with a key that is not in it. The database knows the key's id: a wrong or lost key file
 * is told at start, and never replaced by a new one that opens nothing.
 */
export class Vault implements LongLived {
  readonly name = 'vault';
  readonly #db: Kysely<Database>;
  readonly #keyFile: string;
  readonly #columns: readonly SealedColumn[];
  readonly #logger: Logger;
  readonly #clock: Clock;
  #key: VaultKey | null = null;
  #keyFileVersion: string | null = null;

  constructor(options: VaultOptions) {
    this.#db = options.db;
    this.#keyFile = options.keyFile;
    this.#columns = options.columns;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    this.#finishRotation(await this.#knownKeyId(this.#db));
    this.#key = await this.#db.transaction().execute(async (trx) => {
      await sql`lock table vault_key in exclusive mode`.execute(trx);
      const known = await this.#knownKeyId(trx);
      if (keyFileExists(this.#keyFile)) return this.#checkKey(readKeyFile(this.#keyFile), known, trx);
      if (known !== null) {
        if (await this.#holdsSecrets(trx)) throw this.#lostKey();
        this.#logger.warn(
          { keyFile: this.#keyFile },
          'the key file is gone; nothing was sealed with it, so a new one is made',
        );
      }
      const key = makeKeyFile(this.#keyFile);
      await this.#remember(trx, key);
      this.#logger.info({ keyFile: this.#keyFile }, 'a key file was made: keep a copy apart from the backups');
      return key;
    });
    this.#keyFileVersion = keyFileVersion(this.#keyFile);
  }

  async stop(): Promise<void> {
    this.#key = null;
  }

  /** Reads the key file again when another process (`arung key rotate`) put a new one in its place. */
  #current(): VaultKey {
    const key = this.#started();
    const version = keyFileVersion(this.#keyFile);
    if (version === this.#keyFileVersion || version === null) return key;
    this.#key = readKeyFile(this.#keyFile);
    this.#keyFileVersion = version;
    return this.#key;
  }

  /** `context` is the id of the row that will hold it. */
  seal(plain: string, context: string): Buffer {
    return sealWith(this.#current(), plain, context);
  }

  open(sealed: Buffer, context: string): string {
    return openWith(this.#current(), sealed, context);
  }

  /** A key of 32 bytes for another use, named by `label` (HKDF-SHA256, RFC 5869). A rotation makes another one. */
  derive(label: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#current().bytes, '', label, 32));
  }

  /**
   * A new key: everything is sealed anew in one transaction. The new key is on disk before and replaces the old file
   * after; a crash in between is finished at the next start. Returns how many secrets were sealed anew.
   */
  async rotate(): Promise<number> {
    const old = this.#current();
    const nextFile = this.#nextFile();
    const next = keyFileExists(nextFile) ? readKeyFile(nextFile) : makeKeyFile(nextFile);
    const count = await this.#db.transaction().execute(async (trx) => {
      await sql`lock table vault_key in exclusive mode`.execute(trx);
      let sealedAnew = 0;
      for (const column of this.#columns) sealedAnew += await resealColumn(trx, column, old, next);
      await this.#remember(trx, next);
      return sealedAnew;
    });
    renameSync(nextFile, this.#keyFile);
    this.#key = next;
    this.#keyFileVersion = keyFileVersion(this.#keyFile);
    this.#logger.info({ secrets: count, keyFile: this.#keyFile }, 'the key was rotated');
    return count;
  }

  #started(): VaultKey {
    if (this.#key === null) throw new Error('the vault was not started');
    return this.#key;
  }

  #nextFile(): string {
    return `${this.#keyFile}.next`;
  }

  /** After a rotation that was cut off: the database says which of the two keys it is sealed with. */
  #finishRotation(known: string | null): void {
    if (known === null || !keyFileExists(this.#nextFile())) return;
    if (readKeyFile(this.#nextFile()).id === known) renameSync(this.#nextFile(), this.#keyFile);
  }

  async #checkKey(key: VaultKey, known: string | null, trx: Transaction<Database>): Promise<VaultKey> {
    if (known === key.id) return key;
    if (known !== null && (await this.#holdsSecrets(trx))) {
      throw new ArungError(
        'unavailable',
        `The key file ${this.#keyFile} is not the one this database is sealed with: set ARUNG_KEY_FILE to the right one, or put it back in its place.`,
        { code: 'vault.wrong-key', arguments: { file: this.#keyFile } },
      );
    }
    await this.#remember(trx, key);
    return key;
  }

  #lostKey(): ArungError {
    return new ArungError(
      'unavailable',
      `The key file ${this.#keyFile} is gone, but the database holds secrets that were sealed with it: put it back, or set ARUNG_KEY_FILE to where it is.`,
      { code: 'vault.key-lost', arguments: { file: this.#keyFile } },
    );
  }

  async #knownKeyId(db: Kysely<Database>): Promise<string | null> {
    const row = await db.selectFrom('vault_key').select('key_id').executeTakeFirst();
    return row?.key_id ?? null;
  }

  async #remember(trx: Transaction<Database>, key: VaultKey): Promise<void> {
    const row = { key_id: key.id, made_at: new Date(this.#clock.now()) };
    await trx
      .insertInto('vault_key')
      .values(row)
      .onConflict((conflict) => conflict.column('singleton').doUpdateSet(row))
      .execute();
  }

  async #holdsSecrets(trx: Transaction<Database>): Promise<boolean> {
    for (const column of this.#columns) {
      const { rows } = await sql`
        select 1 from ${sql.table(column.table)} where ${sql.ref(column.sealed)} is not null limit 1
      `.execute(trx);
      if (rows.length > 0) return true;
    }
    return false;
  }
}

async function resealColumn(
  trx: Transaction<Database>,
  column: SealedColumn,
  old: VaultKey,
  next: VaultKey,
): Promise<number> {
  const table = sql.table(column.table);
  const id = sql.ref(column.id);
  const sealed = sql.ref(column.sealed);
  await sql`lock table ${table} in exclusive mode`.execute(trx);
  const { rows } = await sql<{ id: string; sealed: Buffer }>`
    select ${id}::text as id, ${sealed} as sealed from ${table} where ${sealed} is not null
  `.execute(trx);
  for (const row of rows) {
    const anew = sealWith(next, openWith(old, row.sealed, row.id), row.id);
    await sql`update ${table} set ${sealed} = ${anew} where ${id}::text = ${row.id}`.execute(trx);
  }
  return rows.length;
}
