import { open, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';

/** A message that waits for the broker. */
export interface Waiting {
  readonly number: number;
  readonly bytes: number;
  /** Null: it lies on the disk alone. */
  readonly payload: Buffer | null;
}

/** The least that a file takes on a disk. */
const blockBytes = 4_096;
const mostInMemory = 1_000;
const ending = '.lp.gz';

/**
 * Messages that wait for the broker, one file each, in the order in which they were made. A file is whole or not there:
 * what was added is sent again after a crash until it is removed. It is bounded: beyond that the oldest goes.
 */
export class Outbox {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #logger: Logger;
  #waiting: Waiting[] = [];
  /** Under way, and so not lost for want of room. */
  readonly #held = new Set<number>();
  #bytes = 0;
  #next = 0;
  #lost = 0;
  #diskFails = false;

  constructor(options: { readonly folder: string; readonly maxBytes: number; readonly logger: Logger }) {
    this.#folder = options.folder;
    this.#maxBytes = options.maxBytes;
    this.#logger = options.logger;
  }

  /** In order, the oldest first. */
  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** Messages that had to go for newer ones. */
  get lost(): number {
    return this.#lost;
  }

  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      // A draft was never told as added.
      if (name.endsWith('.new')) await rm(join(this.#folder, name), { force: true });
      const number = name.endsWith(ending) ? Number(name.slice(0, -ending.length)) : Number.NaN;
      if (!Number.isSafeInteger(number)) continue;
      const { size } = await stat(join(this.#folder, name));
      this.#waiting.push({ number, bytes: Math.max(size, blockBytes), payload: null });
    }
    this.#waiting.sort((one, other) => one.number - other.number);
    this.#bytes = this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#next = (this.#waiting.at(-1)?.number ?? -1) + 1;
    if (this.#waiting.length > 0) this.#logger.info({ messages: this.#waiting.length }, 'messages wait for the broker');
  }

  /** On the disk when it resolves; in memory alone, and said so, while the disk takes nothing. One call at a time. */
  async add(payload: Buffer): Promise<void> {
    const number = this.#next++;
    const isKept = await this.#write(number, payload);
    const bytes = Math.max(payload.length, blockBytes);
    this.#waiting.push({ number, bytes, payload: isKept ? null : payload });
    this.#bytes += bytes;
    await this.#dropBeyondBounds();
  }

  /** From here on it makes no room for others. Null when its file cannot be read. */
  async take(message: Waiting): Promise<Buffer | null> {
    this.#held.add(message.number);
    if (message.payload !== null) return message.payload;
    try {
      return await readFile(this.#path(message.number));
    } catch (error) {
      this.#logger.error({ err: error }, 'a message that waited for the broker cannot be read: it is lost');
      return null;
    }
  }

  async remove({ number }: Waiting): Promise<void> {
    this.#held.delete(number);
    const index = this.#waiting.findIndex((one) => one.number === number);
    const [gone] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (gone === undefined) return;
    this.#bytes -= gone.bytes;
    await rm(this.#path(number), { force: true }).catch((error: unknown) => {
      // It is sent again after the next start: a repeat is harmless.
      this.#logger.warn({ err: error }, 'a message that was sent could not be removed');
    });
  }

  async #dropBeyondBounds(): Promise<void> {
    for (;;) {
      const free = this.#waiting.filter(({ number }) => !this.#held.has(number));
      const inMemory = free.filter(({ payload }) => payload !== null);
      const oldest = inMemory.length > mostInMemory ? inMemory[0] : free[0];
      if (oldest === undefined) return;
      if (inMemory.length <= mostInMemory && this.#bytes <= this.#maxBytes) return;
      if (this.#lost++ === 0)
        this.#logger.error('more waits for the broker than there is room for: the oldest is lost');
      await this.remove(oldest);
    }
  }

  async #write(number: number, payload: Buffer): Promise<boolean> {
    const path = this.#path(number);
    try {
      const file = await open(`${path}.new`, 'w', 0o600);
      try {
        await file.writeFile(payload);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      const folder = await open(this.#folder, 'r');
      await folder.sync().finally(() => folder.close());
      this.#diskFails = false;
      return true;
    } catch (error) {
      if (!this.#diskFails) this.#logger.error({ err: error }, 'the disk takes nothing: what waits is in memory alone');
      this.#diskFails = true;
      await rm(`${path}.new`, { force: true }).catch(() => undefined);
      return false;
    }
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, '0')}${ending}`);
  }
}
