/**
 * How long an answer takes from one device, smoothed as RFC 6298 does for TCP, and so how long to wait for the next one.
 * MQTT over a satellite takes its 700 ms and more, and is no loss for that.
 */
export class RoundTrip {
  #smoothedMs = NaN;
  #variationMs = 0;
  readonly #minMs: number;
  readonly #maxMs: number;

  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
  }

  sample(rttMs: number): void {
    if (Number.isNaN(this.#smoothedMs)) {
      this.#smoothedMs = rttMs;
      this.#variationMs = rttMs / 2;
      return;
    }
    this.#variationMs += (Math.abs(this.#smoothedMs - rttMs) - this.#variationMs) / 4;
    this.#smoothedMs += (rttMs - this.#smoothedMs) / 8;
  }

  /** NaN before the first answer. */
  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  /** How long to wait: nothing is known at first, so as long as at all. */
  get timeoutMs(): number {
    if (Number.isNaN(this.#smoothedMs)) return this.#maxMs;
    return Math.min(this.#maxMs, Math.max(this.#minMs, this.#smoothedMs + 4 * this.#variationMs));
  }
}
