const slabLength = 8_192;

/**
 * Float64Arrays, cut from larger ones: a buffer of its own for each would cost more than filling it. A slab is
 * freed when the last that was cut from it is.
 */
export class DoubleSlab {
  #slab = new Float64Array(0);
  #used = 0;

  /** An array of zeros. */
  take(length: number): Float64Array {
    if (length > slabLength / 4) return new Float64Array(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Float64Array(slabLength);
      this.#used = 0;
    }
    this.#used += length;
    return this.#slab.subarray(this.#used - length, this.#used);
  }
}

/** The polls' own. */
export const batchSlab = new DoubleSlab();
/** Of what devices read last: those that are polled together lie side by side. */
export const baselineSlab = new DoubleSlab();
