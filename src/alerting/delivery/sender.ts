import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelId } from '../../domain/ids.ts';
import { ChannelError, type ChannelProblem, type OutgoingMessage, type Receipt } from '../channels/channel.ts';
import { keyedKinds } from '../channels/channels.ts';
import { giveUpAfterMs, pauseAfter } from './backoff.ts';
import type { ChannelBook, OpenChannel } from './channel-book.ts';
import type { Fallback } from './fallback.ts';
import type { MessageMaker } from './message-maker.ts';
import type { NoticeRow, Outbox } from './outbox.ts';

export interface SenderOptions {
  readonly outbox: Outbox;
  readonly book: ChannelBook;
  readonly maker: MessageMaker;
  readonly fallback: Fallback;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tests have their own. */
  readonly random?: () => number;
}

/** A send that takes longer is given up: its channel may have the message. */
const sendTimeoutMs = 20_000;
const minuteMs = 60_000;

/** One try to send one notice, and what comes of it. */
export class Sender {
  readonly #options: SenderOptions;
  /** Taken by their channel, but the database could not be told: what a repeat must tell it instead of sending. */
  readonly #untold = new Map<string, { receipt: Receipt; text: string; at: number }>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Sends what is due over a channel, one after the other, until nothing is, or the channel has to wait. */
  async drain(channelId: ChannelId, signal: AbortSignal): Promise<void> {
    const { outbox, clock } = this.#options;
    while (!signal.aborted) {
      const id = await outbox.nextOf(channelId, clock.now());
      if (id === null || !(await this.attempt(id, signal))) return;
    }
  }

  /**
   * One try; false when somebody else has it. Rejects only when the database does not answer; then the row is as it was, or
   * `sending`.
   */
  async attempt(id: string, signal: AbortSignal): Promise<boolean> {
    const { outbox, clock } = this.#options;
    const notice = await outbox.claim(id, clock.now(), keyedKinds);
    if (notice === null) return false;
    if (notice.channel_id === null) {
      outbox.letGo(id);
      return false;
    }
    try {
      const untold = this.#untold.get(id);
      if (untold === undefined) await this.#send(notice, notice.channel_id, signal);
      else await this.#tellSent(notice, untold);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      await this.#failed(notice, notice.channel_id, error);
    } finally {
      outbox.letGo(id);
    }
    return true;
  }

  async #send(notice: NoticeRow, channelId: ChannelId, signal: AbortSignal): Promise<void> {
    const { book, maker, outbox, clock } = this.#options;
    const open = await book.get(channelId);
    const fullUntil = await this.#fullUntil(open);
    if (fullUntil !== null) {
      await outbox.pauseChannel(channelId, fullUntil, null);
      await outbox.giveBack(notice);
      return;
    }
    const message = await maker.make(notice, open.kind);
    const receipt = await sendWithin(open, message, signal);
    const text = `${message.title}\n${message.text}`;
    await this.#tellSent(notice, { receipt, text, at: clock.now() });
  }

  /** It was sent: said until the database has it, or else by the next try of this controller. */
  async #tellSent(notice: NoticeRow, sent: { receipt: Receipt; text: string; at: number }): Promise<void> {
    this.#untold.set(notice.id, sent);
    await this.#options.outbox.sent(notice, { externalId: sent.receipt.externalId, text: sent.text, at: sent.at });
    this.#untold.delete(notice.id);
  }

  async #failed(notice: NoticeRow, channelId: ChannelId, failure: ChannelError): Promise<void> {
    const { outbox, fallback, clock, logger, random } = this.#options;
    const now = clock.now();
    const { problem } = failure;
    const pauseMs = pauseAfter(notice.attempts, failure.retryAfterMs, random);
    if (failure.ofChannel) await outbox.pauseChannel(channelId, now + pauseMs, { problem, at: now });
    logger.warn(
      { notice: notice.id, attempts: notice.attempts, error: problem.message },
      'a message was not taken by its channel',
    );
    if (failure.permanent || now - notice.due_at.getTime() > giveUpAfterMs) {
      await outbox.failed(notice, problem);
      await fallback.afterFailure(notice, now);
      return;
    }
    await outbox.postpone(notice, { tryAt: now + pauseMs, problem, maybeTwice: failure.maybeTaken });
  }

  /** When the channel has room again by its own rate; null: now. Counted in the database, over all controllers. */
  async #fullUntil({ id, perMinute }: OpenChannel): Promise<number | null> {
    const { outbox, clock } = this.#options;
    const now = clock.now();
    const { count, first } = await outbox.sentSince(id, now - minuteMs);
    return count < perMinute || first === null ? null : Math.min(first, now) + minuteMs + 1;
  }
}

async function sendWithin(open: OpenChannel, message: OutgoingMessage, signal: AbortSignal): Promise<Receipt> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(sendTimeoutMs)]);
  try {
    return await Promise.race([open.channel.send(message, limit), endOf(limit)]);
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    // A fault of ours, or of a library: its text may hold what it was given, so only its kind is told.
    const name = error instanceof Error ? error.name : 'unknown';
    const message = `The channel failed in a way that it does not explain (${name}): look at the log.`;
    throw new ChannelError(
      { code: 'sending.unexplained', arguments: { name }, message },
      { maybeTaken: true, cause: error },
    );
  }
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const seconds = sendTimeoutMs / 1000;
    const message = `The channel did not answer in ${seconds} s: check that it can be reached.`;
    const late: ChannelProblem = { code: 'sending.too-slow', arguments: { seconds }, message };
    const tell = () => reject(new ChannelError(late, { maybeTaken: true }));
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });
}
