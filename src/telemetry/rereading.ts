/**
 * Reads something anew whenever it may have changed, one reading after the other; changes that come while it reads are
 * taken in by one more reading. Whoever waits for `again` waits for a reading that began after the call.
 */
export class Rereading {
  readonly #read: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  /** `read` must not reject. */
  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  again(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      this.#running = this.#read();
      return this.#running;
    });
    return this.#next;
  }

  /** Resolves when nothing is read any more. */
  async ended(): Promise<void> {
    await (this.#next ?? this.#running);
  }
}
