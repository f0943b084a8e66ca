import { randomBytes } from 'node:crypto';

const renewAfter = 1 << 16;

/**
 * Request ids that nobody off the path can guess: from a generator (sfc32) that is seeded by the system and seeded anew
 * every 65,536 ids. Each is of exactly four bytes in its shortest encoding, so that it can be patched into a packet in
 * place, and none is given out that is in use.
 */
export class RequestIds {
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 1;
  #left = 0;

  next(inUse: { has(id: number): boolean }): number {
    for (;;) {
      const id = this.#draw() >>> 1;
      if (id >= 0x01000000 && !inUse.has(id)) return id;
    }
  }

  #draw(): number {
    if (this.#left === 0) this.#seed();
    this.#left -= 1;
    const drawn = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }

  #seed(): void {
    const seed = randomBytes(12);
    this.#a = seed.readInt32LE(0);
    this.#b = seed.readInt32LE(4);
    this.#c = seed.readInt32LE(8);
    this.#count = 1;
    this.#left = renewAfter;
    // The first draws still show the seed.
    for (let i = 0; i < 12; i += 1) this.#draw();
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
