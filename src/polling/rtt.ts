/**
 * How long to wait for a device: RFC 6298 with bounds of our own. Every try has a request id of its own, so each answer
 * is a clean sample (Karn's ambiguity does not arise), also one that came after its time.
 */
export class RttEstimator {
  readonly #minMs: number;
  readonly #maxMs: number;
  #smoothedMs = Number.NaN;
  #variationMs = 0;

  constructor(bounds: { readonly minMs: number; readonly maxMs: number }) {
    this.#minMs = bounds.minMs;
    this.#maxMs = bounds.maxMs;
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

  /** Time to wait for an answer. One second before the first (RFC 6298, section 2.1). */
  get timeoutMs(): number {
    const wanted = Number.isNaN(this.#smoothedMs) ? 1000 : this.#smoothedMs + 4 * this.#variationMs;
    return Math.min(Math.max(wanted, this.#minMs), this.#maxMs);
  }
}
