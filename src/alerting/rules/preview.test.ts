import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRule, RuleCondition } from '../../domain/alert-rule.ts';
import { newId, type AgentId } from '../../domain/ids.ts';
import { measurements, seriesOf, type PointBatch, type Series } from '../../domain/point.ts';
import { EmbeddedStore } from '../../metrics/embedded/store.ts';
import { Evaluator } from './evaluator.ts';
import { noFacts, type InventoryFacts, type RuleDevice, type RuleSite } from './inventory-facts.ts';
import { PastWork, type PlannedWork } from './past-work.ts';
import { RulePreview } from './preview.ts';
import { RuleContext } from './rule-context.ts';
import { UsualProfiles } from './usual.ts';

const logger = pino({ level: 'silent' });
const hour = 3_600;
const nowS = Math.floor(Date.now() / 1_000 / hour) * hour;
const clock = { now: () => nowS * 1_000, monotonic: () => performance.now() };
const folder = mkdtempSync(join(tmpdir(), 'arung-preview-'));
const store = new EmbeddedStore({ path: join(folder, 'metrics.sqlite'), logger });

/** Planned work that a test says there was. */
let planned: readonly PlannedWork[] = [];
const pastWork = () => Promise.resolve(new PastWork(planned));

const site = (code: string): RuleSite => ({
  id: code,
  name: code,
  kind: 'village',
  network: 'smart-city',
  regionCode: code,
  tags: [],
  calendar: null,
});
const deviceOf = (id: string, code: string): RuleDevice => ({
  id,
  name: id,
  role: 'router',
  tags: [],
  site: site(code),
});

/** Every run has devices of its own: the store keeps what an earlier one wrote. */
function contextOf(ids: readonly string[], usual: UsualProfiles): RuleContext {
  const devices = new Map(ids.map((id, index) => [id, deviceOf(id, index % 2 === 0 ? '73.08.01' : '73.08.02')]));
  const facts: InventoryFacts = { ...noFacts, devices };
  return new RuleContext({ facts, usual, timeZone: 'Asia/Makassar' });
}

function batch(series: Series, atS: number, values: Readonly<Record<string, number>>): PointBatch {
  const fields = measurements[series.measurement].fields as readonly string[];
  return {
    agent: newId<AgentId>(),
    measurement: series.measurement,
    series: [series],
    times: Float64Array.of(atS),
    values: Float64Array.from(fields, (field) => values[field] ?? Number.NaN),
  };
}

function ruleOf(condition: RuleCondition, more: Partial<AlertRule> = {}): AlertRule {
  return { key: 'test', name: 'Test', severity: 'warning', forS: 0, scope: {}, isEnabled: true, condition, ...more };
}

const conditions: readonly RuleCondition[] = [
  { kind: 'threshold', measurement: 'device', field: 'cpu_percent', above: 80, clear: 60 },
  {
    kind: 'threshold',
    measurement: 'device',
    field: 'cpu_percent',
    otherFields: ['memory_percent'],
    below: 20,
    clear: 30,
  },
  { kind: 'rate', measurement: 'device', field: 'cpu_percent', above: 0.2, overS: 120 },
  { kind: 'change', measurement: 'device', field: 'cpu_percent', by: 40, holdS: 300 },
  { kind: 'change', measurement: 'device', field: 'cpu_percent', by: 20, times: 3, holdS: 900 },
  { kind: 'absence', measurement: 'device', field: 'cpu_percent', afterS: 180 },
];

