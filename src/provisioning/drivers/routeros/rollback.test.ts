import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, fragment, RouterBench } from '../../../../tests/support/router-bench.ts';
import { RouterOsApi } from './api-client.ts';
import { Rollback } from './rollback.ts';
import type { Transport } from './transport.ts';

let bench: RouterBench;
let net = 52;
beforeEach(async () => {
  net += 1;
  bench = await RouterBench.start(net, { isDriven: true });
});
afterEach(() => bench.stop());

const device = 'rtr-c-01';
const pool = documentOf(fragment('pool', '/ip/pool', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' }));
const arm = (run: string, withinS = 60, at = device) => bench.with(bench.target(at), (session) => session.arm(run, withinS)); // prettier-ignore
const rollbacks = (at = device) => bench.with(bench.target(at), (session) => session.rollbacks());
const timersOf = (at = device) => bench.rows(at, '/system/scheduler').map(({ name }) => name);

/** Arms and applies; nobody confirms. */
async function applied(run: string, withinS = 60): Promise<void> {
  await bench.with(bench.target(device), async (session) => {
    const { until } = await session.arm(run, withinS);
    await session.apply(pool, { run, applied: null, until });
  });
}

describe('a rollback on a router', () => {
  it('is a copy and two timers, without a secret in any of their names and texts', async () => {
    const { until } = await arm('run-1');
    expect(until - bench.clock.now()).toBeGreaterThan(58_000);
    expect(bench.files(device)).toEqual(['arung-rollback.run-1.backup']);
    expect(timersOf()).toEqual(['arung-rollback.run-1', 'arung-rollback.run-1.start']);
    expect(JSON.stringify(bench.rows(device, '/system/scheduler'))).not.toContain('rahasia');
    const [waiting] = await rollbacks();
    expect(waiting).toMatchObject({ state: 'armed', run: 'run-1' });
    expect(Math.abs((waiting?.state === 'armed' ? waiting.until : 0) - until)).toBeLessThan(2_500);
  });

  it('does not fire before its time, and brings everything back when it comes', async () => {
    const before = bench.stateOf(device);
    await applied('run-1');
    bench.pass(57);
    expect(bench.rows(device, '/ip/pool')).toHaveLength(1);
    bench.pass(5);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
    expect(await rollbacks()).toEqual([{ state: 'spent', run: 'run-1' }]);
  });

  it('fires at the next start, whatever time it is then', async () => {
    const before = bench.stateOf(device);
    await applied('run-1', 3_600);
    bench.reboot(device);
    await bench.untilReached(device);
    bench.pass(4);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
  });

  it('is not fired by the start that went before it', async () => {
    bench.reboot(device);
    await bench.untilReached(device);
    await applied('run-1');
    bench.pass(30);
    expect(bench.rows(device, '/ip/pool')).toHaveLength(1);
    expect(await rollbacks()).toMatchObject([{ state: 'armed', run: 'run-1' }]);
  });

  it('is told as fired to who confirms too late', async () => {
    await applied('run-1');
    bench.pass(65);
    await bench.untilReached(device);
    const late = bench.with(bench.target(device), (session) => session.confirm(pool, { run: 'run-1', applied: null }));
    await expect(late).rejects.toMatchObject({ code: 'rollback.fired' });
  });

  it('is not disarmed while the device is not what it should be, and what differs is told', async () => {
    await applied('run-1');
    bench.byHand(device, '/ip/pool/set', { '.id': bench.idOf(device, '/ip/pool', {}), ranges: '10.8.0.2-10.8.0.3' });
    const told = await bench.with(bench.target(device), (session) => session.confirm(pool, { run: 'run-1', applied: null })); // prettier-ignore
    expect(told).toMatchObject({ confirmed: false, differences: [{ fragment: 'pool', changes: [{ property: 'ranges' }] }] }); // prettier-ignore
    expect(timersOf()).toHaveLength(2);
  });

  it('keeps its first copy and begins its time anew when the same run arms again', async () => {
    const before = bench.stateOf(device);
    await applied('run-1');
    bench.pass(50);
    await arm('run-1', 120);
    bench.pass(60);
    expect(bench.rows(device, '/ip/pool')).toHaveLength(1);
    bench.pass(65);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
  });

  it('is refused to a second run while one waits', async () => {
    await applied('run-1');
    await expect(arm('run-2')).rejects.toMatchObject({ kind: 'conflict', code: 'rollback.other-run', arguments: { run: 'run-1' } }); // prettier-ignore
    expect(bench.files(device)).toEqual(['arung-rollback.run-1.backup']);
  });

  it('clears away what a fired one left when the next run arms', async () => {
    await applied('run-1');
    bench.pass(65);
    await bench.untilReached(device);
    await arm('run-2');
    expect(bench.files(device)).toEqual(['arung-rollback.run-2.backup']);
  });

  it('brings everything back at once when it is told to, and leaves nothing behind', async () => {
    const before = bench.stateOf(device);
    await applied('run-1', 3_600);
    await bench.with(bench.target(device), (session) => session.revert('run-1'));
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.files(device)).toEqual([]);
    expect(await rollbacks()).toEqual([]);
  });

  it('of one that fired, reverting removes the copy; of none, it does nothing', async () => {
    await applied('run-1');
    bench.pass(65);
    await bench.untilReached(device);
    const boots = bench.backbone.simulator.network.devices.get(device)?.boots;
    await bench.with(bench.target(device), (session) => session.revert('run-1'));
    await bench.with(bench.target(device), (session) => session.revert('run-9'));
    expect(bench.files(device)).toEqual([]);
    expect(bench.backbone.simulator.network.devices.get(device)?.boots).toBe(boots);
  });

  it('lies in the folder that outlives a restart where the root does not', async () => {
    const small = 'rtr-d-01';
    const before = bench.stateOf(small);
    await bench.with(bench.target(small), async (session) => {
      const { until } = await session.arm('run-1', 60);
      await session.apply(pool, { run: 'run-1', applied: null, until });
    });
    expect(bench.files(small)).toEqual(['flash', 'flash/arung-rollback.run-1.backup']);
    bench.reboot(small);
    await bench.untilReached(small);
    bench.pass(4);
    await bench.untilReached(small);
    expect(bench.stateOf(small)).toBe(before);
  });

  it('that a person took a timer from is spent, and goes away with the next one', async () => {
    await applied('run-1');
    bench.byHand(device, '/system/scheduler/remove', { '.id': bench.idOf(device, '/system/scheduler', { name: 'arung-rollback.run-1' }) }); // prettier-ignore
    expect(await rollbacks()).toEqual([{ state: 'spent', run: 'run-1' }]);
    await arm('run-2');
    expect(timersOf()).toEqual(['arung-rollback.run-2', 'arung-rollback.run-2.start']);
  });

  it('is confirmed again by who was stopped while confirming', async () => {
    await applied('run-1');
    const ids = bench.rows(device, '/system/scheduler').map((row) => row['.id'] ?? '');
    bench.byHand(device, '/system/scheduler/remove', { '.id': ids.join(',') });
    const again = await bench.with(bench.target(device), (session) => session.confirm(pool, { run: 'run-1', applied: null })); // prettier-ignore
    expect(again).toEqual({ confirmed: true });
    expect(bench.files(device)).toEqual([]);
  });

  it('cannot be undone by who did not see what was there before: it stays armed', async () => {
    await applied('run-1');
    const bad = documentOf(...pool.fragments, fragment('bad', '/ip/address', { address: '10.1.0.1/24', interface: 'tidak-ada' })); // prettier-ignore
    const again = bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('run-1', 60);
      return session.apply(bad, { run: 'run-1', applied: null, until });
    });
    await expect(again).rejects.toMatchObject({ kind: 'conflict', code: 'apply.left-armed' });
    expect(timersOf()).toHaveLength(2);
  });

  it.each([
    ['cannot be applied at all', documentOf(fragment('x', '/ip/address', { interface: 'bridge' })), 'intent.invalid'],
    ['names a menu that the device lacks', documentOf(fragment('x', '/ip/cloud', { 'ddns-enabled': 'yes' })), 'router.trap'], // prettier-ignore
    ['names a port that it lacks', documentOf(fragment('x', '/interface/ethernet', { 'default-name': 'sfp9', mtu: '1500' })), 'router.no-entry'], // prettier-ignore
  ] as const)('is disarmed where the document %s', async (_, document, code) => {
    const apply = bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('run-1', 60);
      return session.apply(document, { run: 'run-1', applied: null, until });
    });
    await expect(apply).rejects.toMatchObject({ kind: 'invalid', code });
    expect([bench.files(device), timersOf()]).toEqual([[], []]);
  });

  it('stays armed where a run that goes on finds that the device lacks something', async () => {
    await applied('run-1');
    const document = documentOf(...pool.fragments, fragment('x', '/ip/cloud', { 'ddns-enabled': 'yes' }));
    const again = bench.with(bench.target(device), (session) =>
      session.apply(document, { run: 'run-1', applied: null, until: bench.clock.now() + 30_000 }),
    );
    await expect(again).rejects.toMatchObject({ kind: 'conflict', code: 'apply.left-armed' });
    expect(timersOf()).toHaveLength(2);
  });

  it('has its timer set anew when a step moves the clock', async () => {
    const document = documentOf(fragment('ntp', '/system/ntp/client', { enabled: 'yes', servers: '10.0.0.1' }));
    const name = { name: 'arung-rollback.run-1' };
    await bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('run-1', 300);
      bench.byHand(device, '/system/scheduler/set', { '.id': bench.idOf(device, '/system/scheduler', name), 'start-date': '2031-01-01' }); // prettier-ignore
      await session.apply(document, { run: 'run-1', applied: null, until });
      const [waiting] = await session.rollbacks();
      expect(Math.abs((waiting?.state === 'armed' ? waiting.until : 0) - until)).toBeLessThan(3_000);
    });
  });

  it('has its timer set anew for the moment it was armed for, where less time is given to the change', async () => {
    const document = documentOf(fragment('zone', '/system/clock', { 'time-zone-name': 'Asia/Tokyo' }));
    await bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('run-1', 180);
      await session.apply(document, { run: 'run-1', applied: null, until: until - 63_000, armedUntil: until });
      const [waiting] = await session.rollbacks();
      expect(Math.abs((waiting?.state === 'armed' ? waiting.until : 0) - until)).toBeLessThan(3_000);
    });
  });

  /** Runs with the device's clock off by so many seconds. */
  async function withClockOff(seconds: number, run: () => Promise<void>): Promise<void> {
    const off = bench.backbone.simulator.network.devices.get(device);
    if (off === undefined) throw new Error('no device');
    const wallS = off.clock.wallS.bind(off.clock);
    off.clock.wallS = () => wallS() + seconds;
    try {
      await run();
    } finally {
      off.clock.wallS = wallS;
    }
  }

  it.each([
    [600, 'ahead'],
    [-600, 'behind'],
  ])('is refused while NTP is about to set a clock that is off by %d s', async (seconds, code) => {
    bench.byHand(device, '/system/ntp/client/set', { enabled: 'yes' });
    await withClockOff(seconds, async () => {
      await expect(arm('run-1')).rejects.toMatchObject({ kind: 'unavailable', code: `rollback.clock-${code}` });
      expect(bench.files(device)).toEqual([]);
      bench.byHand(device, '/system/ntp/client/set', { enabled: 'no' });
      await expect(arm('run-1')).resolves.toBeDefined();
    });
  });

  it('is taken away, and nothing begun, where the document itself would have NTP set such a clock', async () => {
    const document = documentOf(fragment('ntp', '/system/ntp/client', { enabled: 'yes', servers: '10.0.0.1' }));
    await withClockOff(600, async () => {
      const apply = bench.with(bench.target(device), async (session) => {
        const { until } = await session.arm('run-1', 60);
        return session.apply(document, { run: 'run-1', applied: null, until });
      });
      await expect(apply).rejects.toMatchObject({ kind: 'invalid', code: 'rollback.clock-ahead' });
      expect([bench.files(device), timersOf()]).toEqual([[], []]);
    });
  });
});

