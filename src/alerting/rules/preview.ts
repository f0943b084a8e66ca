import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { inScope, type Scope } from '../../domain/access.ts';
import type { Subject } from '../../domain/alert.ts';
import type { AlertRule } from '../../domain/alert-rule.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { AgentId } from '../../domain/ids.ts';
import { measurements, seriesOf, type Measurement, type Series, type SeriesTagName } from '../../domain/point.ts';
import { Evaluator, type RuleChange } from './evaluator.ts';
import { columnsOf, measurementOf } from './looks-at.ts';
import type { PastWork, WorkPlace } from './past-work.ts';
import type { RuleContext } from './rule-context.ts';
import type { PastReader, UsualProfiles } from './usual.ts';

const day = 86_400;
const days = 7;
const hour = 3_600;
/** What is measured less often is looked at as often as this all the same. */
const usualIntervalS = 60;
/** Readings that one preview takes in at most: about 4 s of one core. More series are read at a coarser step. */
const mostReadings = 6_000_000;
/** Numbers of one answer of the store; devices named in one question. */
const numbersAtOnce = 100_000;
const devicesAtOnce = 200;
const steps = [1, 5, 10, 15, 30, 60, 300, 900, 1_800, 3_600];
/** The evaluator goes on for so long before others have their turn, milliseconds. */
const sliceMs = 10;
const longestMs = 30_000;
const mostFirings = 500;

export interface Firing {
  readonly subject: Subject;
  /** Seconds since the epoch; `to` null: it would still fire. */
  readonly from: number;
  readonly to: number | null;
  /** Planned work covered all of it: nobody would have been told. */
  readonly planned: boolean;
}

export interface Preview {
  /** Seconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** One reading was looked at in so many seconds: what was shorter may be missing. */
  readonly stepS: number;
  /** Things that the rule looks at, and those of them that were gone through before the time was over. */
  readonly series: number;
  readonly seriesRead: number;
  readonly count: number;
  /** How many of them planned work covered. */
  readonly planned: number;
  /** The first ones, by time. */
  readonly firings: readonly Firing[];
}

interface Found {
  readonly series: Series;
  /** How often it was measured in the hour in which that was most often. */
  readonly perHour: number;
}

/**
 * What a rule would have fired on in the last seven days: the same evaluator over what the metric store kept. A question
 * to the store is never large, and nobody waits long for their turn meanwhile.
 */
export class RulePreview {
  readonly #store: PastReader;
  readonly #usual: UsualProfiles;
  readonly #context: () => RuleContext;
  readonly #clock: Clock;
  readonly #pastWork: (period: { readonly from: number; readonly to: number }) => Promise<PastWork>;
  #isBusy = false;

  constructor(options: {
    readonly store: PastReader;
    readonly usual: UsualProfiles;
    readonly context: () => RuleContext;
    readonly clock: Clock;
    /** Planned work between two moments, seconds since the epoch. */
    readonly pastWork: (period: { readonly from: number; readonly to: number }) => Promise<PastWork>;
  }) {
    this.#store = options.store;
    this.#usual = options.usual;
    this.#context = options.context;
    this.#clock = options.clock;
    this.#pastWork = options.pastWork;
  }

  /** Only of things in the scope. One runs at a time. */
  async run(rule: AlertRule, scope: Scope): Promise<Preview> {
    const measurement = measurementOf(rule.condition);
    if (measurement === null || !measurements[measurement].stored) {
      throw new ArungError('invalid', `${rule.condition.measurement} is not kept: nobody knows how it was.`, {
        code: 'rule.not-kept',
        arguments: { measurement: rule.condition.measurement },
      });
    }
    if (this.#isBusy) {
      throw new ArungError('too-many-requests', 'Another rule is being tried out: try again in a few seconds.', {
        code: 'rule.preview-busy',
        retryAfterS: 5,
      });
    }
    this.#isBusy = true;
    try {
      return await this.#run(rule, measurement, scope);
    } finally {
      this.#isBusy = false;
    }
  }

