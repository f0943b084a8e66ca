import type { AlertRule } from '../../domain/alert-rule.ts';
import { seriesOfKey, type Measurement, type PointBatch, type PointConsumer, type Series } from '../../domain/point.ts';
import { firedValueOf, hasMoved, memoryKey, memoryOf, type Bound } from './bound.ts';
import { DueList } from './due-list.ts';
import { columnsOf, measurementOf, type LookedAt } from './looks-at.ts';
import { withOwnBound } from './own-bound.ts';
import { gapS, Phase, Watch, type Usual, type WatchMemory } from './watch.ts';

/** A rule began or ceased to fire for a series. */
export interface RuleChange {
  readonly rule: AlertRule;
  readonly series: Series;
  readonly field: string;
  readonly isFiring: boolean;
  /** Seconds since the epoch: since when it holds, or when it ceased. */
  readonly atS: number;
  /** The reading that decided it, in the rule's unit; NaN for absence. */
  readonly value: number;
}

/** A rule that holds for a series, or will when it has held for long enough. */
export interface Held {
  readonly rule: AlertRule;
  readonly series: Series;
  readonly field: string;
  readonly isFiring: boolean;
  /** Seconds since the epoch. */
  readonly sinceS: number;
  /** The reading it fired at, in the rule's unit; NaN where there is none. */
  readonly value: number;
  /** The last reading, in the rule's unit. */
  readonly reading: number;
}

/** What the inventory knows of a series that rules ask for. */
export interface SeriesContext {
  /** Whether the rule's scope fits the thing that the series is of. */
  isInScope(rule: AlertRule, series: Series): boolean;
  /** Speed of its interface, bits per second; null when unknown. */
  speedOf(series: Series): number | null;
  usualOf(rule: AlertRule, series: Series, field: string): Usual;
  /** What the device itself calls too little or too much there; null where it tells nothing. */
  limitsOf(series: Series): { readonly low?: number; readonly high?: number } | null;
  /** Whether the thing is heard of at all: what one that answers no longer measures is gone. */
  isHeard(series: Series): boolean;
  /** Whether a rule that does not always look looks then; null: it always does. */
  whenOf(rule: AlertRule, series: Series): ((timeS: number) => boolean) | null;
}

export interface EvaluatorOptions {
  readonly context: SeriesContext;
  readonly emit: (change: RuleChange) => void;
}

/** What is to be kept of one rule and series; null: nothing any more. */
export interface MemoryChange {
  readonly key: string;
  readonly memory: WatchMemory | null;
}

/** What goes over to whoever looks at the same series by the same rule next. */
interface Heritage {
  readonly kind: string;
  readonly memory: WatchMemory;
  readonly last: { readonly value: number; readonly lastS: number };
  readonly firedValue: number;
}

const none: readonly Bound[] = [];
/** What is not measured for so long, of a thing that answers, is gone: a module that was pulled out, a check that was removed. */
const goneS = { own: 3_600, external: 2 * 86_400 };
const lookForGoneS = 60;

/**
 * Steps the rules by the stream. Which rules look at a series is found once, when it is first seen; from then on a
 * point costs one look-up of its series, and a comparison for each rule that looks at it.
 */
export class Evaluator implements PointConsumer {
  readonly name = 'rules';
  readonly #options: EvaluatorOptions;
  #rules: ReadonlyMap<Measurement, readonly AlertRule[]> = new Map();
  /** By series object: a series is made once and shared by its batches. */
  #bound = new Map<Series, readonly Bound[]>();
  /** The object that stands for a series now: a new plan makes its series anew. */
  readonly #byKey = new Map<string, Series>();
  readonly #heritage = new Map<string, Heritage>();
  readonly #due = new DueList<Bound>();
  readonly #held = new Set<Bound>();
  readonly #changed = new Map<string, Bound | null>();
  #nowS = Number.POSITIVE_INFINITY;
  #listeningS = Number.NEGATIVE_INFINITY;
  #lookedForGoneS = Number.NEGATIVE_INFINITY;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Takes these rules from now on; what is remembered of those that look at the same thing in the same way stays. */
  useRules(rules: readonly AlertRule[], restored: ReadonlyMap<string, WatchMemory> = new Map()): void {
    const enabled = rules.filter((rule) => rule.isEnabled && measurementOf(rule.condition) !== null);
    this.#rules = Map.groupBy(enabled, ({ condition }) => measurementOf(condition) ?? 'device');
    this.rebind();
    if (restored.size > 0) this.#restore(new Map(enabled.map((rule) => [rule.key, rule])), restored);
  }

