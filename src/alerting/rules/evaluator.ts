import type { AlertRule } from '../../domain/alert-rule.ts';
import {
  measurements,
  type Measurement,
  type PointBatch,
  type PointConsumer,
  type Series,
} from '../../domain/point.ts';
import { Phase, Watch, type Usual, type WatchMemory } from './watch.ts';

/** A rule began or ceased to fire for a series. */
export interface RuleChange {
  readonly rule: AlertRule;
  readonly series: Series;
  readonly isFiring: boolean;
  /** Seconds since the epoch: since when it holds, or when it ceased. */
  readonly atS: number;
  /** The reading that decided it, in the rule's unit; NaN for absence. */
  readonly value: number;
}

/** What the inventory knows of a series that rules ask for. */
export interface SeriesContext {
  /** Whether the rule's scope fits the thing that the series is of. */
  isInScope(rule: AlertRule, series: Series): boolean;
  /** Speed of its interface, bits per second; null when unknown. */
  speedOf(series: Series): number | null;
  usualOf(rule: AlertRule, series: Series): Usual;
}

export interface EvaluatorOptions {
  readonly context: SeriesContext;
  readonly emit: (change: RuleChange) => void;
}

interface Bound {
  readonly rule: AlertRule;
  readonly field: number;
  readonly watch: Watch;
}

const none: readonly Bound[] = [];

/**
 * Steps the rules by the stream. Which rules look at a series is found once, when it is first seen; from then on a
 * point costs one look-up of its series, and a comparison for each rule that looks at it.
 */
export class Evaluator implements PointConsumer {
  readonly name = 'rules';
  readonly #options: EvaluatorOptions;
  #rules: ReadonlyMap<string, readonly AlertRule[]> = new Map();
  /** By series object: a series is made once and shared by its batches. */
  #bound = new Map<Series, readonly Bound[]>();
  /** The object that stands for a series now: a new plan makes its series anew. */
  readonly #byKey = new Map<string, Series>();
  /** By rule and series key: what outlives a series object that was made anew, and a restart. */
  #memories = new Map<string, WatchMemory>();
  /** Those that the clock steps, by the second they are due at or later. */
  readonly #due = new Map<Bound, Series>();

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Takes these rules from now on; what is remembered of those that look at the same thing stays. */
  useRules(rules: readonly AlertRule[], restored: ReadonlyMap<string, WatchMemory> = new Map()): void {
    const enabled = rules.filter((rule) => rule.isEnabled);
    this.#endGone(new Set(enabled.map(({ key }) => key)));
    this.rebind();
    for (const [key, memory] of restored) this.#memories.set(key, memory);
    this.#rules = Map.groupBy(enabled, ({ condition }) => condition.measurement);
  }

  /** Finds anew which rules look at which series: the inventory changed. */
  rebind(): void {
    for (const [key, memory] of this.memories()) this.#memories.set(key, memory);
    this.#bound = new Map();
    this.#byKey.clear();
    this.#due.clear();
  }

  /** What the rules remember beyond the default, by rule and series: to be kept over a restart. */
  *memories(): IterableIterator<[string, WatchMemory]> {
    for (const [series, all] of this.#bound) {
      for (const { rule, watch } of all) {
        const { memory } = watch;
        if (memory.phase !== Phase.quiet || !Number.isNaN(memory.baseS)) yield [memoryKey(rule, series), memory];
      }
    }
  }

  accept(batch: PointBatch): void {
    const rules = this.#rules.get(batch.measurement);
    if (rules === undefined) return;
    const width = batch.values.length / batch.series.length;
    for (let r = 0; r < batch.series.length; r += 1) {
      const series = batch.series[r];
      if (series === undefined) continue;
      const all = this.#bound.get(series) ?? this.#bind(series, rules);
      for (const bound of all) {
        const { watch, field } = bound;
        if (watch.read(batch.times[r] ?? Number.NaN, batch.values[r * width + field] ?? Number.NaN)) {
          this.#tell(bound, series);
        }
        if (watch.dueS < Number.POSITIVE_INFINITY) this.#due.set(bound, series);
      }
    }
  }

  /** Steps what waits for the clock: absence, and the end of a change. Call it every few seconds. */
  tick(nowS: number): void {
    for (const [bound, series] of this.#due) {
      const { watch } = bound;
      if (watch.tick(nowS)) this.#tell(bound, series, nowS);
      if (watch.dueS === Number.POSITIVE_INFINITY) this.#due.delete(bound);
    }
  }

  #bind(series: Series, rules: readonly AlertRule[]): readonly Bound[] {
    const earlier = this.#byKey.get(series.key);
    this.#byKey.set(series.key, series);
    if (earlier !== undefined) {
      const same = this.#bound.get(earlier) ?? none;
      this.#bound.delete(earlier);
      this.#bound.set(series, same);
      return same;
    }
    const bound: Bound[] = [];
    const { fields } = measurements[series.measurement];
    for (const rule of rules) {
      const { condition } = rule;
      const field = (fields as readonly string[]).indexOf(condition.field);
      if (field < 0 || !this.#looksAt(rule, series)) continue;
      const scale = this.#scaleOf(rule, series);
      if (scale === null) continue;
      const key = memoryKey(rule, series);
      const watch = new Watch({
        condition,
        forS: rule.forS,
        scale,
        usual: this.#options.context.usualOf(rule, series),
        memory: this.#memories.get(key),
      });
      this.#memories.delete(key);
      bound.push({ rule, field, watch });
    }
    const kept = bound.length === 0 ? none : bound;
    this.#bound.set(series, kept);
    return kept;
  }

  #looksAt(rule: AlertRule, series: Series): boolean {
    const { sensor } = rule.condition;
    if (sensor !== undefined && series.tags.sensor?.startsWith(sensor) !== true) return false;
    return this.#options.context.isInScope(rule, series);
  }

  /** Null: the rule needs a speed that nobody knows. */
  #scaleOf({ condition }: AlertRule, series: Series): number | null {
    if (condition.kind !== 'threshold' || condition.percentOf === undefined) return 1;
    const speed = this.#options.context.speedOf(series);
    return speed === null || speed <= 0 ? null : 100 / speed;
  }

  /** Alerts of rules that are no more cease, and nothing of them is remembered. */
  #endGone(kept: ReadonlySet<string>): void {
    for (const [series, all] of this.#bound) {
      for (const bound of all) {
        if (kept.has(bound.rule.key) || bound.watch.phase !== Phase.firing) continue;
        bound.watch.phase = Phase.quiet;
        this.#tell(bound, series);
      }
      this.#bound.set(
        series,
        all.filter(({ rule }) => kept.has(rule.key)),
      );
    }
    for (const key of this.#memories.keys()) {
      if (!kept.has(key.slice(0, key.indexOf('|')))) this.#memories.delete(key);
    }
  }

  #tell({ rule, watch }: Bound, series: Series, nowS = watch.lastS): void {
    const isFiring = watch.phase === Phase.firing;
    const value = rule.condition.kind === 'absence' ? Number.NaN : watch.value;
    this.#options.emit({ rule, series, isFiring, atS: isFiring ? watch.sinceS : nowS, value });
  }
}

function memoryKey(rule: AlertRule, series: { readonly key: string; readonly measurement: Measurement }): string {
  return `${rule.key}|${series.key}`;
}