beforeAll(() => store.start());
afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('RulePreview', () => {
  it('fires on what the evaluator would have fired on, fed with the same points live', async () => {
    const reading = fc.record({
      steps: fc.integer({ min: 1, max: 12 }),
      cpu: fc.integer({ min: 0, max: 100 }),
      memory: fc.integer({ min: 0, max: 100 }),
    });
    const given = fc.record({
      condition: fc.constantFrom(...conditions),
      forS: fc.constantFrom(0, 60, 300),
      devices: fc.array(fc.array(reading, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ condition, forS, devices }) => {
        const ids = devices.map(() => newId());
        const rule = ruleOf(condition, { forS });
        // On whole minutes, as often as a day has them on its busiest day: no step of the preview holds two readings.
        const points = devices.flatMap((readings, index) => {
          const series = seriesOf('device', { device: ids[index] ?? '' });
          let at = nowS - 6 * hour;
          return readings.map(({ steps, cpu, memory }) => {
            at += steps * 60;
            return { at, batch: batch(series, at, { cpu_percent: cpu, memory_percent: memory }) };
          });
        });
        // So that the store knows that readings come each minute.
        const clockwork = seriesOf('device', { device: newId() });
        for (let m = 0; m < 700; m += 1)
          points.push({
            at: nowS - m * 60,
            batch: batch(clockwork, nowS - m * 60, { cpu_percent: 50, memory_percent: 50 }),
          });
        points.sort((a, b) => a.at - b.at);
        await store.write(points.map((one) => one.batch));

        const usual = new UsualProfiles({ store, clock, logger });
        const context = contextOf([...ids, clockwork.tags.device ?? ''], usual);
        const live: string[] = [];
        const evaluator = new Evaluator({
          context,
          emit: ({ series, field, isFiring, atS }) => live.push(`${series.tags.device} ${field} ${isFiring} ${atS}`),
        });
        evaluator.useRules([rule]);
        let tickAt = nowS - 7 * 86_400;
        for (const one of points) {
          for (; tickAt <= one.at; tickAt += 60) evaluator.tick(tickAt);
          evaluator.accept(one.batch);
        }
        for (; tickAt <= nowS; tickAt += 60) evaluator.tick(tickAt);

        const preview = await new RulePreview({ store, usual, context: () => context, clock, pastWork }).run(
          rule,
          'everywhere',
        );
        expect(preview.stepS).toBeLessThanOrEqual(60);
        const begun = live.filter((text) => text.includes(' true ')).map((text) => text.split(' '));
        const fired = preview.firings.map(({ subject, from }) => `${subject.id} ${from}`).sort();
        expect(fired).toEqual(begun.map(([device, , , from]) => `${device} ${from}`).sort());
        const ended = live
          .filter((text) => text.includes(' false '))
          .map((text) => Number(text.split(' ')[3]))
          .sort();
        expect(preview.firings.flatMap(({ to }) => (to === null ? [] : [to])).sort()).toEqual(ended);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('tells what lies in the reader’s regions, and counts only these', async () => {
    const ids = [newId(), newId()];
    const batches = ids.flatMap((id) =>
      Array.from({ length: 30 }, (_, m) =>
        batch(seriesOf('device', { device: id }), nowS - (30 - m) * 60, { cpu_percent: 95 }),
      ),
    );
    await store.write(batches);
    const usual = new UsualProfiles({ store, clock, logger });
    const context = contextOf(ids, usual);
    const preview = new RulePreview({ store, usual, context: () => context, clock, pastWork });
    const rule = ruleOf({ kind: 'threshold', measurement: 'device', field: 'cpu_percent', above: 90 });
    const own = await preview.run(rule, { regionCodes: ['73.08.01'] });
    expect(own.firings.map(({ subject }) => subject.id)).toEqual([ids[0]]);
    expect(own).toMatchObject({ series: 1, seriesRead: 1, count: 1 });
    expect(own.firings[0]).toMatchObject({ from: nowS - 30 * 60, to: null, planned: false });
    // The same under planned work is shown as such, and counted.
    const work = { deviceId: null, siteId: '73.08.01', regionCode: null, recurrence: null };
    planned = [{ ...work, from: (nowS - 3_600) * 1_000, to: (nowS + 60) * 1_000 }];
    const covered = await preview.run(rule, { regionCodes: ['73.08.01'] });
    expect(covered).toMatchObject({ count: 1, planned: 1, firings: [{ planned: true }] });
    planned = [{ ...work, siteId: '73.08.02', from: (nowS - 3_600) * 1_000, to: (nowS + 60) * 1_000 }];
    expect((await preview.run(rule, { regionCodes: ['73.08.01'] })).planned).toBe(0);
    planned = [];
    expect((await preview.run(rule, { regionCodes: [] })).series).toBe(0);
  });

  it('compares with what is usual at that hour of the week', async () => {
    const id = newId();
    const series = seriesOf('device', { device: id });
    // Five weeks of a busy hour, the same each week, and then twice as much.
    const batches: PointBatch[] = [];
    for (let week = 5; week >= 1; week -= 1) {
      for (let m = 0; m < 60; m += 5) {
        batches.push(batch(series, nowS - week * 7 * 86_400 - hour + m * 60, { cpu_percent: 30 }));
      }
    }
    for (let m = 0; m < 60; m += 1)
      batches.push(batch(series, nowS - hour + m * 60, { cpu_percent: m < 30 ? 31 : 70 }));
    const long = new EmbeddedStore({ path: join(folder, 'long.sqlite'), logger, retention: { rawS: 60 * 86_400 } });
    await long.start();
    await long.write(batches);
    const usual = new UsualProfiles({ store: long, clock, logger });
    const context = contextOf([id], usual);
    const preview = new RulePreview({ store: long, usual, context: () => context, clock, pastWork });
    const rule = ruleOf({ kind: 'unusual', measurement: 'device', field: 'cpu_percent', times: 2 });
    const done = await preview.run(rule, 'everywhere');
    await long.stop();
    expect(done.firings).toMatchObject([{ from: nowS - 30 * 60, to: null }]);
  });

  it('refuses what is not kept, and a second one at the same time', async () => {
    const usual = new UsualProfiles({ store, clock, logger });
    const context = contextOf([newId()], usual);
    const preview = new RulePreview({ store, usual, context: () => context, clock, pastWork });
    const port: RuleCondition = { kind: 'change', measurement: 'port', field: 'oper_status', holdS: 60 };
    await expect(preview.run(ruleOf(port), 'everywhere')).rejects.toMatchObject({ code: 'rule.not-kept' });
    const cpu = ruleOf({ kind: 'threshold', measurement: 'device', field: 'cpu_percent', above: 90 });
    const first = preview.run(cpu, 'everywhere');
    await expect(preview.run(cpu, 'everywhere')).rejects.toMatchObject({ code: 'rule.preview-busy' });
    await first;
  });
});
