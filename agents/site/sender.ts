import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LongLived } from '../../src/domain/lifecycle.ts';
import type { Outbox, Waiting } from './outbox.ts';

/** So many messages are under way at once: a line by satellite has a second between a message and its acknowledgement. */
const mostUnderWay = 16;
const againMs = 1_000;

/** Sends what waits, in order; a message is gone from the disk when the broker has acknowledged it, and not before. */
export class Sender implements LongLived {
  readonly name = 'sender';
  readonly #outbox: Outbox;
  readonly #deliver: (payload: Buffer) => Promise<void>;
  readonly #logger: Logger;
  readonly #underWay = new Set<number>();
  #reading: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #sent = 0;

  constructor(options: {
    readonly outbox: Outbox;
    /** Resolves when the broker has it, however long that takes; rejects when the way there was closed. */
    readonly deliver: (payload: Buffer) => Promise<void>;
    readonly logger: Logger;
  }) {
    this.#outbox = options.outbox;
    this.#deliver = options.deliver;
    this.#logger = options.logger;
  }

  /** Messages that the broker acknowledged. */
  get sent(): number {
    return this.#sent;
  }

  start(): Promise<void> {
    this.wake();
    return Promise.resolve();
  }

  /** What is under way ends with the link; until it is acknowledged it waits on the disk for the next start. */
  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  /** Something may wait that is not under way. */
  wake(): void {
    if (this.#stopped) return;
    for (const message of this.#outbox.waiting) {
      if (this.#underWay.size >= mostUnderWay) return;
      if (!this.#underWay.has(message.number)) void this.#send(message);
    }
  }

  async #send(message: Waiting): Promise<void> {
    this.#underWay.add(message.number);
    // Files are read one after the other, so that messages leave in their order.
    const reading = this.#reading.then(() => this.#outbox.take(message));
    this.#reading = reading;
    const payload = await reading;
    try {
      if (payload !== null) {
        await this.#deliver(payload);
        this.#sent++;
      }
      await this.#outbox.remove(message);
    } catch (error) {
      if (this.#stopped) return;
      this.#logger.warn({ err: error }, 'a message was not delivered: it is tried again');
      await sleep(againMs);
    }
    this.#underWay.delete(message.number);
    this.wake();
  }
}
