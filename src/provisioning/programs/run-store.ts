import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { ProgramCounts, ProgramOperation, ProgramRollout, ProgramRunState } from '../../domain/program-run.ts';
import type { Said } from '../../domain/rollout.ts';
import type { PlacedEntry } from './run-entries.ts';

export interface ProgramRun {
  readonly id: string;
  readonly number: number;
  readonly stack: string;
  readonly operation: ProgramOperation;
  readonly state: ProgramRunState;
  /** Of the program that was run; null until that is known, and where it changed meanwhile. */
  readonly programHash: string | null;
  readonly problem: Said | null;
  readonly counts: ProgramCounts | null;
  /** What each Rollout of the program would do, as Arung answered it. */
  readonly waves: readonly ProgramRollout[];
  /** Numbers of the rollouts that it started or joined. */
  readonly rollouts: readonly number[];
  readonly leftOut: number;
  readonly cliVersion: string;
  readonly requestedBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly endedAt: number | null;
  /** It ended without giving back the stack's lock, and no run since has taken that away. */
  readonly holdsLock: boolean;
  readonly revision: number;
}

/** What is known of a run that the controller before us has left. */
export interface LeftRun {
  readonly id: string;
  readonly pid: number | null;
  readonly tokenId: string | null;
}

export interface RunChange {
  readonly state?: ProgramRunState;
  readonly programHash?: string | null;
  readonly problem?: Said | null;
  readonly counts?: ProgramCounts;
  readonly waves?: readonly ProgramRollout[];
  readonly rollouts?: readonly number[];
  readonly leftOut?: number;
  readonly cliVersion?: string;
  readonly tokenId?: string | null;
  readonly pid?: number | null;
  readonly holdsLock?: boolean;
  readonly endedAt?: number;
}

/** So many runs of a stack are kept. */
const kept = 50;
const atOnce = 500;

function selectRuns(db: Kysely<Database>) {
  return db
    .selectFrom('program_runs')
    .select(['id', 'number', 'stack', 'operation', 'state', 'program_hash', 'problem', 'counts', 'waves', 'rollouts'])
    .select(['left_out', 'cli_version', 'requested_by', 'created_at', 'ended_at', 'holds_lock', 'revision']);
}

function runOf(row: Awaited<ReturnType<ReturnType<typeof selectRuns>['executeTakeFirstOrThrow']>>): ProgramRun {
  return {
    id: row.id,
    number: Number(row.number),
    stack: row.stack,
    operation: row.operation,
    state: row.state,
    programHash: row.program_hash,
    problem: row.problem,
    counts: row.counts,
    waves: row.waves,
    rollouts: row.rollouts,
    leftOut: row.left_out,
    cliVersion: row.cli_version,
    requestedBy: row.requested_by,
    createdAt: row.created_at.getTime(),
    endedAt: row.ended_at?.getTime() ?? null,
    holdsLock: row.holds_lock,
    revision: Number(row.revision),
  };
}

