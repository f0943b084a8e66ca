import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertRule, RuleCondition } from '../../domain/alert-rule.ts';
import { newId, type AgentId } from '../../domain/ids.ts';
import { measurements, seriesOf, type Measurement, type PointBatch, type Series } from '../../domain/point.ts';
import { Evaluator, type RuleChange } from './evaluator.ts';
import type { WatchMemory } from './watch.ts';

const agent = newId<AgentId>();
const start = Date.UTC(2026, 10, 29, 4) / 1000;
const cpu: RuleCondition = { kind: 'threshold', measurement: 'device', field: 'cpu_percent', above: 90, clear: 80 };

function rule(condition: RuleCondition, more: Partial<AlertRule> = {}): AlertRule {
  return { key: 'cpu', name: 'CPU', severity: 'warning', forS: 0, scope: {}, isEnabled: true, condition, ...more };
}

function batch(series: Series, atS: number, values: Readonly<Record<string, number>>): PointBatch {
  const fields = measurements[series.measurement].fields as readonly string[];
  return {
    agent,
    measurement: series.measurement,
    series: [series],
    times: Float64Array.of(atS),
    values: Float64Array.from(fields, (field) => values[field] ?? Number.NaN),
  };
}

interface Options {
  readonly speed?: number | null;
  readonly usual?: number;
  readonly isHeard?: () => boolean;
  readonly limits?: { readonly low?: number; readonly high?: number };
  readonly hours?: (timeS: number) => boolean;
  readonly outside?: readonly Series[];
}

function evaluator(rules: readonly AlertRule[], options: Options = {}) {
  const changes: RuleChange[] = [];
  const made = new Evaluator({
    context: {
      isInScope: (_, series) => options.outside?.includes(series) !== true,
      speedOf: () => options.speed ?? null,
      usualOf: () => () => options.usual ?? Number.NaN,
      isHeard: () => options.isHeard?.() ?? true,
      limitsOf: () => options.limits ?? null,
      whenOf: () => options.hours ?? null,
    },
    emit: (change) => changes.push(change),
  });
  made.useRules(rules);
  const told = (): string[] =>
    changes
      .splice(0)
      .map(({ isFiring, atS, rule: { key } }) => `${key} ${isFiring ? 'fires' : 'ceases'} ${atS - start}`);
  return { made, told };
}

const device = seriesOf('device', { device: 'd1' });

/** What would be read back after a restart. */
function kept(made: Evaluator): ReadonlyMap<string, WatchMemory> {
  return new Map(made.takeChanges().flatMap(({ key, memory }) => (memory === null ? [] : [[key, memory] as const])));
}

/** Feeds readings of one field, one a minute; returns what was told. */
function feed(
  condition: RuleCondition,
  readings: readonly number[],
  more: Partial<AlertRule> = {},
  options: Options = {},
) {
  const { made, told } = evaluator([rule(condition, more)], options);
  const series =
    condition.measurement === 'device'
      ? device
      : seriesOf(condition.measurement as Measurement, { device: 'd1', interface: 'i1', sensor: 'temperature.board' });
  for (const [i, value] of readings.entries()) made.accept(batch(series, start + i * 60, { [condition.field]: value }));
  return told();
}

