import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertRule, RuleCondition } from '../../domain/alert-rule.ts';
import { newId, type AgentId } from '../../domain/ids.ts';
import { measurements, seriesOf, type Measurement, type PointBatch, type Series } from '../../domain/point.ts';
import { Evaluator, type RuleChange } from './evaluator.ts';

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
  readonly outside?: readonly Series[];
}

function evaluator(rules: readonly AlertRule[], options: Options = {}) {
  const changes: RuleChange[] = [];
  const made = new Evaluator({
    context: {
      isInScope: (_, series) => options.outside?.includes(series) !== true,
      speedOf: () => options.speed ?? null,
      usualOf: () => () => options.usual ?? Number.NaN,
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
    second.made.useRules([rule(cpu, { forS: 120 })], new Map(first.made.memories()));
    second.made.accept(batch(seriesOf('device', { device: 'd1' }), start + 60, { cpu_percent: 95 }));
    second.made.rebind();
    second.made.accept(batch(device, start + 120, { cpu_percent: 95 }));
    expect(second.told()).toEqual(['cpu fires 0']);
    second.made.rebind();
    second.made.accept(batch(device, start + 180, { cpu_percent: 95 }));
    expect(second.told()).toEqual([]);
    second.made.useRules([]);
    expect(second.told()).toEqual(['cpu ceases 180']);
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