/** How runs and what they showed are kept. Each write is another revision of its run. */
export class RunStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** By its number or id; null when there is none. */
  async find(key: string): Promise<ProgramRun | null> {
    const isNumber = /^[1-9]\d{0,15}$/.test(key);
    if (!isNumber && !/^[0-9a-f-]{36}$/.test(key)) return null;
    const row = await selectRuns(this.#db)
      .where(isNumber ? sql<boolean>`number = ${key}::bigint` : sql<boolean>`id::text = ${key}`)
      .executeTakeFirst();
    return row === undefined ? null : runOf(row);
  }

  /** Of a stack, the newest first. */
  async list(stack: string, limit: number): Promise<readonly ProgramRun[]> {
    const rows = await selectRuns(this.#db).where('stack', '=', stack).orderBy('number', 'desc').limit(limit).execute();
    return rows.map(runOf);
  }

  /** The last one of each stack. */
  async latest(): Promise<ReadonlyMap<string, ProgramRun>> {
    const rows = await selectRuns(this.#db).distinctOn('stack').orderBy('stack').orderBy('number', 'desc').execute();
    return new Map(rows.map((row) => [row.stack, runOf(row)]));
  }

  /** The last one of a stack, within the transaction that adds another. */
  async lastOf(trx: Transaction<Database>, stack: string): Promise<ProgramRun | null> {
    const row = await selectRuns(trx).where('stack', '=', stack).orderBy('number', 'desc').limit(1).executeTakeFirst();
    return row === undefined ? null : runOf(row);
  }

  /** Adds one, and lets go of the oldest of its stack. */
  async insert(
    trx: Transaction<Database>,
    run: Pick<ProgramRun, 'id' | 'stack' | 'operation' | 'requestedBy' | 'createdAt'>,
  ): Promise<ProgramRun> {
    const row = await trx
      .insertInto('program_runs')
      .values({
        id: run.id,
        stack: run.stack,
        operation: run.operation,
        state: 'running',
        requested_by: run.requestedBy,
        created_at: new Date(run.createdAt),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`delete from program_runs where stack = ${run.stack} and number not in
      (select number from program_runs where stack = ${run.stack} order by number desc limit ${kept})`.execute(trx);
    return runOf(await selectRuns(trx).where('id', '=', row.id).executeTakeFirstOrThrow());
  }

  async write(id: string, change: RunChange, entries: readonly PlacedEntry[] = []): Promise<void> {
    const { state, programHash, problem, counts, waves, rollouts, leftOut, cliVersion, tokenId, pid } = change;
    await this.#db.transaction().execute(async (trx) => {
      const row = await trx
        .updateTable('program_runs')
        .set({
          revision: sql<string>`revision + 1`,
          ...(state === undefined ? {} : { state }),
          ...(programHash === undefined ? {} : { program_hash: programHash }),
          ...(problem === undefined ? {} : { problem: problem === null ? null : JSON.stringify(problem) }),
          ...(counts === undefined ? {} : { counts: JSON.stringify(counts) }),
          ...(waves === undefined ? {} : { waves: JSON.stringify(waves) }),
          ...(rollouts === undefined ? {} : { rollouts: [...rollouts] }),
          ...(leftOut === undefined ? {} : { left_out: leftOut }),
          ...(cliVersion === undefined ? {} : { cli_version: cliVersion }),
          ...(tokenId === undefined ? {} : { token_id: tokenId }),
          ...(pid === undefined ? {} : { pid }),
          ...(change.holdsLock === undefined ? {} : { holds_lock: change.holdsLock }),
          ...(change.endedAt === undefined ? {} : { ended_at: new Date(change.endedAt) }),
        })
        .where('id', '=', id)
        .returning('revision')
        .executeTakeFirst();
      if (row === undefined) return;
      for (let from = 0; from < entries.length; from += atOnce) {
        await trx
          .insertInto('program_run_entries')
          .values(
            entries.slice(from, from + atOnce).map(({ place, entry }) => ({
              run_id: id,
              place,
              revision: row.revision,
              entry: JSON.stringify(entry),
            })),
          )
          .onConflict((conflict) =>
            conflict.columns(['run_id', 'place']).doUpdateSet((eb) => ({
              revision: eb.ref('excluded.revision'),
              entry: eb.ref('excluded.entry'),
            })),
          )
          .execute();
      }
    });
  }

  /** Entries that came or changed after a revision, in their order. */
  async entries(id: string, after: number): Promise<readonly PlacedEntry[]> {
    return this.#db
      .selectFrom('program_run_entries')
      .select(['place', 'entry'])
      .where('run_id', '=', id)
      .where('revision', '>', String(after))
      .orderBy('place')
      .execute();
  }

  /** 0 for one that there is not. */
  async revisionOf(id: string): Promise<number> {
    const row = await this.#db.selectFrom('program_runs').select('revision').where('id', '=', id).executeTakeFirst();
    return Number(row?.revision ?? 0);
  }

  /** Those that a controller has begun and not ended. */
  async left(): Promise<readonly LeftRun[]> {
    const rows = await this.#db
      .selectFrom('program_runs')
      .select(['id', 'pid', 'token_id'])
      .where('ended_at', 'is', null)
      .execute();
    return rows.map(({ id, pid, token_id }) => ({ id, pid, tokenId: token_id }));
  }

  async holdsLock(stack: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('program_runs')
      .select('id')
      .where('stack', '=', stack)
      .where('holds_lock', '=', true)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async lockBroken(stack: string): Promise<void> {
    await this.#db.updateTable('program_runs').set({ holds_lock: false }).where('stack', '=', stack).execute();
  }
}
