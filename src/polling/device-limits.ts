/** Requests of at most so many variables tell the time of the path; of at least so many, that of the device. */
const fewVariables = 4;
const manyVariables = 12;
/** A device that takes longer for each variable than this is slow: 60 of them would be waited for beyond the path. */
const slowMs = 2;
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
  #pathMs = Number.NaN;
  #perVariableMs = 0;
  #samples = 0;

  /** GETBULK got no answer, or an error, where GETNEXT was answered. */
  get getNextOnly(): boolean {
    return this.maxRepetitions === 0;
  }

  /** It takes milliseconds for each variable: one request at a time is enough for it. */
  get slow(): boolean {
    return this.#samples >= samplesBeforeJudging && this.#perVariableMs > slowMs;
  }

  /** Milliseconds for each variable, beyond the time of the path; NaN before enough was seen. */
  get perVariableMs(): number {
    return this.#samples >= samplesBeforeJudging ? this.#perVariableMs : Number.NaN;
  }

  /** What makes it slow, so that a later run knows; null before enough was seen, and of a device that is not slow. */
  get pace(): { readonly pathMs: number; readonly perVariableMs: number } | null {
    return this.slow ? { pathMs: this.#pathMs, perVariableMs: this.#perVariableMs } : null;
  }

  /** An earlier run found it slow; what it answers from now on is reckoned on top of that. */
  resume({ pathMs, perVariableMs }: { readonly pathMs: number; readonly perVariableMs: number }): void {
    this.#pathMs = pathMs;
    this.#perVariableMs = perVariableMs;
    this.#samples = samplesBeforeJudging;
  }

  /** A request of so many variables was answered. */
  answered(variables: number, rttMs: number): void {
    if (variables <= fewVariables) {
      this.#pathMs = Number.isNaN(this.#pathMs) ? rttMs : this.#pathMs + (rttMs - this.#pathMs) * weight;
      return;
    }
    if (variables < manyVariables || Number.isNaN(this.#pathMs)) return;
    const each = Math.max(0, rttMs - this.#pathMs) / variables;
    this.#perVariableMs = this.#samples === 0 ? each : this.#perVariableMs + (each - this.#perVariableMs) * weight;
    this.#samples += 1;
  }

  /** A GETBULK of so many rows was answered (0: a GETNEXT), after one of more rows was not. */
  bears(repetitions: number): void {
    this.maxRepetitions = repetitions;
  }
}
