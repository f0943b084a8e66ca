import type { AlertRule } from '../../domain/alert-rule.ts';
import type { Series } from '../../domain/point.ts';
import type { LookedAt } from './looks-at.ts';
import { Phase, type Watch, type WatchMemory } from './watch.ts';

/** A rule over a column of a series, and what the evaluator keeps of it. */
export interface Bound {
  readonly rule: AlertRule;
  readonly series: Series;
  readonly at: LookedAt;
  readonly key: string;
  readonly watch: Watch;
  readonly looks: ((timeS: number) => boolean) | null;
  /** What readings are compared with is part of what it remembers, and moves without a change of the phase. */
  readonly follows: 'time' | 'value' | null;
  /** It waits for the clock. */
  isDue: boolean;
  /** As it was when it was last noted to be kept. */
  notedS: number;
  notedValue: number;
  firedValue: number;
}

/** That something is still measured is kept no more often than this: what absence is counted from after a restart. */
const noteEveryS = 3_600;

export function hasMoved({ follows, watch, notedS, notedValue }: Bound): boolean {
  if (follows === 'time') return !Number.isNaN(watch.baseS) && !(Math.abs(watch.baseS - notedS) < noteEveryS);
  return follows === 'value' && !Number.isNaN(watch.baseValue) && watch.baseValue !== notedValue;
}

/** What is worth keeping: what holds, and what changes and absence are taken from. */
export function memoryOf({ rule, watch }: Bound): WatchMemory | null {
  const { memory } = watch;
  switch (rule.condition.kind) {
    case 'absence':
      return Number.isNaN(memory.baseS) ? null : memory;
    case 'change':
      return Number.isNaN(memory.baseValue) ? null : memory;
    default:
      return memory.phase === Phase.quiet ? null : memory;
  }
}

export function firedValueOf({ condition }: AlertRule, { phase, baseValue }: WatchMemory): number {
  const isKept = condition.kind === 'threshold' || condition.kind === 'unusual';
  return isKept && phase === Phase.firing ? baseValue : Number.NaN;
}

export function memoryKey(rule: AlertRule, field: string, series: Series): string {
  return `${rule.key}|${field}|${series.key}`;
}
