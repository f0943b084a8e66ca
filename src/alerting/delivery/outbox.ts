import { sql, type Kysely, type Selectable } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { NoticeTable } from '../../database/tables/alerting.ts';
import { newId, type ChannelId, type NoticeId } from '../../domain/ids.ts';
import type { ChannelProblem } from '../channels/channel.ts';
import { isGone } from './presence.ts';

export type NoticeRow = Selectable<NoticeTable>;

const batch = 500;

/**
 * The rows of notices as delivery works on them. Every step is one statement that holds only from the state that it
 * expects, so that two controllers, a cancellation and a kill meet in the database and nowhere else. Times are
 * milliseconds since the epoch.
 */
export class Outbox {
  readonly #db: Kysely<Database>;
  /** What this controller claims by. */
  readonly #self: string;
  /** Claimed, and being worked on in this process: what it claimed beside these it has let go of without a word. */
  readonly #atWork = new Set<string>();

  constructor(options: { readonly db: Kysely<Database>; readonly self: string }) {
    this.#db = options.db;
    this.#self = options.self;
  }

  /** Channels over which something can be sent now. */
  async channelsDue(now: number): Promise<ChannelId[]> {
    const rows = await this.#due(now).select('channels.id').distinct().limit(batch).execute();
    return rows.map((row) => row.id);
  }

  /** The next to be sent over a channel: what matters most, then what waits longest; null when nothing is due. */
  async nextOf(channelId: ChannelId, now: number): Promise<NoticeId | null> {
    const row = await this.#due(now)
      .select('notices.id')
      .where('channels.id', '=', channelId)
      .orderBy(sql`array_position(array['critical', 'warning', 'info'], notices.content->>'severity'), notices.due_at`)
      .limit(1)
      .executeTakeFirst();
    return row?.id ?? null;
  }

  /** Due, its channel is on and not paused, and nobody alive is at work on it. */
  #due(now: number) {
    return this.#db
      .selectFrom('notices')
      .innerJoin('channels', 'channels.id', 'notices.channel_id')
      .where(this.#mayBeSent())
      .where(sql<boolean>`coalesce(notices.try_at, notices.due_at) <= ${new Date(now)}`)
      .where('channels.enabled', '=', true)
      .where(isOpen(now));
  }

