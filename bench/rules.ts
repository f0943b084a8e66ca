import { Evaluator, type SeriesContext } from '../src/alerting/rules/evaluator.ts';
import type { AlertRule } from '../src/domain/alert-rule.ts';
import { newId, type AgentId } from '../src/domain/ids.ts';
import { seriesOf, type PointBatch, type Series } from '../src/domain/point.ts';
import { peer } from '../tests/support/peers.ts';
import { prometheusRules } from './peers/prometheus/prometheus.ts';
import { against, result, type BenchResult } from './result.ts';

/**
 * `rules`: what evaluation costs. 100,000 series (1,000 devices with 100 sensors each), 200 rules (two for each sensor:
 * one that must hold for a minute, one that fires at once), each series read every 15 s. Debian's Prometheus has the same
 * rules over the same series and values in the same run; what it costs to scrape and keep them is taken off.
 */
export const devices = 1_000;
export const sensors = 100;
const seriesCount = devices * sensors;
const intervalS = 15;
const rounds = 12;
const runs = 5;
const agent = newId<AgentId>();
const start = Math.floor(Date.now() / 1_000);

/** The value of a sensor in a round: one in a hundred is above its bounds, others each time. */
export function valueOf(device: number, sensor: number, round: number): number {
  const hot = (device * 7 + sensor * 13 + Math.floor(round / 4) * 31) % 100 === 0;
  return (hot ? 96 : 40) + ((device + sensor * 3 + round * 5) % 20) / 10;
}

const rules: readonly AlertRule[] = Array.from({ length: sensors }, (_, sensor): AlertRule[] => {
  const looksAt = { kind: 'threshold', measurement: 'sensor', field: 'value', sensor: `s${sensor}.` } as const;
  const common = { scope: {}, isEnabled: true } as const;
  return [
    {
      ...common,
      key: `warning-${sensor}`,
      name: 'w',
      severity: 'warning',
      forS: 60,
      condition: { ...looksAt, above: 80 },
    },
    {
      ...common,
      key: `critical-${sensor}`,
      name: 'c',
      severity: 'critical',
      forS: 0,
      condition: { ...looksAt, above: 95 },
    },
  ];
}).flat();

const context: SeriesContext = {
  isInScope: () => true,
  speedOf: () => null,
  usualOf: () => () => Number.NaN,
  isHeard: () => true,
  limitsOf: () => null,
  whenOf: () => null,
};

export async function run(): Promise<readonly BenchResult[]> {
  const series = Array.from({ length: devices }, (_, device) =>
    Array.from({ length: sensors }, (__, sensor) =>
      seriesOf('sensor', { device: `d${device}`, sensor: `s${sensor}.x` }),
    ),
  );
  const changing: number[] = [];
  const still: number[] = [];
  const idle: number[] = [];
  const binding: number[] = [];
  let changes = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const evaluator = new Evaluator({ context, emit: () => (changes += 1) });
    evaluator.useRules(rules);
    binding.push(feed(evaluator, series, [0]) / seriesCount);
    const all = Array.from({ length: rounds }, (_, round) => round + 1);
    changing.push(feed(evaluator, series, all) / (seriesCount * rounds));
    // The same values again and again: nothing begins and nothing ceases.
    still.push(
      feed(
        evaluator,
        series,
        all.map(() => rounds),
        rounds,
      ) /
        (seriesCount * rounds),
    );
    idle.push(
      cpuNs(() => {
        for (let second = 0; second < 1_000; second += 5) evaluator.tick(start + 1e6 + second);
      }) / 200,
    );
  }
  if (changes === 0) throw new Error('no rule fired: nothing was measured');
  const ours = result('rules', 'cpu per point of evaluation', 'ns', changing.map(Math.round));
  const program = peer('prometheus');
  if (program === null) console.error('rules: prometheus is missing, run `npm run peers`');
  const theirs = program === null ? null : await prometheusRules(program, { sensors, devices, valueOf });
  return [
    against(
      ours,
      'prometheus',
      theirs?.evaluation ?? [],
      'with rules less without: scraping and keeping are taken off',
    ),
    against(ours, 'prometheus, with what it costs to scrape and keep', theirs?.whole ?? []),
    result('rules', 'cpu per point when nothing changes', 'ns', still.map(Math.round)),
    result('rules', 'cpu of a look at the clock when nothing is due', 'ns', idle.map(Math.round)),
    result('rules', 'cpu to find the rules of a series, once', 'ns', binding.map(Math.round)),
  ];
}

/** CPU nanoseconds of so many rounds; the batches are made before. */
function feed(
  evaluator: Evaluator,
  series: readonly (readonly Series[])[],
  values: readonly number[],
  after = 0,
): number {
  let spent = 0;
  for (const [index, round] of values.entries()) {
    const batches = series.map((row, device) => batchOf(row, device, round, after + (after === 0 ? round : index + 1)));
    spent += cpuNs(() => {
      for (const batch of batches) evaluator.accept(batch);
      evaluator.tick(start + (after + index) * intervalS);
      evaluator.takeChanges();
    });
  }
  return spent;
}

function batchOf(series: readonly Series[], device: number, round: number, step: number): PointBatch {
  return {
    agent,
    measurement: 'sensor',
    series,
    times: new Float64Array(series.length).fill(start + step * intervalS),
    values: Float64Array.from(series, (_, sensor) => valueOf(device, sensor, round)),
  };
}

function cpuNs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1_000;
}
