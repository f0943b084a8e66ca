import type { Client } from 'pg';
import type { ReceivedCall } from '../support/webhook-receiver.ts';

/** A notice as it stands in the database. */
export interface DecidedNotice {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly incident: string | null;
  readonly person: string | null;
  readonly channel: string;
  readonly maybeTwice: boolean;
  readonly attempts: number;
  readonly error: string | null;
}

/** One message as a receiver has it. */
export interface ReceivedMessage {
  readonly id: string;
  readonly keyed: boolean;
  /** Says itself that it may have come before. */
  readonly saysTwice: boolean;
}

const twiceWords = /dua kali|mungkin sudah Anda terima|may have this message already/;

/** A call of a webhook carries its key; a gateway for text messages was asked to be told the id in the body. */
export function messageOf({ id, body }: ReceivedCall): ReceivedMessage {
  if (id !== '') return { id, keyed: true, saysTwice: false };
  const { ref, text } = JSON.parse(body) as { ref: string; text: string };
  return { id: ref, keyed: false, saysTwice: twiceWords.test(text) };
}

export async function readNotices(database: Client): Promise<readonly DecidedNotice[]> {
  const { rows } = await database.query<DecidedNotice>(
    `select notices.id, notices.kind, state, incident_id as incident, person_id as person,
       coalesce(channels.kind, '') as channel, maybe_twice as "maybeTwice", attempts, error
     from notices left join channels on channels.id = notices.channel_id`,
  );
  return rows;
}

/** How many are still to be sent now. */
export async function waitingNotices(database: Client): Promise<number> {
  const { rows } = await database.query<{ count: string }>(
    `select count(*) from notices where state in ('due', 'sending') or (state = 'scheduled' and due_at <= now())`,
  );
  return Number(rows[0]?.count);
}

export interface NoticeCount {
  readonly decided: number;
  readonly cancelled: number;
  readonly failed: number;
  readonly received: number;
  readonly lost: readonly string[];
  readonly unknown: readonly string[];
  /** Came more than once with the same key: whoever takes each key once has it once. */
  readonly repeatedByKey: number;
  /** Came more than once where there is no key, and each repeat said so. */
  readonly repeatedAndSaid: number;
  /** Came more than once where there is no key, and a repeat did not say so: a duplicate. */
  readonly duplicates: readonly string[];
  /** Different messages of the same kind to the same person about the same incident, where there may be one. */
  readonly toldTwice: readonly string[];
}

/** Each of these is told once to a person about an incident, whatever happens. */
const onceEach = new Set(['opened', 'escalated', 'resolved']);

/** Holds what was decided against what arrived. */
export function countNotices(notices: readonly DecidedNotice[], messages: readonly ReceivedMessage[]): NoticeCount {
  const byId = Map.groupBy(messages, ({ id }) => id);
  const known = new Set(notices.map(({ id }) => id));
  const of = (...states: string[]) => notices.filter(({ state }) => states.includes(state));
  const decided = notices.filter(({ state }) => state !== 'cancelled' && state !== 'scheduled');
  const repeated = [...byId.values()].filter((calls) => calls.length > 1);
  const unkeyed = repeated.filter(([first]) => first?.keyed === false);
  const isSaid = (calls: readonly ReceivedMessage[]) => calls.slice(1).every(({ saysTwice }) => saysTwice);
  const arrived = notices.filter(({ id, kind }) => byId.has(id) && onceEach.has(kind));
  const once = Map.groupBy(arrived, ({ incident, person, kind, channel }) =>
    [kind, incident, person, channel].join(' '),
  );
  return {
    decided: decided.length,
    cancelled: of('cancelled').length,
    failed: of('failed').length,
    received: byId.size,
    lost: decided
      .filter(({ id }) => !byId.has(id))
      .map(({ id, kind, state, error }) => `${kind} ${id} ${state} ${error}`),
    unknown: [...byId.keys()].filter((id) => !known.has(id)),
    repeatedByKey: repeated.filter(([first]) => first?.keyed === true).length,
    repeatedAndSaid: unkeyed.filter(isSaid).length,
    duplicates: unkeyed.filter((calls) => !isSaid(calls)).map(([first]) => first?.id ?? ''),
    toldTwice: [...once].filter(([, several]) => several.length > 1).map(([what]) => what),
  };
}