  /** When the next one will be due, if nothing else happens; null: none waits. */
  async nextDue(now: number): Promise<number | null> {
    const { rows } = await sql<{ at: Date | null }>`
      select min(greatest(coalesce(try_at, due_at), channels.paused_until)) as at
      from notices join channels on channels.id = notices.channel_id
      where state in ('scheduled', 'due') and channels.enabled
        and greatest(coalesce(try_at, due_at), channels.paused_until) > ${new Date(now)}`.execute(this.#db);
    return rows[0]?.at?.getTime() ?? null;
  }

  /**
   * Takes one to send. From here to the end it is `sending`, and this controller's. One that a dead controller was
   * sending may have arrived: it is marked so where its channel does not take the key (`keyed` lists the kinds that do).
   */
  async claim(id: string, now: number, keyed: readonly string[]): Promise<NoticeRow | null> {
    const row = await this.#db
      .updateTable('notices')
      .from('channels')
      .set({
        state: 'sending',
        claimed_by: this.#self,
        attempts: sql`notices.attempts + 1`,
        maybe_twice: sql`notices.maybe_twice or
          (notices.state = 'sending' and channels.kind <> all(${[...keyed]}::text[]))`,
      })
      .whereRef('channels.id', '=', 'notices.channel_id')
      .where('notices.id', '=', id as NoticeId)
      .where('channels.enabled', '=', true)
      .where(isOpen(now))
      .where(this.#mayBeSent())
      .where(sql<boolean>`coalesce(notices.try_at, notices.due_at) <= ${new Date(now)}`)
      .returningAll('notices')
      .executeTakeFirst();
    if (row !== undefined) this.#atWork.add(id);
    return row ?? null;
  }

  /** This process works on it no more. Where the database could not be told what became of it, it is tried again. */
  letGo(id: string): void {
    this.#atWork.delete(id);
  }

  /** The channel took it. */
  async sent(notice: NoticeRow, receipt: { externalId: string | null; text: string; at: number }): Promise<void> {
    await this.#mine(notice.id, {
      state: 'sent',
      claimed_by: null,
      sent_at: new Date(receipt.at),
      sent_text: receipt.text,
      external_id: receipt.externalId,
      ...inColumns(null),
    });
    await sql`update channels set last_sent_at = ${new Date(receipt.at)}, failing_since = null, last_error = null,
      last_problem = null, paused_until = null where id = ${notice.channel_id}`.execute(this.#db);
  }

  /** It is tried again at a time. */
  async postpone(
    notice: NoticeRow,
    failure: { tryAt: number; problem: ChannelProblem; maybeTwice: boolean },
  ): Promise<void> {
    await this.#mine(notice.id, {
      state: 'due',
      claimed_by: null,
      try_at: new Date(failure.tryAt),
      ...inColumns(failure.problem),
      ...(failure.maybeTwice && { maybe_twice: true }),
    });
  }

  /** Not sent at all this time, and that was no try: its channel has to wait. */
  async giveBack(notice: NoticeRow): Promise<void> {
    await this.#mine(notice.id, { state: 'due', claimed_by: null, attempts: Math.max(0, notice.attempts - 1) });
  }

  async failed(notice: NoticeRow, problem: ChannelProblem): Promise<void> {
    await this.#mine(notice.id, { state: 'failed', claimed_by: null, ...inColumns(problem) });
  }

  /** The channel itself is at fault, or asks to wait: nothing goes over it until then. Without a failure it is well. */
  async pauseChannel(
    id: ChannelId,
    until: number,
    failure: { problem: ChannelProblem; at: number } | null,
  ): Promise<void> {
    const told = failure === null ? null : inColumns(failure.problem);
    await this.#db
      .updateTable('channels')
      .set({
        paused_until: sql`greatest(paused_until, ${new Date(until)})`,
        ...(failure !== null && { failing_since: sql`coalesce(failing_since, ${new Date(failure.at)})` }),
        ...(told !== null && { last_error: told.error, last_problem: told.problem }),
      })
      .where('id', '=', id)
      .execute();
  }

  /** How many a channel took since a time, and when the first of them. */
  async sentSince(id: ChannelId, since: number): Promise<{ count: number; first: number | null }> {
    const row = await this.#db
      .selectFrom('notices')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('sent_at').as('first')])
      .where('channel_id', '=', id)
      .where('sent_at', '>', new Date(since))
      .executeTakeFirstOrThrow();
    return { count: Number(row.count), first: row.first === null ? null : new Date(row.first).getTime() };
  }

  /** External id of the first message about this incident to this address over this channel. */
  async threadOf(notice: NoticeRow): Promise<string | null> {
    if (notice.incident_id === null || notice.channel_id === null) return null;
    const row = await this.#db
      .selectFrom('notices')
      .select('external_id')
      .where('incident_id', '=', notice.incident_id)
      .where('channel_id', '=', notice.channel_id)
      .where('address', '=', notice.address)
      .where('external_id', 'is not', null)
      .orderBy('sent_at')
      .limit(1)
      .executeTakeFirst();
    return row?.external_id ?? null;
  }

  /** Those that no channel has taken for so long, nobody alive being at work on them: for the person's next channel. */
  async overdue(before: number): Promise<NoticeRow[]> {
    return this.#db
      .selectFrom('notices')
      .selectAll()
      .where(this.#mayBeSent())
      .where('due_at', '<', new Date(before))
      .where('person_id', 'is not', null)
      .orderBy('due_at')
      .limit(batch)
      .execute();
  }

  /** Those that can never be sent: their channel is gone, or they are too old to be of use. */
  async abandoned(now: number, decidedBefore: number): Promise<NoticeRow[]> {
    return this.#db
      .selectFrom('notices')
      .selectAll()
      .where(this.#mayBeSent())
      .where('due_at', '<=', new Date(now))
      .where((on) => on.or([on('channel_id', 'is', null), on('due_at', '<', new Date(decidedBefore))]))
      .limit(batch)
      .execute();
  }

  /** Fails one that nobody is at work on; false when somebody was quicker. */
  async abandon(notice: NoticeRow, problem: ChannelProblem): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('notices')
      .set({ state: 'failed', claimed_by: null, ...inColumns(problem) })
      .where('id', '=', notice.id)
      .where(this.#mayBeSent())
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Makes a message that failed one of the person's next channel. False when there is none, or another controller has
   * done so: the decision is the same but for its channel's place in the row.
   */
  async toNextChannel(
    failed: NoticeRow,
    next: { channelId: ChannelId; address: string; decision: string },
    now: number,
  ) {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('notices')
      .values({
        id: newId<NoticeId>(),
        incident_id: failed.incident_id,
        person_id: failed.person_id,
        person_name: failed.person_name,
        channel_id: next.channelId,
        address: next.address,
        kind: failed.kind,
        incident_revision: failed.incident_revision,
        decision: next.decision,
        why: failed.why,
        content: JSON.stringify(failed.content),
        state: 'due',
        decided_at: failed.decided_at,
        due_at: new Date(now),
      })
      .onConflict((conflict) => conflict.column('decision').doNothing())
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /** Waiting, or taken by a controller that is there no more, or by this one, which is not at work on it any more. */
  #mayBeSent() {
    return sql<boolean>`(notices.state in ('scheduled', 'due') or (notices.state = 'sending' and (
      notices.claimed_by is null or ${isGone('notices.claimed_by')}
      or (notices.claimed_by = ${this.#self} and notices.id::text <> all(${[...this.#atWork]}::text[])))))`;
  }

  async #mine(id: NoticeId, set: Record<string, unknown>): Promise<void> {
    await this.#db
      .updateTable('notices')
      .set(set)
      .where('id', '=', id)
      .where('state', '=', 'sending')
      .where('claimed_by', '=', this.#self)
      .execute();
  }
}

/** Why it failed last; null when it did not, or when an earlier release kept no more than the sentence. */
export function problemOf({ error, problem }: NoticeRow): ChannelProblem | null {
  return error === null || problem === null ? null : { ...problem, message: error };
}

/** A problem as the columns of a notice have it; null: there is none. */
export function inColumns(problem: ChannelProblem | null): { error: string | null; problem: string | null } {
  if (problem === null) return { error: null, problem: null };
  const { message, code, arguments: given } = problem;
  const kept = Object.entries(given).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : keptText(value),
  ]);
  return {
    error: keptText(message.slice(0, 1_000)),
    problem: JSON.stringify({ code, arguments: Object.fromEntries(kept) }),
  };
}

/** What a server said, as PostgreSQL keeps it: no NUL, no half of a character. */
function keptText(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').toWellFormed();
}

/** Its channel is not paused. */
function isOpen(now: number) {
  return sql<boolean>`(channels.paused_until is null or channels.paused_until <= ${new Date(now)})`;
}
