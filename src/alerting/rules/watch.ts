import type { RuleCondition } from '../../domain/alert-rule.ts';

/** `quiet`: does not hold. `pending`: holds, not yet for long enough. `firing`: somebody is told. */
export const Phase = { quiet: 0, pending: 1, firing: 2 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What one rule remembers of one series; it survives a restart. Times are seconds since the epoch, NaN for none. */
export interface WatchMemory {
  readonly phase: Phase;
  /** Since when it holds. */
  readonly sinceS: number;
  /** The reading that changes and rates are taken from; of others the reading that they fired at. */
  readonly baseValue: number;
  readonly baseS: number;
  /** Changes that have not been forgotten yet. */
  readonly count: number;
}

/** What is usual of a series at this hour of the week, in the field's unit; NaN where too little is known. */
export type Usual = (timeS: number) => number;

export interface WatchOptions {
  readonly condition: RuleCondition;
  readonly forS: number;
  /** Multiplies each value: 100 by speed for a rule in percent of the speed. */
  readonly scale: number;
  readonly usual: Usual;
  readonly memory?: WatchMemory | undefined;
}

/** A rule that must hold for a while does not hold over a gap of this many seconds: nobody knows what was in it. */
export const gapS = 300;
/** A reading so far ahead of the clock was taken before the clock was set back. */
const aheadS = 120;

/**
 * One rule over one series: a small state machine that is stepped by readings, and by the clock where absence or the end
 * of a change is awaited. Readings that are older than the last one are no news.
 */
export class Watch {
  phase: Phase;
  sinceS: number;
  /** Of the last reading, scaled. */
  value = Number.NaN;
  lastS = Number.NaN;
  baseValue: number;
  baseS: number;
  count: number;
  readonly #condition: RuleCondition;
  readonly #forS: number;
  readonly #scale: number;
  readonly #usual: Usual;

  constructor(options: WatchOptions) {
    this.#condition = options.condition;
    this.#forS = options.forS;
    this.#scale = options.scale;
    this.#usual = options.usual;
    const { memory } = options;
    this.phase = memory?.phase ?? Phase.quiet;
    this.sinceS = memory?.sinceS ?? Number.NaN;
    this.baseValue = memory?.baseValue ?? Number.NaN;
    this.baseS = memory?.baseS ?? Number.NaN;
    this.count = memory?.count ?? 0;
    if (this.#condition.kind === 'absence') this.lastS = this.baseS;
  }

  get memory(): WatchMemory {
    const { phase, sinceS, baseValue, baseS, count } = this;
    return { phase, sinceS, baseValue, baseS, count };
  }

  /**
   * When the clock must look at it, seconds since the epoch; Infinity when only readings change it. Nothing can have been
   * missed before `listeningS`.
   */
  dueS(listeningS: number): number {
    const condition = this.#condition;
    switch (condition.kind) {
      case 'absence':
        if (this.phase === Phase.firing || Number.isNaN(this.lastS)) return Number.POSITIVE_INFINITY;
        return Math.max(this.lastS, listeningS) + Math.max(condition.afterS, this.#forS);
      case 'change':
        return this.phase === Phase.firing ? this.baseS + condition.holdS : Number.POSITIVE_INFINITY;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  /**
   * Takes in a reading; true when it began or ceased to fire. `isSuspended`: the rule does not look just now, and nothing
   * holds.
   */
  read(timeS: number, reading: number, nowS: number, isSuspended = false): boolean {
    if (Number.isNaN(reading)) return false;
    if (timeS <= this.lastS) {
      if (this.lastS <= nowS + aheadS) return false;
      this.#comeBackTo(timeS);
    }
    const value = reading * this.#scale;
    if (this.phase === Phase.pending && timeS - this.lastS > gapS) this.phase = Phase.quiet;
    this.value = value;
    this.lastS = timeS;
    if (isSuspended) return this.#step(timeS, false);
    const condition = this.#condition;
    switch (condition.kind) {
      case 'threshold':
      case 'unusual':
        return this.#step(timeS, this.#holds(timeS));
      case 'rate':
        return this.#readRate(timeS, value, condition);
      case 'change':
        return this.#readChange(timeS, value, condition);
      case 'absence':
        this.baseS = timeS;
        return this.#step(timeS, false);
    }
  }

  /** The rule was changed: whether the last reading still holds by what it says now; true when it ceased or began. */
  reconsider(last: { readonly value: number; readonly lastS: number }): boolean {
    const { kind } = this.#condition;
    if ((kind !== 'threshold' && kind !== 'unusual') || Number.isNaN(last.lastS)) return false;
    this.value = last.value;
    this.lastS = last.lastS;
    return this.#step(last.lastS, this.#holds(last.lastS));
  }

  /** Looks at the clock; true when it began or ceased to fire. */
  tick(nowS: number, listeningS: number): boolean {
    if (nowS < this.dueS(listeningS)) return false;
    if (this.#condition.kind === 'absence') {
      this.phase = Phase.firing;
      this.sinceS = this.lastS;
      return true;
    }
    this.#forget();
    return true;
  }

  #holds(timeS: number): boolean {
    const condition = this.#condition;
    const isFiring = this.phase === Phase.firing;
    if (condition.kind === 'threshold') {
      const { above, below, clear } = condition;
      const value = condition.absolute === true ? Math.abs(this.value) : this.value;
      if (above !== undefined) return value > (isFiring ? (clear ?? above) : above);
      return value < ((isFiring ? clear : undefined) ?? below ?? Number.NaN);
    }
    if (condition.kind !== 'unusual') return false;
    const usual = this.#usual(timeS);
    const { times, share, higherBy, lowerBy, atLeast = Number.NEGATIVE_INFINITY } = condition;
    if (times !== undefined) return this.value >= atLeast && this.value > usual * times;
    if (share !== undefined) return usual >= atLeast && this.value < usual * share;
    if (higherBy !== undefined) return this.value >= atLeast && this.value > usual + higherBy;
    return usual >= atLeast && this.value < usual - (lowerBy ?? Number.NaN);
  }

  /** The clock was set back: what was in a future that is none any more begins now. */
  #comeBackTo(timeS: number): void {
    if (this.sinceS > timeS) this.sinceS = timeS;
    if (this.baseS > timeS) this.baseS = timeS;
  }

  #readRate(timeS: number, value: number, condition: Extract<RuleCondition, { kind: 'rate' }>): boolean {
    const spanS = timeS - this.baseS;
    if (Number.isNaN(spanS)) {
      this.baseValue = value;
      this.baseS = timeS;
      return false;
    }
    if (spanS < condition.overS) return false;
    const rate = (value - this.baseValue) / spanS;
    this.baseValue = value;
    this.baseS = timeS;
    this.value = rate;
    const { above, below } = condition;
    return this.#step(timeS, above !== undefined ? rate > above : rate < (below ?? Number.NaN));
  }

  #readChange(timeS: number, value: number, condition: Extract<RuleCondition, { kind: 'change' }>): boolean {
    const { by = 0, holdS, times = 1 } = condition;
    const difference = Math.abs(value - this.baseValue);
    if (Number.isNaN(difference)) {
      this.baseValue = value;
      return false;
    }
    if (difference === 0 || difference < by) {
      if (this.phase !== Phase.firing || timeS < this.baseS + holdS) return false;
      this.#forget();
      return true;
    }
    // What is counted is forgotten evenly, so that `times` changes within `holdS` fill it and a few an hour never do.
    const forgotten = Number.isNaN(this.baseS) ? 0 : ((timeS - this.baseS) * times) / holdS;
    if (this.count <= forgotten) this.sinceS = timeS;
    this.count = Math.min(times, Math.max(0, this.count - forgotten) + 1);
    this.baseValue = value;
    this.baseS = timeS;
    if (this.phase === Phase.firing || this.count <= times - 1) return false;
    this.phase = Phase.firing;
    return true;
  }

  #forget(): void {
    this.phase = Phase.quiet;
    this.sinceS = Number.NaN;
    this.count = 0;
  }

  #step(timeS: number, holds: boolean): boolean {
    if (!holds) {
      const wasFiring = this.phase === Phase.firing;
      this.phase = Phase.quiet;
      this.sinceS = Number.NaN;
      return wasFiring;
    }
    if (this.phase === Phase.firing) return false;
    if (this.phase === Phase.quiet) {
      this.phase = Phase.pending;
      this.sinceS = timeS;
    }
    if (timeS - this.sinceS < this.#forS) return false;
    this.phase = Phase.firing;
    if (this.#condition.kind !== 'rate') this.baseValue = this.value;
    return true;
  }
}