describe('Evaluator', () => {
  it('fires above a bound and ceases only below the other: hysteresis', () => {
    expect(feed(cpu, [50, 91, 85, 79, 91])).toEqual(['cpu fires 60', 'cpu ceases 180', 'cpu fires 240']);
  });

  it('waits until it has held for long enough, says since when it held, and begins anew after a break or a gap', () => {
    const more = { forS: 120 };
    expect(feed(cpu, [95, 95, 95], more)).toEqual(['cpu fires 0']);
    expect(feed(cpu, [95, 50, 95, 95], more)).toEqual([]);
    const { made, told } = evaluator([rule(cpu, more)]);
    for (const atS of [0, 60, 460, 520, 580]) made.accept(batch(device, start + atS, { cpu_percent: 95 }));
    expect(told()).toEqual(['cpu fires 460']);
  });

  it('takes no gap for a value, and no older reading for news', () => {
    const { made, told } = evaluator([rule(cpu)]);
    made.accept(batch(device, start + 60, { cpu_percent: 95 }));
    made.accept(batch(device, start, { cpu_percent: 10 }));
    made.accept(batch(device, start + 120, {}));
    expect(told()).toEqual(['cpu fires 60']);
  });

  it('looks at loads in percent of the speed, and not at all where nobody knows it', () => {
    const load: RuleCondition = {
      kind: 'threshold',
      measurement: 'interface',
      field: 'in_bps',
      above: 85,
      percentOf: 'speed',
    };
    expect(feed(load, [8e7, 9e7], {}, { speed: 1e8 })).toEqual(['cpu fires 60']);
    expect(feed(load, [9e7], {}, { speed: null })).toEqual([]);
  });

  it('sees what falls too fast', () => {
    const draining: RuleCondition = {
      kind: 'rate',
      measurement: 'sensor',
      field: 'value',
      sensor: 'temperature.',
      below: -0.1,
      overS: 60,
    };
    expect(feed(draining, [80, 79, 60, 59.5])).toEqual(['cpu fires 120', 'cpu ceases 180']);
  });

  it('holds a change for a while', () => {
    const changed: RuleCondition = { kind: 'change', measurement: 'terminal', field: 'users', by: 5, holdS: 120 };
    expect(feed(changed, [40, 41, 50, 50, 50, 50])).toEqual(['cpu fires 120', 'cpu ceases 240']);
  });

  it('misses what is no longer measured, and not what never was', () => {
    const absent: RuleCondition = { kind: 'absence', measurement: 'device', field: 'cpu_percent', afterS: 300 };
    const { made, told } = evaluator([rule(absent)]);
    made.tick(start + 900);
    made.accept(batch(device, start, { cpu_percent: 1 }));
    made.tick(start + 299);
    expect(told()).toEqual([]);
    made.tick(start + 300);
    made.tick(start + 310);
    expect(told()).toEqual(['cpu fires 0']);
    made.accept(batch(device, start + 400, { cpu_percent: 1 }));
    expect(told()).toEqual(['cpu ceases 400']);
  });

  it('knows a series again that a new plan made anew', () => {
    const absent: RuleCondition = { kind: 'absence', measurement: 'device', field: 'cpu_percent', afterS: 300 };
    const { made, told } = evaluator([rule(absent)]);
    made.accept(batch(device, start, { cpu_percent: 1 }));
    made.accept(batch(seriesOf('device', { device: 'd1' }), start + 60, { cpu_percent: 1 }));
    made.tick(start + 350);
    expect(told()).toEqual([]);
    made.tick(start + 360);
    expect(told()).toEqual(['cpu fires 60']);
  });

  it('compares with what is usual at this hour, and says nothing where that is not known', () => {
    const unusual: RuleCondition = {
      kind: 'unusual',
      measurement: 'device',
      field: 'cpu_percent',
      times: 2,
      atLeast: 30,
    };
    expect(feed(unusual, [25, 41], {}, { usual: 20 })).toEqual(['cpu fires 60']);
    expect(feed(unusual, [25, 100], {}, { usual: Number.NaN })).toEqual([]);
    expect(feed(unusual, [25], {}, { usual: 1 })).toEqual([]);
  });

  it('looks only at what is in scope, and at sensors by the beginning of their key', () => {
    const { made, told } = evaluator([rule(cpu)], { outside: [device] });
    made.accept(batch(device, start, { cpu_percent: 99 }));
    expect(told()).toEqual([]);
    const hot: RuleCondition = {
      kind: 'threshold',
      measurement: 'sensor',
      field: 'value',
      sensor: 'voltage.',
      above: 1,
    };
    expect(feed(hot, [99])).toEqual([]);
  });

  it('goes on after a restart, after the inventory changed, and ends what its rule no longer says', () => {
    const first = evaluator([rule(cpu, { forS: 120 })]);
    first.made.accept(batch(device, start, { cpu_percent: 95 }));
    const second = evaluator([]);
    second.made.listenFrom(start + 30);
    second.made.useRules([rule(cpu, { forS: 120 })], kept(first.made));
    second.made.accept(batch(seriesOf('device', { device: 'd1' }), start + 60, { cpu_percent: 95 }));
    second.made.rebind();
    second.made.accept(batch(device, start + 120, { cpu_percent: 95 }));
    expect(second.told()).toEqual(['cpu fires 0']);
    second.made.rebind();
    second.made.accept(batch(device, start + 180, { cpu_percent: 95 }));
    expect(second.told()).toEqual([]);
    second.made.useRules([]);
    expect(second.told()).toEqual(['cpu ceases 180']);
    expect(kept(second.made)).toEqual(new Map());
  });

  it('keeps on firing over a restart before anything is measured, with the figure it fired at', () => {
    const first = evaluator([rule(cpu)]);
    first.made.accept(batch(device, start, { cpu_percent: 95 }));
    const second = evaluator([]);
    second.made.listenFrom(start + 3_600);
    second.made.useRules([rule(cpu)], kept(first.made));
    expect([...second.made.held()]).toMatchObject([{ isFiring: true, sinceS: start, value: 95 }]);
    expect(second.told()).toEqual([]);
    expect(second.made.takeChanges()).toEqual([]);
    second.made.accept(batch(device, start + 3_660, { cpu_percent: 20 }));
    expect(second.told()).toEqual(['cpu ceases 3660']);
    expect(second.made.takeChanges()).toMatchObject([{ memory: null }]);
  });

  it('does not take up what waited before a long absence of the controller, nor what its rule no longer looks at', () => {
    const first = evaluator([rule(cpu, { forS: 120 })]);
    first.made.accept(batch(device, start, { cpu_percent: 95 }));
    const memories = kept(first.made);
    const second = evaluator([], { outside: [] });
    second.made.listenFrom(start + 3_600);
    second.made.useRules([rule(cpu, { forS: 120 })], memories);
    second.made.accept(batch(device, start + 3_600, { cpu_percent: 95 }));
    expect(second.told()).toEqual([]);
    const third = evaluator([]);
    third.made.listenFrom(start);
    third.made.useRules([rule({ ...cpu, field: 'memory_percent' })], memories);
    expect([...third.made.held()]).toEqual([]);
    expect(third.made.takeChanges()).toMatchObject([{ memory: null }]);
  });

  it('misses nothing while nobody listened', () => {
    const absent: RuleCondition = { kind: 'absence', measurement: 'device', field: 'cpu_percent', afterS: 300 };
    const first = evaluator([rule(absent)]);
    first.made.accept(batch(device, start, { cpu_percent: 1 }));
    const second = evaluator([]);
    second.made.listenFrom(start + 900);
    second.made.useRules([rule(absent)], kept(first.made));
    second.made.tick(start + 1_190);
    expect(second.told()).toEqual([]);
    second.made.tick(start + 1_200);
    expect(second.told()).toEqual(['cpu fires 0']);
    // A clock that was set ahead is no silence either.
    const third = evaluator([rule(absent)]);
    third.made.accept(batch(device, start, { cpu_percent: 1 }));
    third.made.listenFrom(start + 86_400);
    third.made.tick(start + 86_405);
    expect(third.told()).toEqual([]);
  });

  it('ends what a thing that answers no longer measures, and holds what one that is silent last said', () => {
    let isHeard = false;
    const { made, told } = evaluator([rule(cpu)], { isHeard: () => isHeard });
    made.tick(start);
    made.accept(batch(device, start, { cpu_percent: 95 }));
    for (let at = start; at <= start + 7_200; at += 60) made.tick(at);
    expect(told()).toEqual(['cpu fires 0']);
    isHeard = true;
    made.tick(start + 7_260);
    expect(told()).toEqual(['cpu ceases 7260']);
    expect(kept(made)).toEqual(new Map());
    // After a restart an hour is counted from there.
    const second = evaluator([rule(cpu)]);
    second.made.accept(batch(device, start, { cpu_percent: 95 }));
    second.made.listenFrom(start + 7_200);
    second.made.tick(start + 7_260);
    expect(second.told()).toEqual(['cpu fires 0']);
    second.made.tick(start + 7_200 + 3_600);
    expect(second.told()).toEqual(['cpu ceases 10800']);
  });

  it('goes on when the clock was set back', () => {
    const { made, told } = evaluator([rule(cpu)]);
    made.tick(start + 7_200);
    made.accept(batch(device, start + 7_200, { cpu_percent: 95 }));
    made.tick(start);
    made.accept(batch(device, start, { cpu_percent: 94 }));
    made.accept(batch(device, start + 60, { cpu_percent: 20 }));
    expect(told()).toEqual(['cpu fires 7200', 'cpu ceases 60']);
  });

  it('does what a person expects when a rule is changed while it fires', () => {
    const firing = (change: Partial<AlertRule>, value = 95) => {
      const { made, told } = evaluator([rule(cpu)]);
      made.accept(batch(device, start, { cpu_percent: value }));
      told();
      made.useRules([rule(cpu, change)]);
      return {
        told: told(),
        held: [...made.held()].map(({ rule: { severity }, sinceS }) => [severity, sinceS - start]),
      };
    };
    expect(firing({ severity: 'critical', name: 'other' })).toEqual({ told: [], held: [['critical', 0]] });
    expect(firing({ forS: 600 })).toEqual({ told: [], held: [['warning', 0]] });
    // By the new bound it does not hold: nobody waits for the next reading.
    expect(firing({ condition: { ...cpu, above: 97, clear: 96 } })).toEqual({ told: ['cpu ceases 0'], held: [] });
    // Between the bounds it goes on, as hysteresis says.
    expect(firing({ condition: { ...cpu, above: 97, clear: 90 } })).toEqual({ told: [], held: [['warning', 0]] });
    expect(firing({ isEnabled: false })).toEqual({ told: ['cpu ceases 0'], held: [] });
    expect(firing({ condition: { ...cpu, field: 'memory_percent' } })).toEqual({ told: ['cpu ceases 0'], held: [] });
    expect(firing({ key: 'other' })).toEqual({ told: ['cpu ceases 0'], held: [] });
    const kind: RuleCondition = { kind: 'rate', measurement: 'device', field: 'cpu_percent', above: 1, overS: 60 };
    expect(firing({ condition: kind })).toEqual({ told: ['cpu ceases 0'], held: [] });
    // Switched on or made stricter, it holds at once.
    const { made, told } = evaluator([rule(cpu, { forS: 600 })]);
    made.accept(batch(device, start, { cpu_percent: 95 }));
    made.useRules([rule(cpu, { forS: 0 })]);
    expect(told()).toEqual(['cpu fires 0']);
  });

  it('ends an alert of what went out of scope, also when nothing is measured any more', () => {
    const outside: Series[] = [];
    const { made, told } = evaluator([rule(cpu)], { outside });
    made.accept(batch(device, start, { cpu_percent: 95 }));
    outside.push(device);
    made.rebind();
    expect(told()).toEqual(['cpu fires 0', 'cpu ceases 0']);
  });

  it('looks at other fields, too, each by itself, and takes one in percent of another', () => {
    const both: RuleCondition = {
      kind: 'threshold',
      measurement: 'interface',
      field: 'in_eps',
      otherFields: ['out_eps'],
      above: 1,
    };
    const { made, told } = evaluator([rule(both)]);
    const port = seriesOf('interface', { device: 'd1', interface: 'i1' });
    made.accept(batch(port, start, { in_eps: 0, out_eps: 5 }));
    expect([...made.held()].map(({ field }) => field)).toEqual(['out_eps']);
    made.accept(batch(port, start + 60, { in_eps: 5, out_eps: 0 }));
    expect(told()).toEqual(['cpu fires 0', 'cpu fires 60', 'cpu ceases 60']);
    const backlog: RuleCondition = {
      kind: 'threshold',
      measurement: 'terminal',
      field: 'records',
      above: 80,
      percentOf: 'capacity_records',
    };
    const terminal = seriesOf('terminal', { device: 'd1' });
    const second = evaluator([rule(backlog)]);
    second.made.accept(batch(terminal, start, { records: 70_000, capacity_records: 100_000 }));
    second.made.accept(batch(terminal, start + 60, { records: 90_000 }));
    second.made.accept(batch(terminal, start + 120, { records: 90_000, capacity_records: 0 }));
    expect(second.told()).toEqual([]);
    second.made.accept(batch(terminal, start + 180, { records: 90_000, capacity_records: 100_000 }));
    expect(second.told()).toEqual(['cpu fires 180']);
    expect([...second.made.held()]).toMatchObject([{ value: 90 }]);
  });

  it('looks at a deviation in either direction', () => {
    const drift: RuleCondition = {
      kind: 'threshold',
      measurement: 'terminal',
      field: 'clock_drift_s',
      above: 60,
      clear: 30,
      absolute: true,
    };
    expect(feed(drift, [10, -90, -40, 20])).toEqual(['cpu fires 60', 'cpu ceases 180']);
  });

  it('takes the bound that the device itself tells, with the hysteresis of the rule', () => {
    const hot: RuleCondition = { ...cpu, ownBound: true };
    expect(feed(hot, [91, 71, 65, 59], {}, { limits: { high: 70 } })).toEqual(['cpu fires 0', 'cpu ceases 180']);
    expect(feed(hot, [85, 91], {}, { limits: { low: 3 } })).toEqual(['cpu fires 60']);
    expect(feed(cpu, [85], {}, { limits: { high: 70 } })).toEqual([]);
    const weak: RuleCondition = {
      kind: 'threshold',
      measurement: 'device',
      field: 'cpu_percent',
      below: -25,
      clear: -24,
      ownBound: true,
    };
    expect(feed(weak, [-12, -14, -13.05, -12], {}, { limits: { low: -13.09 } })).toEqual([
      'cpu fires 60',
      'cpu ceases 180',
    ]);
  });

  it('tells flapping from a single change', () => {
    const flaps: RuleCondition = { kind: 'change', measurement: 'port', field: 'oper_status', times: 4, holdS: 600 };
    // One cut and its repair, an hour of quiet, and again.
    const quiet = Array.from({ length: 60 }, () => 1);
    expect(feed(flaps, [1, 2, 1, ...quiet, 2, 1])).toEqual([]);
    expect(feed(flaps, [1, 2, 1, 2, 1, 2, 1, ...quiet])).toEqual(['cpu fires 60', 'cpu ceases 960']);
  });

  it('knows what is unusual in each of its ways', () => {
    const unusual = (more: object): RuleCondition => ({
      kind: 'unusual',
      measurement: 'device',
      field: 'cpu_percent',
      ...more,
    });
    expect(feed(unusual({ share: 0.5 }), [12, 9], {}, { usual: 20 })).toEqual(['cpu fires 60']);
    expect(feed(unusual({ share: 0.5, atLeast: 30 }), [1], {}, { usual: 20 })).toEqual([]);
    expect(feed(unusual({ higherBy: 5 }), [24, 26], {}, { usual: 20 })).toEqual(['cpu fires 60']);
    // Light in dBm.
    expect(feed(unusual({ lowerBy: 3 }), [-14, -16], {}, { usual: -12 })).toEqual(['cpu fires 60']);
    expect(feed(unusual({ lowerBy: 3 }), [-40], {}, { usual: Number.NaN })).toEqual([]);
  });

  it('looks only at its hours, and nothing holds beyond them', () => {
    const hours = (timeS: number): boolean => timeS >= start + 120 && timeS < start + 300;
    expect(feed(cpu, [99, 99, 99, 99, 99, 99], { forS: 60 }, { hours })).toEqual(['cpu fires 120', 'cpu ceases 300']);
  });

  it('looks at what a Telegraf measures, by its name and field', () => {
    const disk: RuleCondition = { kind: 'threshold', measurement: 'external/disk', field: 'used_percent', above: 90 };
    const { made, told } = evaluator([rule(disk)]);
    const of = (sensor: string) => seriesOf('external', { device: 'd1', sensor });
    for (const sensor of ['diskio,path=/ used_percent', 'disk,path=/ free', 'cpu used_percent']) {
      made.accept(batch(of(sensor), start, { value: 99 }));
    }
    expect(told()).toEqual([]);
    made.accept(batch(of('disk,path=/var\\ log used_percent'), start, { value: 99 }));
    expect(told()).toEqual(['cpu fires 0']);
  });

  it('notes what changed, not what was measured', () => {
    const absent: RuleCondition = { kind: 'absence', measurement: 'device', field: 'cpu_percent', afterS: 300 };
    const { made } = evaluator([rule(absent), rule(cpu, { key: 'hot' })]);
    const counts: number[] = [];
    for (let minute = 0; minute < 120; minute += 1) {
      made.accept(batch(device, start + minute * 60, { cpu_percent: 50 }));
      counts.push(made.takeChanges().length);
    }
    expect(counts.reduce((sum, count) => sum + count)).toBe(2);
  });

  it('fires and ceases as a plain walk over the readings does', () => {
    const reading = fc.record({ afterS: fc.integer({ min: 1, max: 400 }), value: fc.integer({ min: 70, max: 100 }) });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), fc.integer({ min: 0, max: 300 }), (readings, forS) => {
        const { made, told } = evaluator([rule(cpu, { forS })]);
        const expected: string[] = [];
        let at = 0;
        let heldSince: number | null = null;
        let fires = false;
        for (const { afterS, value } of readings) {
          at += afterS;
          const holds: boolean = value > (fires ? 80 : 90);
          if (!holds) heldSince = null;
          else if (heldSince === null || (!fires && afterS > 300)) heldSince = at;
          const now: boolean = holds && (fires || at - (heldSince ?? at) >= forS);
          if (now !== fires) expected.push(`cpu ${now ? `fires ${heldSince}` : `ceases ${at}`}`);
          fires = now;
          made.accept(batch(device, start + at, { cpu_percent: value }));
        }
        expect(told()).toEqual(expected);
      }),
    );
  });
});
