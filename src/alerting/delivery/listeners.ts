import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { ChannelId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { channelKinds } from '../channels/channels.ts';
import type { Inbound } from '../channels/channel.ts';
import type { ChannelBook } from './channel-book.ts';
import type { Presence } from './presence.ts';

export interface ListenersOptions {
  readonly db: Kysely<Database>;
  readonly book: ChannelBook;
  readonly presence: Presence;
  readonly handle: (channel: { id: ChannelId; kind: string }, inbound: Inbound) => Promise<void>;
  readonly logger: Logger;
}

interface Running {
  readonly version: number;
  readonly end: AbortController;
  readonly done: Promise<void>;
}

const roundMs = 5_000;
const pauseAfterFailureMs = 10_000;

/**
 * Listens to the channels that must be asked for what came in. One controller of all listens to each: who holds its lock.
 * A channel that was changed is listened to anew, one that was turned off no more.
 */
export class Listeners implements LongLived {
  readonly name = 'channel listeners';
  readonly #options: ListenersOptions;
  readonly #running = new Map<ChannelId, Running>();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#options.presence.onLost = () => {
      for (const { end } of this.#running.values()) end.abort();
    };
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
    for (const { end } of this.#running.values()) end.abort();
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  #next(pauseMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#look()
        .catch((error: unknown) => this.#options.logger.warn(error, 'channels could not be looked up'))
        .then(() => this.#next(roundMs));
    }, pauseMs);
  }

  async #look(): Promise<void> {
    const { db, book, presence } = this.#options;
    const channels = await db
      .selectFrom('channels')
      .select(['id', 'version', 'kind'])
      .where('enabled', '=', true)
      .where('kind', 'in', [...listening])
      .execute();
    for (const [id, running] of this.#running) {
      if (!channels.some((each) => each.id === id && each.version === running.version)) running.end.abort();
    }
    for (const { id, version, kind } of channels) {
      if (this.#running.has(id) || !(await presence.tryHold(`listen ${id}`))) continue;
      const end = new AbortController();
      const done = this.#listen({ id, kind }, book, end.signal).finally(async () => {
        this.#running.delete(id);
        await presence.release(`listen ${id}`).catch(() => undefined);
      });
      this.#running.set(id, { version, end, done });
    }
  }

  async #listen(channel: { id: ChannelId; kind: string }, book: ChannelBook, signal: AbortSignal): Promise<void> {
    const { handle, logger } = this.#options;
    while (!signal.aborted) {
      try {
        const open = await book.get(channel.id);
        await open.channel.listen?.((inbound) => handle(channel, inbound), signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : 'unknown';
        logger.warn({ channel: channel.id, reason }, 'a channel cannot be listened to: it is tried again');
        await pause(pauseAfterFailureMs, signal);
      }
    }
  }
}

/** Kinds that must be asked. */
const listening: readonly string[] = channelKinds.filter(({ listens }) => listens).map(({ kind }) => kind);

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
