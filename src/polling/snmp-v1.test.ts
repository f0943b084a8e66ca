import { describe, expect, it } from 'vitest';
import type { PollTarget } from '../domain/plan.ts';
import { cleanUpAfterEach, Device, listen, operStatus, run, until, type Row } from './testing/running-agent.ts';

cleanUpAfterEach();

const v1: Partial<PollTarget> = { secret: { kind: 'snmp-v1', community: 'public' } };

/** Ports that have had a rate. */
function rated(rows: readonly Row[]): number {
  return new Set(rows.filter((row) => row.fields['in_bps'] !== undefined).map((row) => row.key)).size;
}

describe('a device that is read over SNMPv1', () => {
  it('loses only the variable that it does not have', async () => {
    const device = new Device(6);
    device.agent.values.delete(operStatus(4));
    const target = device.target(await listen(device), v1);
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until('rates of all ports', () => rated(running.rows) === 6, 60_000);
    const report = running.agent.deviceReport(device.id);
    expect(report).toMatchObject({ version: 'v1', getNextOnly: true, lastError: null });
    expect(report?.groups.at(-1)).toMatchObject({ values: 12, absent: 1, lastLost: 0 });
  });

  it('costs one request more once, however much it lacks, and then one request a poll', async () => {
    const device = new Device(16);
    for (const port of [1, 2, 4, 5, 7, 9, 12, 15, 16]) device.agent.values.delete(operStatus(port));
    const target = device.target(await listen(device), v1);
    const plan = device.plan(60_000);
    const group = plan.groups[1];
    if (group === undefined) throw new Error('the plan has no interfaces');
    const running = await run(
      () => [target],
      () => Promise.resolve({ ...plan, groups: [{ ...group, intervalMs: 1_000 }] }),
    );
    const report = () => running.agent.deviceReport(device.id)?.groups.at(-1);
    await until('what it lacks is known', () => report()?.absent === 9, 60_000);
    const packets = () => running.rows.flatMap((row) => (row.measurement === 'agent' ? [row.fields['packets']] : []));
    await until('some polls', () => packets().length > 3, 60_000);
    // 32 variables and sysUpTime are one request. The first poll took the error, and the GETNEXT that shows all.
    expect(packets()[0]).toBe(2);
    expect(packets().slice(1)).toEqual(packets().slice(1).fill(1));
    expect(rated(running.rows)).toBe(16);
    expect(report()).toMatchObject({ values: 32, absent: 9, lastLost: 0 });
  });

  it('is read one by one where its GETNEXT is of no use', async () => {
    const device = new Device(6);
    device.agent.misbehaviour = { brokenNext: true };
    device.agent.values.delete(operStatus(4));
    device.agent.values.delete(operStatus(5));
    const target = device.target(await listen(device), v1);
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until('rates of all ports', () => rated(running.rows) === 6, 60_000);
    await until('both are left out', () => running.agent.deviceReport(device.id)?.groups.at(-1)?.absent === 2, 60_000);
  });

  it('loses only what it does not have when its errors do not say what that is', async () => {
    const device = new Device(6);
    device.agent.misbehaviour = { namelessErrors: true };
    device.agent.values.delete(operStatus(4));
    device.agent.values.delete(operStatus(5));
    const target = device.target(await listen(device), v1);
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until('rates of all ports', () => rated(running.rows) === 6, 60_000);
    await until('both are left out', () => running.agent.deviceReport(device.id)?.groups.at(-1)?.absent === 2, 60_000);
  });

  it('is read when it has no ifTableLastChange, though its plan hopes for one', async () => {
    const device = new Device(2);
    const target = device.target(await listen(device), v1);
    const running = await run(
      () => [target],
      () => Promise.resolve({ ...device.plan(1_000), ifTableLastChange: 5 }),
    );
    await until('rates of all ports', () => rated(running.rows) === 2, 60_000);
    expect(running.agent.deviceReport(device.id)?.groups.at(-1)).toMatchObject({ absent: 0 });
  });

  it('is read when it has no sysUpTime: without a control of restarts', async () => {
    const device = new Device(2);
    device.agent.values.delete('1.3.6.1.2.1.1.3.0');
    const target = device.target(await listen(device), v1);
    const running = await run(
      () => [target],
      () => Promise.resolve(device.plan(1_000)),
    );
    await until('rates of all ports', () => rated(running.rows) === 2, 60_000);
  });
});
