import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from './tables.ts';

export interface LeaseOptions {
  readonly db: Kysely<Database>;
  readonly name: string;
  /** So long after the last renewal another may take it, milliseconds. */
  readonly ttlMs?: number;
}

/** Somebody else has taken it meanwhile: what was to be written under it is not. */
export class LeaseLost extends Error {
  constructor(name: string) {
    super(`another controller has taken the lease ${name} over`);
    this.name = 'LeaseLost';
  }
}

/**
 * The right to do what only one controller may do. The database's clock decides, so that two machines need not agree on
 * the time; the token grows with every change of hands, and a write under the lease holds its row until it commits: who
 * was too slow writes nothing.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #holder = randomUUID();
  #token: number | null = null;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  get isHeld(): boolean {
    return this.#token !== null;
  }

  /** Takes it, or renews it; false while another has it. `isNew` says that it was another's, or nobody's, before. */
  async take(): Promise<{ readonly isHeld: boolean; readonly isNew: boolean }> {
    const { db, name, ttlMs = 10_000 } = this.#options;
    const until = sql<Date>`clock_timestamp() + make_interval(secs => ${ttlMs / 1000})`;
    const row = await db
      .insertInto('leases')
      .values({ name, holder: this.#holder, token: 1, until })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({
            holder: this.#holder,
            until,
            token: sql<number>`leases.token + case when leases.holder = excluded.holder then 0 else 1 end`,
          })
          .where((eb) =>
            eb.or([eb('leases.holder', '=', this.#holder), sql<boolean>`leases.until < clock_timestamp()`]),
          ),
      )
      .returning('token')
      .executeTakeFirst();
    const token = row === undefined ? null : Number(row.token);
    const isNew = token !== null && token !== this.#token;
    this.#token = token;
    return { isHeld: token !== null, isNew };
  }

  /** Holds it until the transaction ends; throws `LeaseLost` when it is another's by now. */
  async hold(trx: Transaction<Database>): Promise<void> {
    const { name } = this.#options;
    const row = await trx
      .selectFrom('leases')
      .select('token')
      .where('name', '=', name)
      .where('holder', '=', this.#holder)
      .forUpdate()
      .executeTakeFirst();
    if (row !== undefined && Number(row.token) === this.#token) return;
    this.#token = null;
    throw new LeaseLost(name);
  }

  /** Gives it back, so that another need not wait until it runs out. */
  async release(): Promise<void> {
    if (this.#token === null) return;
    this.#token = null;
    const { db, name } = this.#options;
    // Its row stays: the token must go on growing.
    await db
      .updateTable('leases')
      .set({ until: sql<Date>`'-infinity'` })
      .where('name', '=', name)
      .where('holder', '=', this.#holder)
      .execute();
  }
}
