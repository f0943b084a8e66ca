import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Changes } from '../../database/collection/changes.ts';
import { everywhere } from '../../database/collection/reach.ts';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { UserId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { PeopleBook, PeopleSource } from '../../domain/people-book.ts';
import type { Person } from '../../domain/person.ts';
import type { Silence } from '../../domain/silence.ts';
import { selectPeople } from './people.ts';
import { selectSilences, silenceFrom } from './silence-collection.ts';

const keepMs = 86_400_000;
/** After a failure the database is asked again. */
const againMs = 1_000;

interface Read {
  readonly book: PeopleBook;
  readonly silences: readonly Silence[];
}

/**
 * People, teams, duties and silences as alerting decides with them, kept by whoever changes them: this process, or another
 * one whose write `changes` hears of. What did not change comes back as the same object.
 */
export class AlertingBook implements LongLived, PeopleSource {
  readonly name = 'people';
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  #current: Read = { book: { people: [], teams: [], duties: [] }, silences: [] };
  #stopListening: (() => void) | null = null;
  #again: NodeJS.Timeout | null = null;
  #reading: Promise<void> | null = null;
  #stale = false;
  #stopped = true;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#stopListening = this.#changes.onCommit(() => this.#wake());
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    if (this.#again !== null) clearTimeout(this.#again);
    await this.#reading?.catch(() => undefined);
  }

  current(): PeopleBook {
    return this.#current.book;
  }

  /** Those that are not over, also those that begin later. */
  silences(): readonly Silence[] {
    return this.#current.silences;
  }

  /** The person that a user acts for; null when there is none. */
  personOf(userId: UserId): Person | null {
    return this.#current.book.people.find((person) => person.userId === userId) ?? null;
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Resolves when every write that was committed before the call is in `current()`. */
  async refresh(): Promise<void> {
    this.#stale = true;
    // A reading that has begun may have missed it: then it is read once more.
    while (this.#stale) {
      this.#reading ??= this.#readWhileStale().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
  }

  #wake(): void {
    if (this.#stopped) return;
    this.refresh().catch((error: unknown) => {
      this.#logger.warn(error, 'people and silences could not be read; the last ones stay until they can');
      if (this.#stopped) return;
      this.#again ??= setTimeout(() => {
        this.#again = null;
        this.#wake();
      }, againMs).unref();
    });
  }

  async #readWhileStale(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      const read = await readBook(this.#db, this.#clock.now() - keepMs);
      if (JSON.stringify(read) === JSON.stringify(this.#current)) continue;
      this.#current = read;
      for (const wake of this.#listeners) wake();
    }
  }
}

/** All that is not over at a moment, in one snapshot. */
export async function readBook(db: Kysely<Database>, at: number): Promise<Read> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const people = await selectPeople(trx, everywhere).orderBy('people.id').execute();
      const teams = await trx
        .selectFrom('teams')
        .select(['id', 'name', 'escalate_after_s as escalateAfterS'])
        .orderBy('id')
        .execute();
      const duties = await trx
        .selectFrom('duties')
        .select(['id', 'person_id as personId', 'starts_at', 'ends_at', 'note'])
        .where('ends_at', '>', new Date(at))
        .orderBy('id')
        .execute();
      const silences = await selectSilences(trx).where('ends_at', '>', new Date(at)).orderBy('id').execute();
      const named = duties.map(({ starts_at, ends_at, ...duty }) => ({
        ...duty,
        from: starts_at.toISOString(),
        to: ends_at.toISOString(),
      }));
      return { book: { people, teams, duties: named }, silences: silences.map(silenceFrom) };
    });
}
