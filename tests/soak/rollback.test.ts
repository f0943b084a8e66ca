import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockOut, lockOutKinds, type LockOut, type LockOutKind } from '../support/lock-outs.ts';
import { RouterBench, transportNames, type TransportName } from '../support/router-bench.ts';
import { seeded } from './seeded.ts';

/**
 * 200 changes that cut management, chosen by a seed: kind, device, what is wrong, transport, whether we die at once, and
 * whether the device restarts meanwhile. 180 in time that is driven, 20 in the machine's. `ARUNG_TEST_SOAK_LOCKOUTS`
 * sets another number of driven ones, `ARUNG_TEST_SOAK_REAL` of those in real time.
 */
const driven = Number(process.env['ARUNG_TEST_SOAK_LOCKOUTS'] ?? '180');
const real = Number(process.env['ARUNG_TEST_SOAK_REAL'] ?? '20');
const seed = Number(process.env['ARUNG_TEST_SEED'] ?? '20261130');
const withinS = 60;
/** The least that a rollback waits. */
const realWithinS = 30;
const impatient = { commandTimeoutMs: 1_000 };

interface Outcome {
  readonly kind: LockOutKind;
  readonly transport: TransportName;
  readonly isDead: boolean;
  readonly restarts: boolean;
  /** Seconds from the cut to the device's return, of the device's time. */
  readonly cutS: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function answers(bench: RouterBench, device: string): boolean {
  const found = bench.backbone.simulator.network.devices.get(device);
  const { api, www } = bench.backbone.ports;
  return (
    found?.on === true &&
    bench.isReached(device) &&
    [api, www].some((port) => found.paths?.admits({ source: '127.0.0.1', protocol: 'tcp', port, state: 'new' }) ?? true)
  );
}

/** For whoever looks into a device that did not come back. */
function whatItHolds(bench: RouterBench, device: string): string {
  return JSON.stringify({
    isOn: bench.isOn(device),
    isReached: bench.isReached(device),
    log: bench.rows(device, '/log').slice(-10),
    timers: bench.rows(device, '/system/scheduler'),
    files: bench.files(device),
    rules: bench.rows(device, '/ip/firewall/filter'),
  });
}

async function adopt(bench: RouterBench, { device, good }: LockOut, run: string): Promise<void> {
  await bench.with(bench.target(device), async (session) => {
    const { until } = await session.arm(run, 60);
    await session.apply(good, { run, applied: null, until });
    expect(await session.confirm(good, { run, applied: null })).toEqual({ confirmed: true });
  });
}

/** One lock-out, from the good configuration to it again; throws when it does not come back. */
async function lockedOut(
  bench: RouterBench,
  mistake: LockOut,
  how: { readonly run: string; readonly seconds: number; readonly transport: TransportName; readonly isDead: boolean; readonly restarts: boolean; pass(seconds: number): Promise<void> }, // prettier-ignore
): Promise<Outcome> {
  const { device, good, bad } = mistake;
  const { run, transport, isDead, restarts } = how;
  await adopt(bench, mistake, `${run}-good`);
  const before = bench.stateOf(device);
  const death = new AbortController();
  const until = await bench.with(bench.target(device, transport), async (session) => (await session.arm(run, how.seconds)).until); // prettier-ignore
  const said = bench
    .with(bench.target(device, transport), (session) => session.apply(bad, { run, applied: good, until, signal: death.signal }), impatient) // prettier-ignore
    .then(() => 'applied', (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error))); // prettier-ignore
  for (let tries = 0; tries < 1_000 && answers(bench, device); tries += 1) await wait(5);
  if (answers(bench, device)) throw new Error(`${run}: ${mistake.kind} cut nothing off on ${device}: ${await said}`);
  const cutAt = bench.clock.now();
  if (isDead) death.abort();
  if (restarts) bench.reboot(device);
  let cutS = 0;
  while (!answers(bench, device)) {
    await how.pass(1);
    cutS = (bench.clock.now() - cutAt) / 1_000;
    if (cutS > 200) throw new Error(`${run}: ${device} is lost (${mistake.kind}): ${whatItHolds(bench, device)}`);
  }
  expect(await said).not.toBe('applied');
  expect(bench.stateOf(device)).toBe(before);
  await bench.with(bench.target(device), async (session) => {
    expect(await session.rollbacks()).toEqual([{ state: 'spent', run }]);
    await session.revert(run);
  });
  return { kind: mistake.kind, transport, isDead, restarts, cutS };
}

