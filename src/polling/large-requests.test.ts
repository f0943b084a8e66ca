import { describe, expect, it } from 'vitest';
import type { Misbehaviour } from '../../tests/support/snmp-agent.ts';
import { cleanUpAfterEach, Device, listen, run, until, type Running } from './testing/running-agent.ts';

cleanUpAfterEach();

/** 120 ports with two variables each: five packets of the usual size, one large one. */
const ports = 120;
const slow = 30_000;
/** Devices, before one is polled by one request. */
const mostBegun = 5;

async function polled(misbehaviour: Misbehaviour): Promise<{ readonly device: Device; readonly running: Running }> {
  const device = new Device(ports);
  device.agent.misbehaviour = misbehaviour;
  const target = device.target(await listen(device));
  const running = await run(
    () => [target],
    () => Promise.resolve(device.plan(1_000)),
    { maxTimeoutMs: 1_000 },
  );
  return { device, running };
}

/**
 * A device whose poll has become one request. What comes late counts as lost and is not tried again for ten minutes: on a
 * machine that is busy with others that happens, and then another device is begun with.
 */
async function polledAtOnce(): Promise<{ readonly device: Device; readonly running: Running }> {
  for (let begun = 1; ; begun += 1) {
    const { device, running } = await polled({});
    try {
      await until('one request a poll', () => packetsOfPoll(running, device) === 1, slow);
      return { device, running };
    } catch (error) {
      if (begun === mostBegun) throw error;
    }
  }
}

/** How many ports had a state in each poll of the interfaces so far. */
function portsByPoll(running: Running): number[] {
  const polls = new Map<number, number>();
  for (const row of running.rows) {
    if (row.measurement !== 'interface' || row.fields['oper_status'] === undefined) continue;
    polls.set(row.time, (polls.get(row.time) ?? 0) + 1);
  }
  return [...polls.values()];
}

function packetsOfPoll(running: Running, device: Device): number {
  return running.agent.deviceReport(device.id)?.groups.find(({ group }) => group === 'interfaces')?.packets ?? 0;
}

function lostRequests({ engine: { counters } }: Running): number {
  return counters.failures - counters.probesLost;
}

/** Several polls long, every port is read in each. */
async function untilPolledWhole(running: Running, polls: number): Promise<void> {
  const from = portsByPoll(running).length;
  await until(`${polls} more polls`, () => portsByPoll(running).length >= from + polls, slow);
  for (const read of portsByPoll(running)) expect(read).toBe(ports);
  expect(running.rows.reduce((sum, row) => sum + (row.fields['lost_packets'] ?? 0), 0)).toBe(0);
}

describe('Requests beyond what travels unfragmented', () => {
  it(
    'are made where the device answers them, until a poll is one request',
    { timeout: (mostBegun + 1) * slow },
    async () => {
      const { device, running } = await polledAtOnce();
      await untilPolledWhole(running, 2);
      expect(running.engine.counters.errorAnswers).toBe(0);
      expect(running.agent.deviceReport(device.id)?.bytesPerPacket).toBeGreaterThan(5_000);
    },
  );

  it('cost a path that drops fragments a try, and no value of any poll', { timeout: 2 * slow }, async () => {
    const { device, running } = await polled({ lostBeyondBytes: 1_472 });
    await until('a large request was lost', () => lostRequests(running) > 0, slow);
    await untilPolledWhole(running, 4);
    expect(lostRequests(running)).toBe(1);
    expect(packetsOfPoll(running, device)).toBe(5);
    expect(running.agent.deviceReport(device.id)?.bytesPerPacket).toBe(1_400);
  });

  it('end at the first tooBig of a device that knows no GETBULK', { timeout: 2 * slow }, async () => {
    const { device, running } = await polled({ tooBigBeyond: 130, noBulk: true });
    // Three times it was tried, with the packets of a poll at most.
    const refused = () => running.engine.counters.errorAnswers;
    await until('it took no GETBULK, and said tooBig', () => refused() > 3, slow);
    await untilPolledWhole(running, 3);
    const seen = refused();
    await untilPolledWhole(running, 2);
    expect(refused()).toBe(seen);
    expect(running.agent.deviceReport(device.id)?.variablesPerPacket).toBe(120);
  });

  it(
    'are read from few bytes, as rows of a table, and end where the device has no room for more',
    { timeout: 2 * slow },
    async () => {
      const { device, running } = await polled({ tooBigBeyond: 130 });
      await until('a larger one was tried', () => portsByPoll(running).length > 4, slow);
      await untilPolledWhole(running, 3);
      const { bytesSent, packetsSent } = running.engine.counters;
      await untilPolledWhole(running, 3);
      const { counters } = running.engine;
      expect((counters.bytesSent - bytesSent) / (counters.packetsSent - packetsSent)).toBeLessThan(110);
      expect(counters.errorAnswers).toBe(0);
      expect(running.agent.deviceReport(device.id)?.variablesPerPacket).toBe(120);
    },
  );

  it('are not believed of a device that leaves out what it has no room for', { timeout: 2 * slow }, async () => {
    const { device, running } = await polled({ cutOffBeyond: 100 });
    await until('polled', () => portsByPoll(running).length > 1, slow);
    await untilPolledWhole(running, 3);
    expect(running.agent.deviceReport(device.id)?.variablesPerPacket).toBe(60);
  });

  it('fall back when a path that carried them no longer does', { timeout: (mostBegun + 2) * slow }, async () => {
    const { device, running } = await polledAtOnce();
    device.agent.misbehaviour = { lostBeyondBytes: 1_472 };
    await until('the usual size', () => running.agent.deviceReport(device.id)?.bytesPerPacket === 1_400, slow);
    await untilPolledWhole(running, 2);
    // One may be chance, two are not; a poll may have begun before the second was judged.
    expect(lostRequests(running)).toBeGreaterThanOrEqual(2);
    expect(lostRequests(running)).toBeLessThanOrEqual(4);
  });

  it('are not made of a device that takes its time', { timeout: 2 * slow }, async () => {
    const { device, running } = await polled({ delayMs: 200 });
    await until('polls', () => portsByPoll(running).length > 3, slow);
    expect(running.agent.deviceReport(device.id)?.bytesPerPacket).toBe(1_400);
    await untilPolledWhole(running, 1);
  });
});