describe('a router whose list of files is behind', () => {
  /** A session that does not show backups the first so many times. */
  async function shortSighted(times: number): Promise<{ readonly rollback: Rollback; readonly close: () => void }> {
    const { address: host, port = 0, credential } = bench.target(device);
    const api = await RouterOsApi.open({ host, port, ...credential }, { deadlineMs: 5_000 });
    let blind = times;
    const transport: Transport = {
      name: api.name,
      isOpen: true,
      close: () => api.close(),
      run: async (command) => {
        const answer = await api.run(command);
        if (command.path !== '/file/print' || bench.files(device).length === 0) return answer;
        blind -= 1;
        return blind < 0 ? answer : { ...answer, rows: [] };
      },
    };
    return { rollback: new Rollback(transport, bench.clock), close: () => api.close() };
  }

  it('is waited for', async () => {
    const { rollback, close } = await shortSighted(3);
    await rollback.arm('run-1', 60);
    close();
    expect(await rollbacks()).toMatchObject([{ state: 'armed', run: 'run-1' }]);
  });

  it('is not trusted where the backup never shows: no room in its flash, perhaps', async () => {
    const { rollback, close } = await shortSighted(Number.POSITIVE_INFINITY);
    await expect(rollback.arm('run-1', 60)).rejects.toMatchObject({ code: 'rollback.not-kept' });
    close();
    expect(timersOf()).toEqual([]);
  });
});
