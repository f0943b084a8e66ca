const wrapTicks = 2 ** 32;
/** Answers wait in queues on both sides: so much may the two clocks differ without meaning anything. */
const slackMs = 5_000;
const slackShare = 0.02;

/**
 * The time of a device by its sysUpTime, against our own. It tells a restart (sysUpTime went back, or fell behind) from
 * the wrap after 497 days, and gives the time between two readings as the device itself measured it, which knows
 * nothing of slow links and busy pollers.
 *
 * Where sysUpTime counts in whole seconds or stands still, our own clock is used.
 */
export class DeviceClock {
  #ticks = Number.NaN;
  #atMs = 0;
  #timeMs = 0;
  #fine = false;
  #still = 0;

  /**
   * Takes sysUpTime (hundredths of a second) as read at `atMs` of the monotonic clock. False when the device has
   * restarted since the last one, or its clock jumped: no counter may be compared across that.
   */
  observe(ticks: number, atMs: number): boolean {
    if (Number.isNaN(this.#ticks)) {
      this.#start(ticks, atMs);
      return true;
    }
    const ourMs = atMs - this.#atMs;
    let passed = ticks - this.#ticks;
    if (passed < -wrapTicks / 2) passed += wrapTicks;
    else if (passed > wrapTicks / 2) passed -= wrapTicks;
    const theirMs = passed * 10;
    if (passed === 0 && ourMs > 1_500) this.#still += 1;
    else if (passed !== 0) this.#still = 0;
    if (this.#still >= 2) {
      // A clock that stands still says nothing.
      this.#advance(ticks, atMs, ourMs);
      return true;
    }
    if (Math.abs(theirMs - ourMs) > slackMs + Math.abs(ourMs) * slackShare) {
      this.#start(ticks, atMs);
      return false;
    }
    if (ticks % 100 !== 0) this.#fine = true;
    this.#advance(ticks, atMs, this.#fine && this.#still === 0 ? theirMs : ourMs);
    return true;
  }

  /**
   * Goes on from an earlier run of this program: `ticks` was read `wallAgeMs` ago, as far as the machine's clock can be
   * trusted. True when the reading now continues it; then `timeAt` places the earlier readings.
   */
  resume(earlier: { readonly ticks: number; readonly wallAgeMs: number }, ticks: number, atMs: number): boolean {
    const earlierAtMs = atMs - earlier.wallAgeMs;
    this.#start(earlier.ticks, earlierAtMs);
    this.#fine = true;
    return this.observe(ticks, atMs);
  }

  /** Milliseconds on the device's own axis: only differences mean something. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** Last sysUpTime in hundredths of a second; NaN before the first. */
  get ticks(): number {
    return this.#ticks;
  }

  /** The same axis for a moment of ours near the last reading, for answers that carry no sysUpTime. */
  timeAt(atMs: number): number {
    return this.#timeMs + (atMs - this.#atMs);
  }

  /** The moment of ours that the last reading was taken at. */
  get atMs(): number {
    return this.#atMs;
  }

  /** See `WheelTimer.prefetch`. */
  prefetch(steps: number): number {
    return steps === 0 ? this.#still : this.#ticks + this.#atMs + this.#timeMs;
  }

  #start(ticks: number, atMs: number): void {
    this.#ticks = ticks;
    this.#atMs = atMs;
    this.#timeMs = atMs;
    this.#fine = ticks % 100 !== 0;
    this.#still = 0;
  }

  #advance(ticks: number, atMs: number, passedMs: number): void {
    this.#ticks = ticks;
    this.#atMs = atMs;
    this.#timeMs += passedMs;
  }
}
