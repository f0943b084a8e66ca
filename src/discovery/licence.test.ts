import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Simulator } from '../../agents/simulator/simulator.ts';
import { smallInventory, type Small } from '../../agents/simulator/small-inventory.ts';
import { agentOfOne, snmpTarget } from '../../tests/support/polled-device.ts';
import { builtInRule } from '../alerting/rules/built-in.ts';
import { Evaluator, type RuleChange } from '../alerting/rules/evaluator.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import type { PointBatch } from '../domain/point.ts';
import { PollingEngine } from '../polling/engine.ts';
import { SnmpClient } from '../polling/snmp/client.ts';
import { ClientReader } from './client-reader.ts';
import { Planner } from './planner.ts';

const logger = pino({ level: 'silent' });
const dayMs = 86_400_000;

/** Two simulated routers over UDP: the key of rtr-b-01 may be upgraded until a day, that of rtr-c-01 for ever. */
describe('the licence of a router', { timeout: 60_000 }, () => {
  let small: Small;
  let simulator: Simulator;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arung-licence-'));
    small = await smallInventory(19);
    simulator = new Simulator({ inventory: small.inventory, broker: null, startedMs: Date.now() });
    await simulator.start();
  });
  afterAll(async () => {
    await simulator.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What is measured of a router's sensors in its first poll, by a controller whose clock is so far ahead. */
  async function sensorsOf(name: string, aheadMs: number): Promise<PointBatch> {
    const clock: Clock = { now: () => systemClock.now() + aheadMs, monotonic: () => systemClock.monotonic() };
    const engine = new PollingEngine({ clock, logger });
    await engine.start();
    const client = new SnmpClient(engine);
    const target = snmpTarget({ name, address: small.addressOf(name), port: small.port });
    const planner = new Planner({
      readerFor: (one) => new ClientReader(client, one),
      sink: { record: () => Promise.resolve(target) },
      memory: { lastFacts: () => Promise.resolve(null) },
      clock,
      intervals: { reachabilityMs: 1_000, backboneMs: 1_000, edgeMs: 1_000, healthMs: 1_000 },
    });
    const batches: PointBatch[] = [];
    const publish = (batch: PointBatch) => void batches.push(batch);
    const agent = agentOfOne({ target, plans: planner, engine, dataDir: folder, publish });
    await agent.start();
    try {
      return await vi.waitFor(
        () =>
          batches.find(({ measurement }) => measurement === 'sensor') ?? Promise.reject(new Error('no sensors yet')),
        20_000,
      );
    } finally {
      await agent.stop();
      await engine.stop();
    }
  }

  const daysOf = (batch: PointBatch): number | undefined => {
    const row = batch.series.findIndex(({ tags }) => tags.sensor === 'licence-days');
    return row < 0 ? undefined : batch.values[row];
  };

  /** What the built-in rule says of a reading. */
  function told(batch: PointBatch): readonly RuleChange[] {
    const changes: RuleChange[] = [];
    const rules = new Evaluator({
      context: {
        isInScope: () => true,
        speedOf: () => null,
        usualOf: () => () => Number.NaN,
        isHeard: () => true,
        limitsOf: () => null,
        whenOf: () => null,
      },
      emit: (change) => changes.push(change),
    });
    const rule = builtInRule('licence.ends');
    rules.useRules(rule === null ? [] : [rule]);
    rules.accept(batch);
    return changes;
  }

  it('is so many days away, where it has an end, and the rule speaks when few are left', async () => {
    const batch = await sensorsOf('rtr-b-01', 0);
    const days = daysOf(batch) ?? Number.NaN;
    expect(days).toBeGreaterThan(365);
    expect(days).toBeLessThan(3 * 366);
    expect(told(batch)).toEqual([]);
    const later = await sensorsOf('rtr-b-01', (days - 12) * dayMs);
    expect(daysOf(later)).toBe(12);
    expect(told(later)).toMatchObject([{ isFiring: true, rule: { key: 'licence.ends', severity: 'warning' } }]);
    const past = await sensorsOf('rtr-b-01', (days + 40) * dayMs);
    expect(daysOf(past)).toBe(0);
  });

  it('is no reading at all where it has none', async () => {
    const batch = await sensorsOf('rtr-c-01', 0);
    expect(batch.series.length).toBeGreaterThan(1);
    expect(daysOf(batch)).toBeUndefined();
  });
});
