/** What must be looked at next, in buckets of so many seconds. */
const bucketS = 5;

/** Things that wait for the clock. What waits longer costs nothing meanwhile. */
export class DueList<T> {
  #buckets = new Map<number, T[]>();

  /** Keeps a thing until `dueS`, seconds since the epoch. */
  add(thing: T, dueS: number): void {
    const bucket = Math.ceil(dueS / bucketS);
    const waiting = this.#buckets.get(bucket);
    if (waiting === undefined) this.#buckets.set(bucket, [thing]);
    else waiting.push(thing);
  }

  /** Takes out all that is due by now. */
  take(nowS: number): readonly T[] {
    const now = Math.floor(nowS / bucketS);
    const due: T[] = [];
    for (const [bucket, waiting] of this.#buckets) {
      if (bucket > now) continue;
      this.#buckets.delete(bucket);
      for (const thing of waiting) due.push(thing);
    }
    return due;
  }

  clear(): void {
    this.#buckets = new Map();
  }
}