  async #run(rule: AlertRule, measurement: Measurement, scope: Scope): Promise<Preview> {
    const context = this.#context();
    const began = this.#clock.monotonic();
    const to = Math.floor(this.#clock.now() / 1_000);
    const period = { from: to - days * day, to };
    const found = await this.#find(rule, measurement, scope, period);
    const work = await this.#pastWork(period);
    const stepS = stepFor(found, rule);
    const atOnce = Math.max(1, Math.floor(numbersAtOnce / ((days * day) / stepS)));
    const firings: Firing[] = [];
    let seriesRead = 0;
    for (let at = 0; at < found.length; at += atOnce) {
      if (this.#clock.monotonic() - began > longestMs) break;
      const some = found.slice(at, at + atOnce).map(({ series }) => series);
      const changes = await this.#replay(rule, measurement, some, { ...period, stepS });
      seriesRead += some.length;
      for (const one of firingsOf(changes)) {
        const subject = context.subjectOf(rule, one.series);
        if (subject === null) continue;
        const place = placeOf(one.series, context);
        const planned = place !== null && work.covers(place, one.from, one.to ?? to);
        firings.push({ subject, from: one.from, to: one.to, planned });
      }
    }
    firings.sort((a, b) => a.from - b.from);
    return {
      ...period,
      stepS,
      series: found.length,
      seriesRead,
      count: firings.length,
      planned: firings.filter(({ planned }) => planned).length,
      firings: firings.slice(0, mostFirings),
    };
  }

  /** The series that the rule looks at, in the reader's regions, and how often each was measured. */
  async #find(
    rule: AlertRule,
    measurement: Measurement,
    scope: Scope,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<readonly Found[]> {
    const context = this.#context();
    const { condition } = rule;
    const tags = [...measurements[measurement].tags] as SeriesTagName[];
    const isService = measurement === 'service';
    const owners = isService ? [...context.facts.services.values()] : [...context.facts.devices.values()];
    const ids = owners.filter(({ site }) => inScope(scope, site.regionCode)).map(({ id }) => id);
    const found: Found[] = [];
    for (let at = 0; at < ids.length; at += devicesAtOnce) {
      const some = ids.slice(at, at + devicesAtOnce);
      const fields = measurement === 'external' ? ['value'] : [condition.field];
      const answer = await this.#store.query({
        measurement,
        fields,
        filter: isService ? { service: some } : { device: some },
        from,
        to,
        step: { stepS: hour },
        aggregate: 'count',
        groupBy: tags,
      });
      for (const { tags: its, values } of answer.series) {
        const series = seriesOf(measurement, its);
        if (columnsOf(rule, series).length === 0 || !context.isInScope(rule, series)) continue;
        found.push({ series, perHour: Math.max(...values.map((value) => value ?? 0)) });
      }
    }
    return found;
  }

  /** Feeds what was kept of some series to an evaluator of their own, in the order of time. */
  async #replay(
    rule: AlertRule,
    measurement: Measurement,
    series: readonly Series[],
    { from, to, stepS }: { readonly from: number; readonly to: number; readonly stepS: number },
  ): Promise<readonly RuleChange[]> {
    const context = this.#context();
    const changes: RuleChange[] = [];
    const evaluator = new Evaluator({ context, emit: (change) => changes.push(change) });
    evaluator.useRules([{ ...rule, isEnabled: true }]);
    const fields = readFields(rule, measurement);
    const width = measurements[measurement].fields.length;
    const columns = fields.map((field) => (measurements[measurement].fields as readonly string[]).indexOf(field));
    const tags = [...measurements[measurement].tags] as SeriesTagName[];
    const wanted = new Map(series.map((one, row) => [one.key, { row, one }]));
    const { times, series: lines } = await this.#store.query({
      measurement,
      fields,
      filter: Object.fromEntries(tags.map((tag) => [tag, [...new Set(series.flatMap((one) => one.tags[tag] ?? []))]])),
      from,
      to,
      step: { stepS },
      aggregate: 'last',
      groupBy: tags,
    });
    const known = lines.flatMap((line) => {
      const found = wanted.get(seriesOf(measurement, line.tags).key);
      const column = columns[fields.indexOf(line.field)];
      return found === undefined || column === undefined ? [] : [{ row: found.row, column, values: line.values }];
    });
    if (rule.condition.kind === 'unusual') {
      // Bound and asked once, so that what is usual is there before the first reading.
      for (const one of series) for (const field of fields) context.usualOf(rule, one, field)(to);
      await this.#usual.settled();
    }
    let slice = performance.now();
    for (const [index, timeS] of times.entries()) {
      const values = new Float64Array(series.length * width).fill(Number.NaN);
      for (const line of known) values[line.row * width + line.column] = line.values[index] ?? Number.NaN;
      evaluator.tick(timeS);
      evaluator.accept({
        agent: '' as AgentId,
        measurement,
        series,
        times: new Float64Array(series.length).fill(timeS),
        values,
      });
      if (performance.now() - slice < sliceMs) continue;
      await yieldToOthers();
      slice = performance.now();
    }
    evaluator.tick(to);
    return changes;
  }
}

/** Where a series is measured, for planned work there; null where nobody knows. */
function placeOf({ tags }: Series, { facts }: RuleContext): WorkPlace | null {
  const device = tags.device === undefined ? undefined : facts.devices.get(tags.device);
  const site = device?.site ?? (tags.service === undefined ? undefined : facts.services.get(tags.service)?.site);
  return site === undefined ? null : { deviceId: device?.id ?? null, siteId: site.id, regionCode: site.regionCode };
}

/** The fields that the rule must be shown together. */
function readFields({ condition }: AlertRule, measurement: Measurement): readonly string[] {
  if (measurement === 'external') return ['value'];
  const percentOf = condition.kind === 'threshold' && condition.percentOf !== 'speed' ? condition.percentOf : undefined;
  return [
    ...new Set([condition.field, ...(condition.otherFields ?? []), ...(percentOf === undefined ? [] : [percentOf])]),
  ];
}

/** Fine enough that no reading is left out, unless that were too many. */
function stepFor(found: readonly Found[], { condition }: AlertRule): number {
  const shortest = found.reduce((least, { perHour }) => Math.min(least, hour / Math.max(1, perHour)), usualIntervalS);
  const fields = 1 + (condition.otherFields?.length ?? 0);
  const affordable = (days * day * Math.max(1, found.length) * fields) / mostReadings;
  const exact = steps.findLast((step) => step <= shortest) ?? 1;
  return Math.max(exact, steps.find((step) => step >= affordable) ?? 3_600);
}

function firingsOf(
  changes: readonly RuleChange[],
): readonly { readonly series: Series; readonly from: number; readonly to: number | null }[] {
  const open = new Map<string, { series: Series; from: number; to: number | null }>();
  const all: { series: Series; from: number; to: number | null }[] = [];
  for (const { series, field, isFiring, atS } of changes) {
    const key = `${field} ${series.key}`;
    const current = open.get(key);
    if (isFiring) {
      const one = { series, from: atS, to: null };
      open.set(key, one);
      all.push(one);
    } else if (current !== undefined) {
      current.to = atS;
      open.delete(key);
    }
  }
  return all;
}
