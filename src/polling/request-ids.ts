import { randomFillSync } from 'node:crypto';

/**
 * Request ids that nobody can guess: random, of exactly four bytes in their shortest encoding (so that they can be
 * patched into a packet in place), never one that is in use.
 */
export class RequestIds {
  readonly #pool = new Uint32Array(1024);
  #at = this.#pool.length;

  next(inUse: { has(id: number): boolean }): number {
    for (;;) {
      if (this.#at === this.#pool.length) {
        randomFillSync(this.#pool);
        this.#at = 0;
      }
      const id = (this.#pool[this.#at] ?? 0) & 0x7fffffff;
      this.#at += 1;
      if (id >= 0x01000000 && !inUse.has(id)) return id;
    }
  }
}

export type Retired = 'answered' | 'timed-out';

/** Remembers, without growing, what became of the last few thousand ids: is an unexpected answer late, or a duplicate? */
export class RetiredIds {
  readonly #ids = new Int32Array(8192);
  readonly #answered = new Uint8Array(8192);

  add(id: number, why: Retired): void {
    const place = id & 8191;
    this.#ids[place] = id;
    this.#answered[place] = why === 'answered' ? 1 : 0;
  }

  why(id: number): Retired | undefined {
    const place = id & 8191;
    if (this.#ids[place] !== id || id === 0) return undefined;
    return this.#answered[place] === 1 ? 'answered' : 'timed-out';
  }
}