function report(name: string, outcomes: readonly Outcome[], seconds: number): void {
  const cut = outcomes.map(({ cutS }) => cutS).sort((a, b) => a - b);
  const at = (share: number): string => (cut[Math.min(cut.length - 1, Math.floor(cut.length * share))] ?? 0).toFixed(1);
  const of = (test: (outcome: Outcome) => boolean): number => outcomes.filter(test).length;
  console.log(
    `${name}: ${outcomes.length} lock-outs (seed ${seed}), ${outcomes.length} back, 0 lost; rollback after ${seconds} s; ` +
      `cut for p50 ${at(0.5)} s, p99 ${at(0.99)} s, most ${at(1)} s; ` +
      `${of(({ isDead }) => isDead)} with us dead, ${of(({ restarts }) => restarts)} with a restart, ${of(({ transport }) => transport === 'rest')} by REST; ` + // prettier-ignore
      lockOutKinds.map((kind) => `${kind} ${of((outcome) => outcome.kind === kind)}`).join(', '),
  );
}

describe('changes that cut management', () => {
  let bench: RouterBench;
  beforeAll(async () => {
    bench = await RouterBench.start(110, { isDriven: true });
  });
  afterAll(() => bench.stop());

  it(`${driven} times in driven time: every device is as before, within the rollback's time`, async () => {
    const random = seeded(seed);
    const outcomes: Outcome[] = [];
    for (let at = 0; at < driven; at += 1) {
      const kind = lockOutKinds[at % lockOutKinds.length] ?? 'wrong gateway';
      const mistake = lockOut(bench, kind, random);
      outcomes.push(
        await lockedOut(bench, mistake, {
          run: `lock-${at}`,
          seconds: withinS,
          transport: transportNames[random() < 0.7 ? 0 : 1] ?? 'api',
          isDead: random() < 0.5,
          restarts: random() < 0.25,
          pass: async (seconds) => {
            // A restart takes the machine's time; the driven one stands still meanwhile.
            if (bench.isOn(mistake.device)) bench.pass(seconds);
            await wait(10);
          },
        }),
      );
    }
    report('driven', outcomes, withinS);
    // The time that it was set to, a second of the clock's, and the restart.
    for (const { cutS } of outcomes) expect(cutS).toBeLessThan(withinS + 10);
  });
});

describe('changes that cut management, in real time', () => {
  let bench: RouterBench;
  beforeAll(async () => {
    bench = await RouterBench.start(111, { isDriven: false });
  });
  afterAll(() => bench.stop());

  it(`${real} times: every device is as before, within the rollback's time`, async () => {
    const random = seeded(seed + 1);
    const outcomes: Outcome[] = [];
    for (let at = 0; at < real; at += 1) {
      const kind = lockOutKinds[at % lockOutKinds.length] ?? 'wrong gateway';
      outcomes.push(
        await lockedOut(bench, lockOut(bench, kind, random), {
          run: `real-${at}`,
          seconds: realWithinS,
          transport: transportNames[random() < 0.7 ? 0 : 1] ?? 'api',
          isDead: random() < 0.5,
          restarts: random() < 0.25,
          pass: (seconds) => wait(seconds * 1_000),
        }),
      );
    }
    report('real time', outcomes, realWithinS);
    for (const { cutS } of outcomes) expect(cutS).toBeLessThan(realWithinS + 10);
  });
});
