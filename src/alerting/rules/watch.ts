import type { RuleCondition } from '../../domain/alert-rule.ts';

/** `quiet`: does not hold. `pending`: holds, not yet for long enough. `firing`: somebody is told. */
export const Phase = { quiet: 0, pending: 1, firing: 2 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What one rule remembers of one series; it survives a restart. Times are seconds since the epoch, NaN for none. */
export interface WatchMemory {
  readonly phase: Phase;
  /** Since when it holds. */
  readonly sinceS: number;
  /** The reading that changes and rates are taken from. */
  readonly baseValue: number;
  readonly baseS: number;
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
const gapS = 300;

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
  #baseValue: number;
  #baseS: number;
  readonly #condition: RuleCondition;
  readonly #forS: number;
  readonly #scale: number;
  readonly #usual: Usual;

  constructor(options: WatchOptions) {
    this.#condition = options.condition;
    this.#forS = options.forS;
    this.#scale = options.scale;
    this.#usual = options.usual;
    this.phase = options.memory?.phase ?? Phase.quiet;
    this.sinceS = options.memory?.sinceS ?? Number.NaN;
    this.#baseValue = options.memory?.baseValue ?? Number.NaN;
    this.#baseS = options.memory?.baseS ?? Number.NaN;
    if (this.#condition.kind === 'absence') this.lastS = this.#baseS;
  }

  get memory(): WatchMemory {
    return { phase: this.phase, sinceS: this.sinceS, baseValue: this.#baseValue, baseS: this.#baseS };
  }

  /** When the clock must look at it, seconds since the epoch; Infinity when only readings change it. */
  get dueS(): number {
    const condition = this.#condition;
    switch (condition.kind) {
      case 'absence':
        if (this.phase === Phase.firing || Number.isNaN(this.lastS)) return Number.POSITIVE_INFINITY;
        return this.lastS + Math.max(condition.afterS, this.#forS);
      case 'change':
        return this.phase === Phase.firing ? this.#baseS + condition.holdS : Number.POSITIVE_INFINITY;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  /** Takes in a reading; true when it began or ceased to fire. */
  read(timeS: number, reading: number): boolean {
    if (timeS <= this.lastS || Number.isNaN(reading)) return false;
    const value = reading * this.#scale;
    if (this.phase === Phase.pending && timeS - this.lastS > gapS) this.phase = Phase.quiet;
    this.value = value;
    this.lastS = timeS;
    const condition = this.#condition;
    switch (condition.kind) {
      case 'threshold': {
        const { above, below, clear } = condition;
        const isFiring = this.phase === Phase.firing;
        if (above !== undefined) return this.#step(timeS, value > (isFiring ? (clear ?? above) : above));
        return this.#step(timeS, value < ((isFiring ? clear : undefined) ?? below ?? Number.NaN));
      }
      case 'unusual': {
        const usual = this.#usual(timeS);
        return this.#step(timeS, value >= condition.atLeast && value > usual * condition.times);
      }
      case 'rate':
        return this.#readRate(timeS, value, condition);
      case 'change':
        return this.#readChange(timeS, value, condition.by ?? 0);
      case 'absence':
        this.#baseS = timeS;
        return this.#step(timeS, false);
    }
  }

  /** Looks at the clock; true when it began or ceased to fire. */
  tick(nowS: number): boolean {
    if (nowS < this.dueS) return false;
    if (this.#condition.kind === 'absence') {
      this.phase = Phase.firing;
      this.sinceS = this.lastS;
      return true;
    }
    this.phase = Phase.quiet;
    this.sinceS = Number.NaN;
    return true;
  }

  #readRate(timeS: number, value: number, condition: Extract<RuleCondition, { kind: 'rate' }>): boolean {
    const spanS = timeS - this.#baseS;
    if (Number.isNaN(spanS)) {
      this.#baseValue = value;
      this.#baseS = timeS;
      return false;
    }
    if (spanS < condition.overS) return false;
    const rate = (value - this.#baseValue) / spanS;
    this.#baseValue = value;
    this.#baseS = timeS;
    const { above, below } = condition;
    return this.#step(timeS, above !== undefined ? rate > above : rate < (below ?? Number.NaN));
  }

  #readChange(timeS: number, value: number, by: number): boolean {
    const difference = Math.abs(value - this.#baseValue);
    if (Number.isNaN(difference)) {
      this.#baseValue = value;
      return false;
    }
    if (difference === 0 || difference < by) return this.tick(timeS);
    this.#baseValue = value;
    this.#baseS = timeS;
    if (this.phase === Phase.firing) return false;
    this.phase = Phase.firing;
    this.sinceS = timeS;
    return true;
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
    return true;
  }
}
