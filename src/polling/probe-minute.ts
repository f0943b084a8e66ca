import type { ProbeSummary } from '../domain/probe-summary.ts';
import { nextDueMs } from './scheduler.ts';

const minuteMs = 60_000;
/** After a start the first summary is not waited for a minute: the one before it ended when this program did. */
const firstMs = 3_000;

/**
 * What the probes of a device gave in a minute. Minutes of devices end at different moments (`phase`), and each is closed
 * by the first probe that ends when it is over: no timer is needed, which ten thousand devices would pay for, and where
 * probes are further apart than a minute each of them is one.
 */
export class ProbeMinute {
  readonly #offsetMs: number;
  #overMs: number;
  #ended = 0;
  #answered = 0;
  #rttSumMs = 0;
  #rttMaxMs = 0;

  /** Times are monotonic; `phase` (0 to 1) is where in a minute of that axis it ends. */
  constructor(options: { readonly phase: number; readonly nowMs: number }) {
    this.#offsetMs = options.phase * minuteMs;
    this.#overMs = options.nowMs + firstMs;
  }

  lost(): void {
    this.#ended += 1;
  }

  answered(rttMs: number): void {
    this.#ended += 1;
    this.late(rttMs);
  }

  /** An answer to a probe that was counted as lost; perhaps in the minute before. */
  late(rttMs: number): void {
    this.#answered += 1;
    this.#rttSumMs += rttMs;
    this.#rttMaxMs = Math.max(this.#rttMaxMs, rttMs);
  }

  /** Asked whenever a probe has ended: the summary when with it a minute is over, and the next begins; else null. */
  close(nowMs: number): ProbeSummary | null {
    if (nowMs < this.#overMs || this.#ended === 0) return null;
    const answered = this.#answered;
    const summary = {
      lossPercent: Math.max(0, 100 * (1 - answered / this.#ended)),
      rttMs: answered === 0 ? Number.NaN : this.#rttSumMs / answered,
      rttMaxMs: answered === 0 ? Number.NaN : this.#rttMaxMs,
    };
    this.#overMs = nextDueMs(nowMs, minuteMs, this.#offsetMs);
    this.#ended = 0;
    this.#answered = 0;
    this.#rttSumMs = 0;
    this.#rttMaxMs = 0;
    return summary;
  }
}
