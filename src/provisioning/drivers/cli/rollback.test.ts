import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../../tests/support/switch-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import type { ConfigurationSession } from '../driver.ts';

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(123, { isDriven: true });
});
afterAll(() => bench.stop());

const on = <T>(device: string, use: (session: ConfigurationSession) => Promise<T>): Promise<T> => bench.with(bench.target(device), use); // prettier-ignore

const renamed = (device: string, name: string): IntentDocument =>
  cliDocument(fragment('nama', 'global', device === switches.vrp ? { sysname: name } : { hostname: name }));

/** Armed and applied, not confirmed; gives back what was there. */
async function applied(
  device: string,
  run: string,
  withinS = 60,
): Promise<{ readonly before: string; readonly until: number }> {
  const before = bench.stateOf(device);
  const until = await on(device, async (session) => {
    const armed = await session.arm(run, withinS);
    await session.apply(renamed(device, `n-${run}`), { run, applied: null, until: armed.until });
    return armed.until;
  });
  expect(bench.stateOf(device)).not.toBe(before);
  return { before, until };
}

describe.each(Object.entries(switches))('a rollback on a switch (%s)', (_, device) => {
  it('fires by itself when nobody confirms, and then nothing of it is left', async () => {
    const { before } = await applied(device, 'lupa');
    bench.pass(150);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
    await on(device, async (session) => {
      expect(await session.rollbacks()).toEqual([]);
      await expect(session.confirm(renamed(device, 'n-lupa'), { run: 'lupa', applied: null })).rejects.toMatchObject({ code: 'rollback.fired' }); // prettier-ignore
    });
  });

  it('comes with a restart, too', async () => {
    const { before } = await applied(device, 'listrik');
    bench.reboot(device);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
  });

  it('does not fire before its time, and waits anew when it is armed again by the same run', async () => {
    const before = bench.stateOf(device);
    await on(device, (session) => session.arm('lagi', 60));
    bench.pass(50);
    await on(device, (session) => session.arm('lagi', 120));
    bench.pass(115);
    expect(bench.isOn(device)).toBe(true);
    await on(device, async (session) => {
      expect(await session.rollbacks()).toMatchObject([{ state: 'armed', run: 'lagi' }]);
    });
    await bench.reverted(device, 'lagi').catch(() => undefined);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
  });

  it('of another run is left alone, and so is a restart that somebody planned', async () => {
    await on(device, async (session) => {
      await session.arm('satu', 60);
      await expect(session.arm('dua', 60)).rejects.toMatchObject({ code: 'rollback.other-run', arguments: { run: 'satu' } }); // prettier-ignore
      const none = cliDocument();
      await expect(session.apply(none, { run: 'dua', applied: null, until: bench.clock.now() + 60_000 })).rejects.toMatchObject({ code: 'rollback.not-armed' }); // prettier-ignore
      expect(await session.confirm(none, { run: 'satu', applied: null })).toEqual({ confirmed: true });
    });
    bench.box(device).reloadIn(600);
    await on(device, async (session) => {
      await expect(session.arm('tiga', 60)).rejects.toMatchObject({ code: 'rollback.other-run' });
      expect(await session.rollbacks()).toEqual([]);
    });
    bench.box(device).cancelReload();
  });

  it('is gone when confirmed, and the change outlives a restart', async () => {
    await applied(device, 'tetap');
    const after = bench.stateOf(device);
    await on(device, async (session) => {
      expect(await session.confirm(renamed(device, 'beda'), { run: 'tetap', applied: null })).toMatchObject({ confirmed: false }); // prettier-ignore
      expect(await session.confirm(renamed(device, 'n-tetap'), { run: 'tetap', applied: null })).toEqual({ confirmed: true }); // prettier-ignore
    });
    expect(bench.stateOf(device)).not.toBe(after); // without the mark
    bench.reboot(device);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await bench.untilReached(device);
    bench.pass(300);
    expect(bench.isOn(device)).toBe(true);
    expect(bench.box(device).name).toBe('n-tetap');
    expect(bench.shown(device)).not.toContain('arung-rollback');
  });

  it('is not called confirmed while its restart is still planned, and is once that is gone', async () => {
    await applied(device, 'keras');
    const after = renamed(device, 'n-keras');
    const box = bench.box(device);
    const cancel = box.cancelReload.bind(box);
    box.cancelReload = () => true;
    try {
      await on(device, async (session) => {
        await expect(session.confirm(after, { run: 'keras', applied: null })).rejects.toMatchObject({ code: 'rollback.not-cancelled' }); // prettier-ignore
      });
    } finally {
      box.cancelReload = cancel;
    }
    await on(device, async (session) => {
      expect(await session.confirm(after, { run: 'keras', applied: null })).toEqual({ confirmed: true });
    });
    bench.pass(300);
    expect(bench.isOn(device)).toBe(true);
  });

  it('is brought back now where somebody reverts', async () => {
    const { before } = await applied(device, 'mundur', 600);
    await bench.reverted(device, 'mundur');
    expect(bench.stateOf(device)).toBe(before);
    await bench.reverted(device, 'mundur');
    expect(bench.stateOf(device)).toBe(before);
  });
});

describe('Cisco IOS with an archive', () => {
  it('goes back without a restart', async () => {
    const device = switches.ios;
    bench.byHand(device, 'archive', ' path flash:arsip');
    const boots = bench.backbone.simulator.network.devices.get(device)?.boots;
    const { before } = await applied(device, 'arsip');
    bench.pass(70);
    expect(bench.backbone.simulator.network.devices.get(device)?.boots).toBe(boots);
    await on(device, async (session) => {
      // The archive was made with the mark in it.
      expect(await session.rollbacks()).toEqual([{ state: 'spent', run: 'arsip' }]);
      await expect(session.confirm(renamed(device, 'n-arsip'), { run: 'arsip', applied: null })).rejects.toMatchObject({ code: 'rollback.fired' }); // prettier-ignore
      await session.revert('arsip');
      expect(await session.rollbacks()).toEqual([]);
    });
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.backbone.simulator.network.devices.get(device)?.boots).toBe(boots);
  });
});
