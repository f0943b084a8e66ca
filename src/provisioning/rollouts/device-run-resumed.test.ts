import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceBench } from '../../../tests/support/device-bench.ts';
import { documentOf, fragment, RouterBench } from '../../../tests/support/router-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../tests/support/switch-bench.ts';
import { TerminalBench, zkDocument } from '../../../tests/support/terminal-bench.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { DeviceRunState } from '../../domain/rollout.ts';
import type { ConfigurationDriver, DeviceTarget } from '../drivers/driver.ts';
import { ZktecoDriver } from '../drivers/zkteco/driver.ts';
import { DeviceRun, type DeviceRunOptions, type RunNews } from './device-run.ts';

const rollbackS = 60;

/** Brings a change on, from where an earlier process left it; time passes with each of its pauses, four times as fast. */
async function ended(
  bench: DeviceBench,
  options: {
    readonly target: DeviceTarget;
    readonly document: IntentDocument;
    readonly run: string;
    readonly begunAs: Partial<DeviceRunOptions['begunAs']> & { readonly state: DeviceRunState };
    readonly driver?: ConfigurationDriver;
  },
): Promise<{ readonly state: DeviceRunState; readonly news: readonly RunNews[] }> {
  const { target, document, run, begunAs, driver = bench.driver } = options;
  const news: RunNews[] = [];
  const state = await new DeviceRun({
    deviceId: 'device' as DeviceId,
    driver,
    target,
    addressAfter: null,
    document,
    applied: null,
    run,
    rollbackS,
    begunAs: { armedUntil: null, steps: [], ...begunAs },
    dependents: { ask: () => undefined, silentSince: () => [] },
    keepBefore: async () => undefined,
    tell: async (one) => void news.push(one),
    signal: new AbortController().signal,
    clock: bench.clock,
    logger: pino({ level: 'silent' }),
    sleep: async (ms) => {
      bench.pass(ms / 250);
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    session: { commandTimeoutMs: 2_000 },
  }).run();
  return { state, news };
}

/** Arms, applies, and is killed. */
function applied(
  bench: DeviceBench,
  { target, document, run }: { readonly target: DeviceTarget; readonly document: IntentDocument; readonly run: string },
): Promise<number> {
  return bench.with(target, async (session) => {
    const { until } = await session.arm(run, rollbackS);
    await session.apply(document, { run, applied: null, until });
    return until;
  });
}

describe('a router on which another process stopped', () => {
  const device = 'rtr-c-01';
  const document = documentOf(fragment('pool', '/ip/pool', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' }));
  let bench: RouterBench;
  let target: DeviceTarget;

  beforeAll(async () => {
    bench = await RouterBench.start(151, { isDriven: true });
    target = bench.target(device);
  });

  afterAll(() => bench.stop());

  const isThere = (): boolean => bench.rows(device, '/ip/pool').length > 0;

  function byHandWithoutTimers(): void {
    for (const { name = '' } of bench.rows(device, '/system/scheduler')) {
      bench.byHand(device, '/system/scheduler/remove', { '.id': bench.idOf(device, '/system/scheduler', { name }) });
    }
  }

  it.each(['confirming', 'reverting'] as const)('is found as before, long after it went back, %s', async (state) => {
    const run = `long-${state}`;
    const before = bench.stateOf(device);
    const armedUntil = await applied(bench, { target, document, run });
    for (const seconds of [65, 900]) {
      bench.pass(seconds);
      await bench.untilReached(device);
    }
    expect(bench.stateOf(device)).toBe(before);
    const end = await ended(bench, { target, document, run, begunAs: { state, armedUntil } });
    expect(end.state).toBe('reverted');
    expect(bench.files(device)).toEqual([]);
  });

  it('is confirmed where the timers were gone and the copy was not', async () => {
    const armedUntil = await applied(bench, { target, document, run: 'half' });
    byHandWithoutTimers();
    const end = await ended(bench, { target, document, run: 'half', begunAs: { state: 'confirming', armedUntil } });
    expect([end.state, isThere(), bench.files(device)]).toEqual(['confirmed', true, []]);
    bench.byHand(device, '/ip/pool/remove', { '.id': bench.idOf(device, '/ip/pool', {}) });
  });

  it('is armed anew where there was the copy and no timer yet', async () => {
    await bench.with(target, (session) => session.arm('copied', rollbackS));
    byHandWithoutTimers();
    const end = await ended(bench, { target, document, run: 'copied', begunAs: { state: 'arming' } });
    expect([end.state, isThere(), bench.files(device)]).toEqual(['confirmed', true, []]);
    expect(end.news.map(({ state }) => state)).toEqual(['arming', 'applying', 'confirming', 'confirmed']);
    bench.byHand(device, '/ip/pool/remove', { '.id': bench.idOf(device, '/ip/pool', {}) });
  });

  it('is waited for while another task of ours has it', async () => {
    const other = await bench.driver.open(target, { commandTimeoutMs: 2_000 });
    setTimeout(() => other.close(), 3_000);
    const end = await ended(bench, { target, document, run: 'busy', begunAs: { state: 'checking' } });
    expect([end.state, isThere()]).toEqual(['confirmed', true]);
  });
});

describe('a switch on which another process stopped', () => {
  let bench: SwitchBench;

  beforeAll(async () => {
    bench = await SwitchBench.start(152, { isDriven: true });
  });

  afterAll(() => bench.stop());

  it.each([
    ['IOS', switches.ios, (run: string) => `no ip host arung-rollback-${run} 192.0.2.1`, { hostname: 'baru' }],
    ['VRP', switches.vrp, () => 'undo acl number 3999', { sysname: 'baru' }],
  ] as const)(
    'keeps what is confirmed where the mark was gone and the timer was not, %s',
    async (_, name, gone, values) => {
      const document = cliDocument(fragment('nama', 'global', values));
      const target = bench.target(name);
      for (const state of ['confirming', 'reverting'] as const) {
        const run = `mark-${state}`;
        const before = bench.stateOf(name);
        const armedUntil = await applied(bench, { target, document, run });
        const after = bench.stateOf(name).replace(/\n.*arung-rollback.*/g, '');
        bench.byHand(name, gone(run));
        const end = await ended(bench, { target, document, run, begunAs: { state, armedUntil } });
        expect(end.state).toBe('confirmed');
        bench.pass(200);
        await bench.untilReached(name);
        expect(bench.stateOf(name)).not.toBe(before);
        expect(bench.savedOf(name)).toContain('baru');
        expect(after).toContain('baru');
        bench.byHand(name, name === switches.ios ? 'hostname lama' : 'sysname lama');
      }
    },
  );

  it('is not called confirmed where it cannot save, and is as before', async () => {
    const name = switches.ios;
    const document = cliDocument(fragment('nama', 'global', { hostname: 'baru' }));
    const target = bench.target(name);
    const before = bench.stateOf(name);
    const armedUntil = await applied(bench, { target, document, run: 'flash' });
    bench.box(name).flashIsFull = true;
    const end = await ended(bench, { target, document, run: 'flash', begunAs: { state: 'confirming', armedUntil } });
    bench.box(name).flashIsFull = false;
    await bench.untilReached(name);
    expect([end.state, bench.stateOf(name)]).toEqual(['reverted', before]);
  });
});

describe('a terminal on which another process stopped', () => {
  let bench: TerminalBench;

  beforeAll(async () => {
    bench = await TerminalBench.start(153);
  });

  afterAll(() => bench.stop());

  const server = fragment('adms', 'server', { port: '8123' });
  const comm = fragment('comm', 'comm', { key: '4711', 'device-id': '77' }, ['key']);

  it('is set back by one that never saw what it was', async () => {
    const device = 'abs-c-01';
    const target = bench.target(device);
    const before = bench.stateOf(device);
    const document = zkDocument(server, comm);
    const steps = await bench.with<readonly ConfigurationStep[]>(target, async (session) =>
      bench.driver.plan(document, await session.read([document])),
    );
    const armedUntil = await applied(bench, { target, document: zkDocument(server), run: 'part' });
    expect(bench.stateOf(device)).not.toBe(before);
    const driver = new ZktecoDriver(bench.clock);
    const begunAs = { state: 'reverting', armedUntil, steps } as const;
    const end = await ended(bench, { target, document, run: 'part', begunAs, driver });
    expect([end.state, bench.stateOf(device)]).toEqual(['reverted', before]);
  });

  it('is brought on by one that never saw what it was, its comm key among the changes', async () => {
    const device = 'abs-d-01';
    const target = bench.target(device);
    const document = zkDocument(server, comm);
    const steps = await bench.with<readonly ConfigurationStep[]>(target, async (session) =>
      bench.driver.plan(document, await session.read([document])),
    );
    const armedUntil = await applied(bench, { target, document: zkDocument(server), run: 'on' });
    const driver = new ZktecoDriver(bench.clock);
    const begunAs = { state: 'applying', armedUntil, steps } as const;
    const end = await ended(bench, { target, document, run: 'on', begunAs, driver });
    expect([end.state, bench.box(device).option('DeviceID')]).toEqual(['confirmed', '77']);
  });
});
