/**
 * When each counter of a group was read last, on the device's axis in milliseconds; 0 before the first. Mostly all came in
 * one answer: then one number says it, and a poll neither reads nor writes one for each.
 */
export class ReadingTimes {
  readonly #count: number;
  #commonMs = 0;
  #each: Float64Array | null = null;
  #latestMs = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** The last of all. */
  get latestMs(): number {
    return this.#latestMs;
  }

  at(slot: number): number {
    return this.#each === null ? this.#commonMs : (this.#each[slot] ?? 0);
  }

  set(slot: number, ms: number): void {
    this.#each ??= new Float64Array(this.#count).fill(this.#commonMs);
    this.#each[slot] = ms;
    this.#latestMs = Math.max(this.#latestMs, ms);
  }

  /** All were read at once. */
  setAll(ms: number): void {
    this.#commonMs = ms;
    this.#each = null;
    this.#latestMs = ms;
  }
}
