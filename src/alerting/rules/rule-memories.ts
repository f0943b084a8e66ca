import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { MemoryChange } from './evaluator.ts';
import { Phase, type WatchMemory } from './watch.ts';

const writeEveryMs = 1_000;
/** Rows of one write; what is more waits for the next, and what changes again meanwhile is written once. */
const mostAtOnce = 5_000;

/** What rules remember, in PostgreSQL: written a second behind, in bulk, and only what changed. */
export class RuleMemories {
  readonly #db: Kysely<Database>;
  readonly #logger: Logger;
  readonly #take: (most: number) => readonly MemoryChange[];
  /** What a write that failed did not keep; what changed later counts. */
  #owed = new Map<string, WatchMemory | null>();
  #timer: NodeJS.Timeout | null = null;
  #line: Promise<unknown> = Promise.resolve();
  #isFailing = false;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly logger: Logger;
    readonly take: (most: number) => readonly MemoryChange[];
  }) {
    this.#db = options.db;
    this.#logger = options.logger;
    this.#take = options.take;
  }

  async read(): Promise<ReadonlyMap<string, WatchMemory>> {
    const rows = await this.#db.selectFrom('rule_memories').selectAll().execute();
    return new Map(
      rows.map((row) => [
        row.key,
        {
          phase: phaseOf(row.phase),
          sinceS: row.since_s,
          baseValue: row.base_value,
          baseS: row.base_s,
          count: row.count,
        },
      ]),
    );
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), writeEveryMs);
    this.#timer.unref();
  }

  /** Writes all that is left. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    let more = true;
    while (more) more = await this.flush();
  }

  /** Writes what changed; true when more waits. Never rejects: what could not be written is tried again. */
  flush(): Promise<boolean> {
    const done = this.#line.then(() => this.#write());
    this.#line = done;
    return done;
  }

  async #write(): Promise<boolean> {
    for (const { key, memory } of this.#take(Math.max(0, mostAtOnce - this.#owed.size))) this.#owed.set(key, memory);
    if (this.#owed.size === 0) return false;
    const writing = this.#owed;
    try {
      await this.#db.transaction().execute(async (trx) => {
        await remove(
          trx,
          [...writing].flatMap(([key, memory]) => (memory === null ? [key] : [])),
        );
        await put(
          trx,
          [...writing].flatMap(([key, memory]) => (memory === null ? [] : [{ key, memory }])),
        );
      });
      this.#owed = new Map();
      this.#isFailing = false;
      return writing.size >= mostAtOnce;
    } catch (error) {
      if (!this.#isFailing)
        this.#logger.warn({ err: error }, 'what rules remember could not be kept; it is tried again');
      this.#isFailing = true;
      return false;
    }
  }
}

async function remove(db: Kysely<Database>, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`delete from rule_memories where key = any(${[...keys]}::text[])`.execute(db);
}

async function put(db: Kysely<Database>, rows: readonly { key: string; memory: WatchMemory }[]): Promise<void> {
  if (rows.length === 0) return;
  const column = (of: (memory: WatchMemory) => number) => rows.map(({ memory }) => of(memory));
  await sql`insert into rule_memories (key, phase, since_s, base_value, base_s, count)
    select * from unnest(
      ${rows.map(({ key }) => key)}::text[], ${column(({ phase }) => phase)}::smallint[],
      ${column(({ sinceS }) => sinceS)}::float8[], ${column(({ baseValue }) => baseValue)}::float8[],
      ${column(({ baseS }) => baseS)}::float8[], ${column(({ count }) => count)}::float8[])
    on conflict (key) do update set phase = excluded.phase, since_s = excluded.since_s,
      base_value = excluded.base_value, base_s = excluded.base_s, count = excluded.count`.execute(db);
}

function phaseOf(number: number): Phase {
  return number === Phase.firing ? Phase.firing : number === Phase.pending ? Phase.pending : Phase.quiet;
}
