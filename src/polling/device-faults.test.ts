import { describe, expect, it } from 'vitest';
import type { PollTarget } from '../domain/plan.ts';
import { bps, cleanUpAfterEach, Device, listen, run, until } from './testing/running-agent.ts';

cleanUpAfterEach();

describe('A device that misbehaves', () => {
  it('learns how much a device takes at a time', async () => {
    const device = new Device(24);
    device.agent.misbehaviour = { tooBigBeyond: 20 };
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until(
      'rates of all',
      () => new Set(running.rows.filter((row) => row.fields['in_bps']).map((row) => row.key)).size === 24,
    );
    const report = running.agent.deviceReport(device.id);
    expect(report?.variablesPerPacket).toBeLessThanOrEqual(20);
    expect(report?.groups.at(-1)?.lastLost).toBe(0);
  });

  it('asks for less at a time where large answers get lost on the way', async () => {
    const device = new Device(24);
    device.agent.misbehaviour = { lostBeyondBytes: 600 };
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
      { tries: 2, minTimeoutMs: 50, maxTimeoutMs: 100 },
    );
    await until(
      'rates of all',
      () => new Set(running.rows.filter((row) => row.fields['in_bps']).map((row) => row.key)).size === 24,
      20_000,
    );
    expect(running.agent.deviceReport(device.id)?.bytesPerPacket).toBeLessThanOrEqual(700);
  });

  it('waits for a slow path instead of calling it dead', async () => {
    const device = new Device(2);
    device.agent.misbehaviour = { delayMs: 700 };
    const target = device.target(await listen(device));
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(2_000)),
    );
    await until('rates', () => running.rows.some((row) => row.fields['in_bps'] !== undefined), 15_000);
    expect(running.rows.filter((row) => row.fields['answered'] === 0)).toEqual([]);
    expect(running.agent.deviceReport(device.id)?.rttMs).toBeGreaterThan(690);
  });

  it('bears a tenth of all probes lost: no device is silent, no poll incomplete, no rate wrong', async () => {
    const devices = Array.from({ length: 20 }, () => new Device(4));
    const targets: PollTarget[] = [];
    for (const [i, device] of devices.entries()) {
      device.agent.misbehaviour = { loss: 0.05, seed: i + 1 };
      targets.push(device.target(await listen(device)));
    }
    const running = await run(
      () => targets,
      (target) => {
        const device = devices.find((one) => one.id === target.deviceId);
        return device === undefined ? Promise.reject(new Error('no such device')) : Promise.resolve(device.plan(500));
      },
      { minTimeoutMs: 100, reprobeMs: 200 },
    );
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    const { counters } = running.engine;
    expect(counters.probesLost / counters.probes).toBeGreaterThan(0.04);
    expect(running.agent.statistics()).toMatchObject({ answering: 20, silent: 0, withPlan: 20 });
    let inARow = 0;
    for (const id of devices.map((device) => device.id)) {
      let misses = 0;
      for (const row of running.rows) {
        if (row.measurement !== 'probe' || !row.key.includes(id)) continue;
        misses = row.fields['answered'] === 1 ? 0 : misses + 1;
        inARow = Math.max(inARow, misses);
      }
    }
    expect(inARow).toBeLessThan(7);
    const rates = running.rows.flatMap((row) => row.fields['in_bps'] ?? []);
    expect(rates.length).toBeGreaterThan(300);
    for (const rate of rates) expect(Math.abs(rate - bps)).toBeLessThan(bps * 0.05);
    const lost = running.rows.reduce((sum, row) => sum + (row.fields['lost_packets'] ?? 0), 0);
    expect(lost).toBeLessThanOrEqual(1);
  });

  it('takes garbage for silence, counts it, and lets it touch no other device', async () => {
    const garbled = new Device(2);
    const healthy = new Device(2);
    const targets = [garbled.target(await listen(garbled)), healthy.target(await listen(healthy))];
    const running = await run(
      () => targets,
      (target) => Promise.resolve((target.deviceId === garbled.id ? garbled : healthy).plan(1_000)),
      { minTimeoutMs: 100 },
    );
    await until('both are polled', () => running.rows.filter((row) => row.measurement === 'interface').length >= 4);
    let turn = 0;
    garbled.agent.misbehaviour = {
      garble: (answer) => {
        turn += 1;
        if (turn % 3 === 0) return answer.subarray(0, turn % answer.length);
        const bytes = Buffer.from(answer);
        // Behind the request id, so that it finds its request.
        for (let at = 24; at < bytes.length; at += 1)
          if ((at * 7 + turn) % 5 === 0) bytes[at] = (at * 31 + turn) & 0xff;
        return bytes;
      },
    };
    const from = running.rows.length;
    await until('the garbled one is silent', () => running.agent.deviceReport(garbled.id)?.state === 'paused');
    const refused = Object.values(running.engine.counters.refused).reduce((sum, one) => sum + one, 0);
    expect(refused).toBeGreaterThanOrEqual(3);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const others = running.rows.slice(from).filter((row) => row.key.includes(healthy.id));
    const rates = others.flatMap((row) => row.fields['in_bps'] ?? []);
    expect(rates.length).toBeGreaterThan(0);
    for (const rate of rates) expect(Math.abs(rate - bps)).toBeLessThan(bps * 0.05);
    expect(others.filter((row) => row.fields['answered'] === 0)).toEqual([]);
    expect(running.agent.deviceReport(healthy.id)?.state).toBe('polled');
  });
});
