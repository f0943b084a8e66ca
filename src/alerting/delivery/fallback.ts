import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { ChannelId } from '../../domain/ids.ts';
import type { ChannelProblem } from '../channels/channel.ts';
import { kindOf } from '../channels/channels.ts';
import { problemOf, type NoticeRow, type Outbox } from './outbox.ts';

interface Way {
  readonly channelId: ChannelId;
  readonly address: string;
}

/** Nothing was heard of the channel: what it said itself is told instead, where it said something. */
const notInTime: ChannelProblem = {
  code: 'sending.not-in-time',
  arguments: {},
  message: 'The channel did not take it in time: it was sent over the next one.',
};

const place = /\/channel-(\d+)$/;

/** The decision that a message goes back to, over whichever of the person's channels, and which try it is. */
export function decisionOf(decision: string): { base: string; tried: number } {
  const found = place.exec(decision);
  return found === null
    ? { base: decision, tried: 1 }
    : { base: decision.slice(0, found.index), tried: Number(found[1]) };
}

/** What failed on one way to a person goes the next one, in the person's own order; each is tried once. */
export class Fallback {
  readonly #db: Kysely<Database>;
  readonly #outbox: Outbox;
  readonly #logger: Logger;

  constructor(options: { readonly db: Kysely<Database>; readonly outbox: Outbox; readonly logger: Logger }) {
    this.#db = options.db;
    this.#outbox = options.outbox;
    this.#logger = options.logger;
  }

  /** The next way to this person that was not tried for this decision; null when none is left. */
  async nextWay(notice: NoticeRow): Promise<(Way & { decision: string }) | null> {
    if (notice.person_id === null || notice.kind === 'test') return null;
    const { base, tried } = decisionOf(notice.decision);
    const ways = await this.#db
      .selectFrom('person_channels')
      .innerJoin('channels', 'channels.id', 'person_channels.channel_id')
      .select(['channels.id as channelId', 'channels.kind', 'person_channels.address'])
      .where('person_channels.person_id', '=', notice.person_id)
      .where('channels.enabled', '=', true)
      .orderBy('person_channels.position')
      .execute();
    const before = await this.#db
      .selectFrom('notices')
      .select(['channel_id', 'address', 'decision'])
      .where('person_id', '=', notice.person_id)
      .where((on) => on.or([on('decision', '=', base), on('decision', 'like', likeDecision(base))]))
      .execute();
    const next = ways.find(
      (way) =>
        kindOf(way.kind)?.audience === 'person' &&
        !before.some((each) => each.channel_id === way.channelId && each.address === way.address),
    );
    return next === undefined ? null : { ...next, decision: `${base}/channel-${tried + 1}` };
  }

  /** For a message that has failed for good. */
  async afterFailure(notice: NoticeRow, now: number): Promise<void> {
    const next = await this.nextWay(notice);
    if (next === null) {
      this.#logger.error(
        { notice: notice.id, person: notice.person_name },
        'a person could not be told on any channel',
      );
      return;
    }
    await this.#outbox.toNextChannel(notice, next, now);
  }

  /** For a message that its channel does not take: given up only when there is another way. */
  async insteadOf(notice: NoticeRow, now: number): Promise<boolean> {
    const next = await this.nextWay(notice);
    if (next === null) return false;
    if (!(await this.#outbox.abandon(notice, problemOf(notice) ?? notInTime))) return false;
    return this.#outbox.toNextChannel(notice, next, now);
  }
}

function likeDecision(base: string): string {
  return base.replace(/[\\%_]/g, '\\$&') + '/channel-%';
}
