import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { Language } from '../words/figures.ts';
import { giveUpAfterMs } from './backoff.ts';
import type { ChannelProblem } from '../channels/channel.ts';
import { ChannelBook, channelRemoved, type SecretSealer } from './channel-book.ts';
import { Fallback } from './fallback.ts';
import { Jobs } from './jobs.ts';
import { MessageMaker, type LinkFor } from './message-maker.ts';
import { Outbox, problemOf } from './outbox.ts';
import { Presence } from './presence.ts';
import { Sender } from './sender.ts';

export interface DeliveryOptions {
  readonly db: Kysely<Database>;
  readonly databaseUrl: () => string;
  readonly sealer: SecretSealer;
  readonly publicUrl: () => string;
  readonly linkFor: LinkFor;
  readonly timeZone: string;
  readonly language: Language;
  readonly clock: Clock;
  readonly logger: Logger;
}

const tooOld: ChannelProblem = {
  code: 'sending.too-old',
  arguments: {},
  message: 'It was a day old before it could be sent.',
};

/** A message that no channel took for so long goes over the person's next channel. */
export const fallbackAfterMs = 120_000;
const longestNapMs = 5_000;
/** Few jobs are ever out of tries. */
const clearEveryMs = 600_000;
/** A job that was asked for and did not come: another controller may have had it, and be gone. */
const askAgainMs = 10_000;

/**
 * Sends what was decided: a loop that looks for rows of notices that are due and asks the queues for them. It is woken by
 * new rows and by its timer, takes no input, and what a crash left undone the next round does.
 */
export class Delivery implements LongLived {
  readonly name = 'delivery';
  readonly book: ChannelBook;
  readonly presence: Presence;
  readonly outbox: Outbox;
  readonly maker: MessageMaker;
  readonly fallback: Fallback;
  readonly #jobs: Jobs;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #lastLook = Number.NEGATIVE_INFINITY;
  #lastClearing = Number.NEGATIVE_INFINITY;
  /** Channels whose job waits, and when it was asked for, monotonic milliseconds. */
  readonly #asked = new Map<ChannelId, number>();

  constructor(options: DeliveryOptions) {
    const { db, databaseUrl, clock } = options;
    const logger = options.logger.child({ part: 'delivery' });
    this.#clock = clock;
    this.#logger = logger;
    this.book = new ChannelBook({ ...options, logger });
    this.presence = new Presence({ url: databaseUrl, logger });
    this.outbox = new Outbox({ db, self: this.presence.key });
    this.maker = new MessageMaker({ ...options, outbox: this.outbox });
    this.fallback = new Fallback({ db, outbox: this.outbox, logger });
    const sender = new Sender({ ...this, outbox: this.outbox, clock, logger });
    const { presence } = this;
    this.#jobs = new Jobs({
      db,
      url: databaseUrl,
      presence,
      logger,
      drain: async (channelId, signal) => {
        this.#asked.delete(channelId);
        await sender.drain(channelId, signal);
      },
    });
  }

  async start(): Promise<void> {
    await this.presence.start();
    this.presence.onNotices = () => this.wake();
    await this.#jobs.start();
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
    await this.#jobs.stop();
    await this.book.close();
    await this.presence.stop();
  }

  /** Looks for what is due, at once; while it looks, once more after it. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#round !== null) {
      this.#again = true;
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#round = this.#roundOnce();
  }

  async #roundOnce(): Promise<void> {
    let napMs = longestNapMs;
    try {
      napMs = await this.#look();
    } catch (error) {
      this.#logger.warn(error, 'what is to be sent could not be looked up');
    }
    this.#round = null;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.wake(), this.#again ? 20 : napMs);
    this.#again = false;
  }

  /** One round; resolves with how long until the next. */
  async #look(): Promise<number> {
    const now = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    if (monotonic - this.#lastLook > 1_000) {
      this.#lastLook = monotonic;
      await this.#jobs.unlockDead();
      if (monotonic - this.#lastClearing > clearEveryMs) {
        this.#lastClearing = monotonic;
        await this.#jobs.clearSpent();
      }
      await this.#giveUp(now);
      for (const notice of await this.outbox.overdue(now - fallbackAfterMs)) await this.fallback.insteadOf(notice, now);
    }
    for (const [id, at] of this.#asked) if (monotonic - at > askAgainMs) this.#asked.delete(id);
    const channels = (await this.outbox.channelsDue(now)).filter((id) => !this.#asked.has(id));
    for (const id of channels) this.#asked.set(id, monotonic);
    await this.#jobs.add(channels);
    const next = await this.outbox.nextDue(now);
    const untilNext = next === null ? longestNapMs : next - this.#clock.now();
    return Math.min(Math.max(untilNext, 50), longestNapMs);
  }

  async #giveUp(now: number): Promise<void> {
    for (const notice of await this.outbox.abandoned(now, now - giveUpAfterMs)) {
      const reason = problemOf(notice) ?? (notice.channel_id === null ? channelRemoved : tooOld);
      if (await this.outbox.abandon(notice, reason)) await this.fallback.afterFailure(notice, now);
    }
  }
}