  /** Finds anew which rules look at which series: the inventory changed. What no rule looks at any more ceases. */
  rebind(): void {
    const before = this.#bound;
    this.#bound = new Map();
    this.#byKey.clear();
    this.#due.clear();
    this.#held.clear();
    for (const [series, all] of before) {
      const remembering = all.filter((bound) => memoryOf(bound) !== null);
      if (remembering.length === 0) continue;
      for (const { key, rule, watch, firedValue } of remembering) {
        const { memory, value, lastS } = watch;
        this.#heritage.set(key, { kind: rule.condition.kind, memory, last: { value, lastS }, firedValue });
      }
      this.#bind(series);
      for (const bound of remembering) if (this.#heritage.delete(bound.key)) this.#end(bound);
    }
  }

  /** Before this moment (seconds since the epoch) nobody listened: nothing can have been missed. */
  listenFrom(nowS: number): void {
    this.#listeningS = nowS;
    this.#nowS = nowS;
  }

  /** Rules that hold, and those that will when they have held for long enough. */
  *held(): IterableIterator<Held> {
    for (const { rule, series, at, watch, firedValue } of this.#held) {
      const isFiring = watch.phase === Phase.firing;
      yield { rule, series, field: at.field, isFiring, sinceS: watch.sinceS, value: firedValue, reading: watch.value };
    }
  }

  /** Takes out at most so many of what has to be kept since the last call, or to be kept no more. */
  takeChanges(most = Number.POSITIVE_INFINITY): readonly MemoryChange[] {
    const taken: MemoryChange[] = [];
    for (const [key, bound] of this.#changed) {
      if (taken.length >= most) break;
      this.#changed.delete(key);
      taken.push({ key, memory: bound === null ? null : memoryOf(bound) });
    }
    return taken;
  }

  accept(batch: PointBatch): void {
    if (!this.#rules.has(batch.measurement)) return;
    const { series: rows, times, values } = batch;
    const width = values.length / rows.length;
    for (let r = 0; r < rows.length; r += 1) {
      const series = rows[r];
      if (series === undefined) continue;
      const all = this.#bound.get(series) ?? this.#bind(series);
      for (const bound of all) {
        const { column, ofColumn } = bound.at;
        let value = values[r * width + column] ?? Number.NaN;
        if (ofColumn >= 0) value = (value * 100) / (values[r * width + ofColumn] ?? Number.NaN);
        this.#read(bound, times[r] ?? Number.NaN, value);
      }
    }
  }

  /** Steps what waits for the clock: absence, and the end of a change. Call it every few seconds. */
  tick(nowS: number): void {
    this.#nowS = nowS;
    for (const bound of this.#due.take(nowS)) {
      bound.isDue = false;
      const before = bound.watch.phase;
      if (bound.watch.tick(nowS, this.#listeningS)) this.#tell(bound, nowS);
      this.#note(bound, before);
    }
    if (nowS - this.#lookedForGoneS < lookForGoneS) return;
    this.#lookedForGoneS = nowS;
    this.#endGone(nowS);
  }

  /** Goes through what holds, which is little. Absence and changes end by themselves. */
  #endGone(nowS: number): void {
    for (const bound of this.#held) {
      const { series, watch, follows } = bound;
      const oldestS = nowS - (series.measurement === 'external' ? goneS.external : goneS.own);
      const heardS = Number.isNaN(watch.lastS) ? this.#listeningS : Math.max(watch.lastS, this.#listeningS);
      if (follows !== null || heardS > oldestS || !this.#options.context.isHeard(series)) continue;
      const before = watch.phase;
      watch.phase = Phase.quiet;
      watch.sinceS = Number.NaN;
      if (before === Phase.firing) this.#tell(bound, nowS);
      this.#note(bound, before);
    }
  }

  #read(bound: Bound, timeS: number, value: number): void {
    const { watch, looks } = bound;
    const before = watch.phase;
    const isSuspended = looks !== null && !looks(timeS);
    if (watch.read(timeS, Number.isFinite(value) ? value : Number.NaN, this.#nowS, isSuspended)) {
      this.#tell(bound, watch.lastS);
    }
    if (watch.phase !== before || bound.follows !== null) this.#note(bound, before);
  }

  /** Sees to it that what changed is kept, and that the clock comes back to what waits for it. */
  #note(bound: Bound, before: Phase): void {
    const { watch } = bound;
    if (watch.phase !== before || hasMoved(bound)) {
      bound.notedS = watch.baseS;
      bound.notedValue = watch.baseValue;
      this.#changed.set(bound.key, bound);
    }
    if (watch.phase === Phase.quiet) this.#held.delete(bound);
    else this.#held.add(bound);
    if (bound.isDue) return;
    const dueS = watch.dueS(this.#listeningS);
    if (dueS === Number.POSITIVE_INFINITY) return;
    bound.isDue = true;
    this.#due.add(bound, dueS);
  }

  #bind(series: Series): readonly Bound[] {
    const earlier = this.#byKey.get(series.key);
    this.#byKey.set(series.key, series);
    if (earlier !== undefined) {
      const same = this.#bound.get(earlier) ?? none;
      this.#bound.delete(earlier);
      this.#bound.set(series, same);
      return same;
    }
    const bound: Bound[] = [];
    for (const rule of this.#rules.get(series.measurement) ?? []) {
      const columns = columnsOf(rule, series);
      if (columns.length === 0 || !this.#options.context.isInScope(rule, series)) continue;
      const scale = this.#scaleOf(rule, series);
      if (scale === null) continue;
      for (const at of columns) bound.push(this.#watchOver(rule, series, at, scale));
    }
    const kept = bound.length === 0 ? none : bound;
    this.#bound.set(series, kept);
    return kept;
  }

  #watchOver(given: AlertRule, series: Series, at: LookedAt, scale: number): Bound {
    const { context } = this.#options;
    const rule = withOwnBound(given, context.limitsOf(series));
    const { condition } = rule;
    const key = memoryKey(rule, at.field, series);
    const inherited = this.#heritage.get(key);
    const heritage = inherited?.kind === condition.kind ? inherited : undefined;
    const usual = context.usualOf(given, series, at.field);
    const watch = new Watch({ condition, forS: rule.forS, scale, usual, memory: heritage?.memory });
    const bound: Bound = {
      rule,
      series,
      at,
      key,
      watch,
      looks: context.whenOf(given, series),
      follows: condition.kind === 'absence' ? 'time' : condition.kind === 'change' ? 'value' : null,
      isDue: false,
      notedS: watch.baseS,
      notedValue: watch.baseValue,
      firedValue: heritage?.firedValue ?? Number.NaN,
    };
    if (heritage === undefined) return bound;
    this.#heritage.delete(key);
    const before = watch.phase;
    if (watch.reconsider(heritage.last)) this.#tell(bound, watch.lastS);
    this.#note(bound, before);
    return bound;
  }

  /** Null: the rule needs a speed that nobody knows. */
  #scaleOf({ condition }: AlertRule, series: Series): number | null {
    if (condition.kind !== 'threshold' || condition.percentOf !== 'speed') return 1;
    const speed = this.#options.context.speedOf(series);
    return speed === null || speed <= 0 ? null : 100 / speed;
  }

  #restore(rules: ReadonlyMap<string, AlertRule>, restored: ReadonlyMap<string, WatchMemory>): void {
    const waiting = new Map<string, Series>();
    for (const [key, memory] of restored) {
      const [ruleKey = '', , ...rest] = key.split('|');
      const rule = rules.get(ruleKey);
      const series = seriesOfKey(rest.join('|'));
      this.#changed.set(key, null);
      if (rule === undefined || series === null) continue;
      // It would have fired by now if we had listened all the time: nobody knows what was meanwhile.
      const isStale = memory.phase === Phase.pending && this.#listeningS - memory.sinceS > rule.forS + gapS;
      if (isStale) continue;
      const last = { value: Number.NaN, lastS: Number.NaN };
      this.#heritage.set(key, { kind: rule.condition.kind, memory, last, firedValue: firedValueOf(rule, memory) });
      waiting.set(key, this.#byKey.get(series.key) ?? series);
    }
    for (const [key, series] of waiting) {
      if (this.#heritage.has(key) && !this.#byKey.has(series.key)) this.#bind(series);
      // What was taken up is kept already, as it is.
      if (!this.#heritage.delete(key) && this.#changed.get(key) === null) this.#changed.delete(key);
    }
  }

  /** No rule looks there any more: what fired ceases, and nothing of it is remembered. */
  #end(bound: Bound): void {
    const { watch } = bound;
    this.#changed.set(bound.key, null);
    if (watch.phase !== Phase.firing) return;
    watch.phase = Phase.quiet;
    this.#tell(bound, watch.lastS);
  }

  #tell(bound: Bound, nowS: number): void {
    const { rule, series, at, watch } = bound;
    const isFiring = watch.phase === Phase.firing;
    const value = rule.condition.kind === 'absence' ? Number.NaN : watch.value;
    if (isFiring) bound.firedValue = value;
    this.#options.emit({ rule, series, field: at.field, isFiring, atS: isFiring ? watch.sinceS : nowS, value });
  }
}
