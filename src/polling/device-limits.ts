/** Requests of at most so many variables tell the time of the path; of at least so many, that of the device. */
const fewVariables = 4;
const manyVariables = 12;
/** A device that takes longer for each variable than this is slow: 60 of them would be waited for beyond the path. */
const slowUs = 2_000;
const samplesBeforeJudging = 5;
/** Of each new reading in the running means. */
const weight = 1 / 8;

/**
 * What one device can and cannot do, learned from its answers: whether it bears GETBULK and how many rows of it, and
 * whether its CPU is slow. How much it takes in one packet is `PacketSize`. `KeptLimits` carries both
 * over our own restart.
 */
export class DeviceLimits {
  /** Rows of a GETBULK that it was last found to bear; null while it bears what is asked; 0 for GETNEXT only. */
  maxRepetitions: number | null = null;
  /** In whole microseconds, which lie within the object; -1 before the first answer. */
  #pathUs = -1;
  #perVariableUs = 0;
  #samples = 0;

  /** GETBULK got no answer, or an error, where GETNEXT was answered. */
  get getNextOnly(): boolean {
    return this.maxRepetitions === 0;
  }

  /** It takes milliseconds for each variable: one request at a time is enough for it. */
  get slow(): boolean {
    return this.#samples >= samplesBeforeJudging && this.#perVariableUs > slowUs;
  }

  /** Milliseconds for each variable, beyond the time of the path; NaN before enough was seen. */
  get perVariableMs(): number {
    return this.#samples >= samplesBeforeJudging ? this.#perVariableUs / 1_000 : Number.NaN;
  }

  /** What makes it slow, so that a later run knows; null before enough was seen, and of a device that is not slow. */
  get pace(): { readonly pathMs: number; readonly perVariableMs: number } | null {
    return this.slow ? { pathMs: this.#pathUs / 1_000, perVariableMs: this.#perVariableUs / 1_000 } : null;
  }

  /** An earlier run found it slow; what it answers from now on is reckoned on top of that. */
  resume({ pathMs, perVariableMs }: { readonly pathMs: number; readonly perVariableMs: number }): void {
    this.#pathUs = Math.round(pathMs * 1_000);
    this.#perVariableUs = Math.round(perVariableMs * 1_000);
    this.#samples = samplesBeforeJudging;
  }

  /** A request of so many variables was answered. */
  answered(variables: number, rttMs: number): void {
    const rttUs = Math.round(rttMs * 1_000);
    if (variables <= fewVariables) {
      this.#pathUs = this.#pathUs < 0 ? rttUs : this.#pathUs + Math.round((rttUs - this.#pathUs) * weight);
      return;
    }
    if (variables < manyVariables || this.#pathUs < 0) return;
    const eachUs = Math.round(Math.max(0, rttUs - this.#pathUs) / variables);
    const before = this.#samples === 0 ? eachUs : this.#perVariableUs;
    this.#perVariableUs = before + Math.round((eachUs - before) * weight);
    this.#samples += 1;
  }

  /** A GETBULK of so many rows was answered (0: a GETNEXT), after one of more rows was not. */
  bears(repetitions: number): void {
    this.maxRepetitions = repetitions;
  }
}
