/**
 * How long to wait for a device's answer: smoothed as RFC 6298 does for TCP, with bounds of our own. Every try has an id
 * of its own, so each answer is a clean sample (Karn's ambiguity does not arise), also one that came after its time.
 */
export class RoundTrip {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #firstMs: number;
  /** In whole microseconds, which lie within the object; -1 before the first answer. */
  #smoothedUs = -1;
  #variationUs = 0;

  /** `firstMs`: the wait before anything is known, within the bounds. RFC 6298 (section 2.1) takes a second. */
  constructor(waits: { readonly minMs: number; readonly maxMs: number; readonly firstMs: number }) {
    this.#minMs = waits.minMs;
    this.#maxMs = waits.maxMs;
    this.#firstMs = waits.firstMs;
  }

  sample(rttMs: number): void {
    const rttUs = Math.round(rttMs * 1_000);
    if (this.#smoothedUs < 0) {
      this.#smoothedUs = rttUs;
      this.#variationUs = Math.round(rttUs / 2);
      return;
    }
    this.#variationUs += Math.round((Math.abs(this.#smoothedUs - rttUs) - this.#variationUs) / 4);
    this.#smoothedUs += Math.round((rttUs - this.#smoothedUs) / 8);
  }

  /** Smoothed round trip in milliseconds; NaN before the first answer. */
  get smoothedMs(): number {
    return this.#smoothedUs < 0 ? Number.NaN : this.#smoothedUs / 1_000;
  }

  /** Time to wait for an answer. */
  get timeoutMs(): number {
    const wantedMs = this.#smoothedUs < 0 ? this.#firstMs : (this.#smoothedUs + 4 * this.#variationUs) / 1_000;
    return Math.min(Math.max(wantedMs, this.#minMs), this.#maxMs);
  }
}
