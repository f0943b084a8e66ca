import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import type { Counters, TelemetryCounter } from './counters.ts';

const decompress = promisify(gunzip);
const maxPackedBytes = 4 * 1_048_576;
const maxPlainBytes = 32 * 1_048_576;
/** Bytes of one sender that wait to be unpacked. Beyond it is one whom no broker holds back. */
const maxWaitingBytes = 64 * 1_048_576;

/**
 * Plain or gzip (RFC 1952: 1f 8b), never more than we are ready to hold. Rejects with a RangeError when it is more, and
 * with another error when it is broken.
 */
export async function unpacked(payload: Buffer): Promise<string> {
  if (payload[0] !== 0x1f || payload[1] !== 0x8b) return payload.toString('utf8');
  return (await decompress(payload, { maxOutputLength: maxPlainBytes })).toString('utf8');
}

/** Messages of points, one of a sender after the other in the order they came, unpacked; what cannot be is counted. */
export class MessageQueues {
  readonly #options: { readonly counters: Counters; readonly counter: TelemetryCounter; readonly logger: Logger };
  readonly #queues = new Map<string, { tail: Promise<void>; bytes: number }>();

  constructor(options: { readonly counters: Counters; readonly counter: TelemetryCounter; readonly logger: Logger }) {
    this.#options = options;
  }

  /** Resolves when the message is worked in, or can never be; rejects with `unavailable` when it can be later. */
  async add(sender: string, payload: Buffer, take: (text: string) => void | Promise<void>): Promise<void> {
    if (payload.length > maxPackedBytes) return this.#count('too-large');
    const queue = this.#queues.get(sender) ?? { tail: Promise.resolve(), bytes: 0 };
    this.#queues.set(sender, queue);
    if (queue.bytes > maxWaitingBytes) return this.#count('too-fast');
    queue.bytes += payload.length;
    const working = this.#after(queue.tail, sender, payload, take);
    queue.tail = working
      .catch(() => undefined)
      .finally(() => {
        queue.bytes -= payload.length;
      });
    await working;
  }

  /** Resolves when all that came so far is worked in. */
  async ended(): Promise<void> {
    await Promise.all([...this.#queues.values()].map(({ tail }) => tail));
  }

  async #after(
    before: Promise<void>,
    sender: string,
    payload: Buffer,
    take: (text: string) => void | Promise<void>,
  ): Promise<void> {
    await before;
    let text: string;
    try {
      text = await unpacked(payload);
    } catch (error) {
      return this.#count(error instanceof RangeError ? 'too-large' : 'not-gzip');
    }
    try {
      await take(text);
    } catch (error) {
      if (error instanceof ArungError && error.kind === 'unavailable') {
        // Said once by the part itself.
        this.#count('not-now');
        throw error;
      }
      this.#count('failed');
      this.#options.logger.error({ err: error, sender }, 'a message of points could not be worked in');
    }
  }

  #count(result: string): void {
    this.#options.counters.count(this.#options.counter, result);
  }
}
