import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwnFault } from './domain/own-fault.ts';
import { OwnChecks } from './own-checks.ts';

const minuteMs = 60_000;

describe('OwnChecks', () => {
  let wallMs: number;
  let monotonicMs: number;
  let asked: number;
  let database: () => Promise<void>;
  let logged: string[];
  let reason: OwnFault['reason'];
  let checks: OwnChecks;
  const logger = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });

  beforeEach(async () => {
    wallMs = Date.UTC(2026, 10, 29, 2);
    monotonicMs = 1_000;
    asked = 0;
    reason = null;
    logged = [];
    database = () => Promise.resolve();
    checks = new OwnChecks({
      checks: {
        database: {
          run: () => {
            asked++;
            return database();
          },
          waiting: () => 12,
          reason: () => reason,
        },
        broker: { run: () => Promise.resolve() },
        metrics: { run: () => Promise.resolve() },
      },
      clock: { now: () => wallMs, monotonic: () => monotonicMs },
      logger,
      everyMs: 3_600_000,
      patienceMs: 20,
    });
    await checks.start();
  });
  afterEach(() => checks.stop());
  const pass = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };

  it('says which part fails and since when, in the log once, and that it works again', async () => {
    expect(checks.faults).toEqual([]);
    database = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5'));
    const since = wallMs;
    await checks.look();
    pass(minuteMs);
    expect(await checks.look()).toEqual([{ part: 'database', since, reason: null, waiting: 12 }]);
    database = () => Promise.resolve();
    expect(await checks.look()).toEqual([]);
    expect(logged.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'a part of Arung fails',
      'a part of Arung works again',
    ]);
    expect(logged[0]).toContain('10.0.0.5');
    expect(logged[1]).toContain('"seconds":60');
  });

  it('says that the disk is what fails where that is known', async () => {
    database = () => Promise.reject(new Error('/var/lib/arung cannot grow'));
    reason = 'disk';
    expect(await checks.look()).toMatchObject([{ part: 'database', reason: 'disk' }]);
    reason = null;
    expect(await checks.look()).toMatchObject([{ part: 'database', reason: null }]);
  });

  it('asks a part that hangs only once, and hears its late answer', async () => {
    let answer: () => void = () => undefined;
    database = () => new Promise((done) => (answer = done));
    for (let look = 0; look < 3; look++) expect(await checks.look()).toHaveLength(1);
    expect(asked).toBe(2);
    answer();
    database = () => Promise.resolve();
    await new Promise((done) => setTimeout(done, 0));
    expect(await checks.look()).toEqual([]);
  });

  it('gives the right duration after the clock was set back', async () => {
    database = () => Promise.reject(new Error('gone'));
    await checks.look();
    pass(minuteMs);
    wallMs -= 60 * minuteMs;
    expect(wallMs - (checks.faults[0]?.since ?? 0)).toBe(minuteMs);
  });

  it('tells when a fault begins, lasts and ends, and nothing while all is well', async () => {
    let told = 0;
    checks.onChange(() => told++);
    await checks.look();
    expect(told).toBe(0);
    database = () => Promise.reject(new Error('gone'));
    await checks.look();
    await checks.look();
    database = () => Promise.resolve();
    await checks.look();
    expect(told).toBe(3);
    await checks.look();
    expect(told).toBe(3);
  });
});
