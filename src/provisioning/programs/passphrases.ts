import type { Kysely } from 'kysely';
import type { Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { newId } from '../../domain/ids.ts';
import type { Sealer } from '../intent/intent-parts.ts';

/** Where the passphrase of a stack comes from. */
export type PassphraseSource = 'console' | 'setting';

/** Passphrases that open the secrets of stacks: sealed by the vault, and told to the processes of a run alone. */
export class Passphrases {
  readonly #options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: Sealer;
    readonly clock: Clock;
    /** For stacks that have none of their own; null when none is set. */
    readonly usual: string | null;
  };

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: Sealer;
    readonly clock: Clock;
    readonly usual: string | null;
  }) {
    this.#options = options;
  }

  /** Null when nobody has told it. */
  async of(stack: string): Promise<string | null> {
    const { db, sealer, usual } = this.#options;
    const row = await db
      .selectFrom('program_passphrases')
      .select(['id', 'sealed'])
      .where('stack', '=', stack)
      .executeTakeFirst();
    return row === undefined ? usual : sealer.open(row.sealed, row.id);
  }

  /** Of each stack, whether and how its passphrase is known. */
  async sources(stacks: readonly string[]): Promise<ReadonlyMap<string, PassphraseSource | null>> {
    const { db, usual } = this.#options;
    const rows = await db.selectFrom('program_passphrases').select('stack').execute();
    const own = new Set(rows.map(({ stack }) => stack));
    return new Map(stacks.map((stack) => [stack, own.has(stack) ? 'console' : usual === null ? null : 'setting']));
  }

  /** The audit log says that it was entered, and not what it is. */
  async put(access: Access, stack: string, passphrase: string): Promise<void> {
    const { changes, sealer, clock } = this.#options;
    await changes.run(access, undefined, async (change) => {
      const before = await change.trx.deleteFrom('program_passphrases').where('stack', '=', stack).executeTakeFirst();
      const id = newId<never>() as string;
      await change.trx
        .insertInto('program_passphrases')
        .values({
          id,
          stack,
          sealed: sealer.seal(passphrase, id),
          changed_at: new Date(clock.now()),
          changed_by: access.name,
        })
        .execute();
      const isNew = before.numDeletedRows === 0n;
      change.record({
        action: isNew ? 'create' : 'update',
        entityKind: 'program-passphrase',
        entityId: id,
        entityName: stack,
        before: isNew ? null : {},
        after: {},
        regionCode: null,
      });
    });
  }

  async remove(access: Access, stack: string): Promise<void> {
    await this.#options.changes.run(access, undefined, async (change) => {
      const row = await change.trx
        .deleteFrom('program_passphrases')
        .where('stack', '=', stack)
        .returning('id')
        .executeTakeFirst();
      if (row === undefined) return;
      change.record({
        action: 'remove',
        entityKind: 'program-passphrase',
        entityId: row.id,
        entityName: stack,
        before: {},
        after: null,
        regionCode: null,
      });
    });
  }
}

/** Where the vault's secrets of programs are kept, for the rotation of its key. */
export const sealedProgramColumns = [{ table: 'program_passphrases', id: 'id', sealed: 'sealed' }] as const;
