import { describe, expect, it } from 'vitest';
import type { PollTarget } from '../domain/plan.ts';
import {
  bps,
  cleanUpAfterEach,
  Device,
  inOctets,
  listen,
  operStatus,
  run,
  type Row,
  type Running,
  until,
} from './testing/running-agent.ts';

cleanUpAfterEach();

describe('LocalAgent', () => {
  it('knows that a device lives before it has a plan, then reads it by its plan', async () => {
    const device = new Device(3);
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until('a rate', () => running.rows.some((row) => row.fields['in_bps'] !== undefined));
    const first = running.rows.find((row) => row.measurement === 'probe');
    expect(first?.measurement).toBe('probe');
    expect(first?.fields['answered']).toBe(1);
    expect(first?.fields['uptime_s']).toBeCloseTo(600, -1);
    await until('ports', () => running.rows.filter((row) => row.measurement === 'port').length >= 2);
    for (const row of running.rows) {
      const rate = row.fields['in_bps'];
      if (rate !== undefined) expect(rate).toBeGreaterThan(bps * 0.95);
      if (rate !== undefined) expect(rate).toBeLessThan(bps * 1.05);
    }
    const cost = running.rows.find((row) => row.measurement === 'agent');
    expect(cost?.fields['packets']).toBe(1);
    const report = running.agent.deviceReport(device.id);
    expect(report?.state).toBe('polled');
    expect(report?.lastError).toBeNull();
  });

  it('re-probes after the first miss, pauses the polls, and brings everything back with the first answer', async () => {
    const device = new Device(2);
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
      { minTimeoutMs: 100 },
    );
    await until('a poll', () => running.rows.some((row) => row.measurement === 'interface'));
    device.agent.misbehaviour = { silent: true };
    const cutMs = performance.now();
    const misses = (): Row[] =>
      running.rows.filter((row) => row.measurement === 'probe' && row.fields['answered'] === 0);
    await until('four misses', () => misses().length >= 4);
    // Up to a probe interval, a timeout, and three re-probes 200 ms apart.
    expect(performance.now() - cutMs).toBeLessThan(1_000 + 100 + 3 * 200 + 500);
    await until('the re-probes to end', () => misses().length >= 13);
    await new Promise((resolve) => setTimeout(resolve, 800));
    const before = device.agent.requests;
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(device.agent.requests - before).toBeLessThanOrEqual(2);
    expect(running.agent.deviceReport(device.id)?.state).toBe('paused');
    expect(running.agent.deviceReport(device.id)?.lastError).toContain('has not answered');

    device.agent.misbehaviour = {};
    const count = running.rows.length;
    running.agent.probeSoon([device.id]);
    await until('sign of life', () => running.rows.slice(count).some((row) => row.fields['answered'] === 1), 500);
    await until('a poll at once', () => running.rows.slice(count).some((row) => row.measurement === 'interface'), 500);
  });

  it('gives no rate over a restart of the device, and identifies it anew', async () => {
    const device = new Device(2);
    const target = device.target(await listen(device));
    const asks: boolean[] = [];
    const running = await run(
      () => [target],
      (_, ask) => {
        asks.push(ask.rewalk);
        return Promise.resolve(device.plan(1_000));
      },
    );
    await until('rates', () => running.rows.filter((row) => row.fields['in_bps'] !== undefined).length >= 2);
    device.bootedMs = performance.now();
    const count = running.rows.length;
    await until(
      'rates again',
      () => running.rows.slice(count).some((row) => row.fields['in_bps'] !== undefined),
      12_000,
    );
    const rates = running.rows.flatMap((row) => row.fields['in_bps'] ?? []);
    for (const rate of rates) expect(Math.abs(rate - bps)).toBeLessThan(bps * 0.05);
    expect(asks).toEqual([false, true]);
  }, 40_000);

  it('goes on with its counters over a restart of the program, without a hole and without a spike', async () => {
    const device = new Device(4);
    const target = device.target(await listen(device));
    const start = (): Promise<Running> =>
      run(
        () => [target],
        () => Promise.resolve(device.plan(1_000, 'ab'.repeat(32))),
      );
    const first = await start();
    await until('a poll', () => first.rows.some((row) => row.measurement === 'interface'));
    await first.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const second = await start();
    await until('a poll', () => second.rows.some((row) => row.measurement === 'interface'));
    const row = second.rows.find((one) => one.measurement === 'interface');
    expect(row?.fields['in_bps']).toBeGreaterThan(bps * 0.95);
    expect(row?.fields['in_bps']).toBeLessThan(bps * 1.05);
  });

  it('asks for a new plan once when a variable is gone, and reads the others meanwhile', async () => {
    const device = new Device(3);
    const target = device.target(await listen(device));
    const asks: boolean[] = [];
    const running = await run(
      () => [target],
      (_, ask) => {
        asks.push(ask.rewalk);
        return Promise.resolve(device.plan(1_000));
      },
    );
    await until('a poll', () => running.rows.some((row) => row.measurement === 'interface'));
    device.agent.values.delete(inOctets(3));
    device.agent.values.delete(operStatus(3));
    await until('a new identification', () => asks.includes(true));
    const count = running.rows.length;
    await until('polls', () => running.rows.slice(count).filter((row) => row.measurement === 'interface').length >= 4);
    expect(asks).toEqual([false, true]);
    expect(running.rows.at(-1)).toBeDefined();
  });

  it('tries again later, and ever more rarely, where identification fails', async () => {
    const device = new Device(1);
    const target = device.target(await listen(device));
    let asked = 0;
    const running = await run(
      () => [target],
      () => {
        asked += 1;
        return Promise.reject(new Error('no profile'));
      },
    );
    await until('a first attempt', () => asked === 1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(asked).toBe(1);
    expect(running.agent.deviceReport(device.id)?.lastError).toBe('no profile');
    expect(running.rows.some((row) => row.fields['answered'] === 1)).toBe(true);
  });

  it('says why a device cannot be polled at all', async () => {
    const device = new Device(1);
    const wrong = device.target(161, { secret: { kind: 'ssh', user: 'x', password: 'x' } });
    const running = await run(
      () => [wrong],
      () => Promise.reject(new Error('never asked')),
    );
    expect(running.agent.deviceReport(device.id)?.state).toBe('unpollable');
    expect(running.agent.deviceReport(device.id)?.lastError).toContain('of kind ssh');
    expect(running.agent.deviceReport(device.id)?.lastErrorCode).toBe('polling.wrong-credential');
    expect(running.rows).toEqual([]);
  });

  it('tests a device that came into the inventory a moment ago', async () => {
    const device = new Device(1);
    const target = device.target(await listen(device));
    const there: PollTarget[] = [];
    const running = await run(
      () => there,
      () => Promise.resolve(device.plan(1_000)),
    );
    await expect(running.agent.test(device.id)).rejects.toThrow(/not polled by SNMP/);
    there.push(target);
    expect(await running.agent.test(device.id)).toMatchObject({ cause: 'none' });
  });
});
