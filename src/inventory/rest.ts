/** A rest is so many times as long as what was done before it, at most. */
const timesAsLong = 5;
const longestMs = 2_000;

/** While writes go on and on (a rollout, an import), most of the time is free of reading everything anew. */
export class Rest {
  #untilMs = Number.NEGATIVE_INFINITY;

  /** It was read, from one monotonic moment to another. */
  after(beganMs: number, endedMs: number): void {
    this.#untilMs = endedMs + Math.min((endedMs - beganMs) * timesAsLong, longestMs);
  }

  /** Milliseconds until the next reading; none or less than none when it is due. */
  leftMs(nowMs: number): number {
    return this.#untilMs - nowMs;
  }
}
