import { sql, type Kysely, type Transaction } from 'kysely';
import type { Access } from '../../domain/access.ts';
import type { Database } from '../tables.ts';
import type { AuditEntry, AuditSink } from './audit-sink.ts';
import { explainDatabaseError } from './conflicts.ts';

/** A writing transaction in progress: everything in it happens, with its audit entries, or nothing does. */
export interface Change {
  readonly trx: Transaction<Database>;
  readonly access: Access;
  /** Keeps an entry for the audit log; written with the rest at the end of the transaction. */
  record(entry: Omit<AuditEntry, 'access' | 'reason'>): void;
  /** Marks that others must look again, for a change that the audit log need not keep. */
  touch(): void;
}

/** What a change made, and whether others must look again. */
export interface Within<T> {
  readonly result: T;
  readonly touched: boolean;
}

/** The channel of PostgreSQL on which other controllers hear that the inventory has changed; the payload is its version. */
export const inventoryChannel = 'arung_inventory';

/** All writes of the inventory go through here: one transaction each, audited, counted and told to who listens. */
export class Changes {
  readonly #db: Kysely<Database>;
  readonly #audit: AuditSink;
  readonly #listeners = new Set<() => void>();

  constructor(options: { db: Kysely<Database>; audit: AuditSink }) {
    this.#db = options.db;
    this.#audit = options.audit;
  }

  async run<T>(access: Access, reason: string | undefined, work: (change: Change) => Promise<T>): Promise<T> {
    let done: Within<T>;
    try {
      done = await this.#db.transaction().execute((trx) => this.within(trx, access, { reason, work }));
    } catch (error) {
      throw explainDatabaseError(error);
    }
    if (done.touched) this.wakeAll();
    return done.result;
  }

  /**
   * The same inside a transaction of the caller's, who calls `wakeAll` after its commit when something was touched.
   * Errors of the database are as it tells them.
   */
  async within<T>(
    trx: Transaction<Database>,
    access: Access,
    { reason, work }: { readonly reason?: string | undefined; readonly work: (change: Change) => Promise<T> },
  ): Promise<Within<T>> {
    let touched = false;
    const entries: AuditEntry[] = [];
    const result = await work({
      trx,
      access,
      record: (entry) => {
        touched = true;
        entries.push({ ...entry, access, reason: reason ?? null });
      },
      touch: () => {
        touched = true;
      },
    });
    // Last, so that two writers meet at these rows only for the moment of their commit; the version before the log, as
    // an import takes them: in the other order the two would wait for each other.
    if (touched) {
      await sql`with bumped as (update inventory_version set version = version + 1 returning version)
        select pg_notify(${inventoryChannel}, version::text) from bumped`.execute(trx);
    }
    await this.#audit.appendAll(trx, entries);
    return { result, touched };
  }

  /** Calls back after every committed change, of this process or another; returns the way to stop. */
  onCommit(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** For whoever found that another process has written. */
  wakeAll(): void {
    for (const wake of this.#listeners) wake();
  }
}
