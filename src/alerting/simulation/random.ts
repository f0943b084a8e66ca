/** Random numbers in [0, 1) that a seed always gives in the same order (mulberry32). */
export class Random {
  #state: number;

  /** Further parts make another sequence of the same seed, independent of what else was drawn. */
  constructor(seed: number, ...parts: readonly (number | string)[]) {
    let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    for (const char of parts.join('/')) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
    this.#state = state | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** So many of them, each at most once, in random order; all when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    const found: T[] = [];
    while (found.length < count && left.length > 0) {
      const at = this.below(left.length);
      const item = left[at];
      const last = left.pop();
      if (item === undefined) break;
      found.push(item);
      if (at < left.length && last !== undefined) left[at] = last;
    }
    return found;
  }
}
