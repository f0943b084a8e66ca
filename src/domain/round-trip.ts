/**
 * How long to wait for a device's answer: smoothed as RFC 6298 does for TCP, with bounds of our own. Every try has an id
 * of its own, so each answer is a clean sample (Karn's ambiguity does not arise), also one that came after its time.
 */
export class RoundTrip {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #firstMs: number;
  #smoothedMs = Number.NaN;
  #variationMs = 0;

  /** `firstMs`: the wait before anything is known, within the bounds. RFC 6298 (section 2.1) takes a second. */
  constructor(waits: { readonly minMs: number; readonly maxMs: number; readonly firstMs: number }) {
    this.#minMs = waits.minMs;
    this.#maxMs = waits.maxMs;
    this.#firstMs = waits.firstMs;
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

  /** Smoothed round trip in milliseconds; NaN before the first answer. */
  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  /** Time to wait for an answer. */
  get timeoutMs(): number {
    const wanted = Number.isNaN(this.#smoothedMs) ? this.#firstMs : this.#smoothedMs + 4 * this.#variationMs;
    return Math.min(Math.max(wanted, this.#minMs), this.#maxMs);
  }
}
