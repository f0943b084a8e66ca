import { describe, expect, it } from 'vitest';
import type { IntentDocument } from '../../src/domain/intent.ts';
import type { DeviceRollback } from '../../src/provisioning/drivers/driver.ts';
import type { DeviceBench } from '../support/device-bench.ts';
import { lockOut, lockOutKinds } from '../support/lock-outs.ts';
import { RouterBench, transportNames } from '../support/router-bench.ts';
import { SwitchBench } from '../support/switch-bench.ts';
import { switchLockOut, switchLockOutKinds } from '../support/switch-lock-outs.ts';
import { seeded } from './seeded.ts';

/**
 * 200 changes that cut management of each driver, chosen by a seed: kind, device, what is wrong, transport, whether we die at
 * once, and whether the device restarts meanwhile. 180 in time that is driven, 20 in the machine's. `ARUNG_TEST_SOAK_LOCKOUTS`
 * sets another number of driven ones, `ARUNG_TEST_SOAK_REAL` of those in real time.
 */
const driven = Number(process.env['ARUNG_TEST_SOAK_LOCKOUTS'] ?? '180');
const real = Number(process.env['ARUNG_TEST_SOAK_REAL'] ?? '20');
const seed = Number(process.env['ARUNG_TEST_SEED'] ?? '20261130');
const withinS = 60;
/** The least that a rollback waits. */
const realWithinS = 30;

interface Mistake {
  readonly kind: string;
  readonly device: string;
  readonly good: IntentDocument;
  readonly bad: IntentDocument;
}

/** What is the same for every driver, and what is not. */
interface Trial {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly transports: readonly [string, ...string[]];
  /** Of the device's timer: it counts whole minutes on switches, and Huawei's may be a minute late. */
  readonly mostLateS: number;
  /** How long a command may take before the session counts as lost: signing in by SSH takes a busy machine a second. */
  readonly commandTimeoutMs: number;
  start(net: number, isDriven: boolean): Promise<DeviceBench>;
  mistake(bench: DeviceBench, kind: string, random: () => number): Mistake;
  /** What is left of a rollback that fired. */
  left(run: string): readonly DeviceRollback[];
  /** For whoever looks into a device that did not come back. */
  holds(bench: DeviceBench, device: string): unknown;
}

const routers: Trial = {
  name: 'routeros',
  kinds: lockOutKinds,
  transports: transportNames,
  mostLateS: 10,
  commandTimeoutMs: 1_000,
  start: (net, isDriven) => RouterBench.start(net, { isDriven }),
  mistake: (bench, kind, random) => lockOut(ofRouters(bench), lockOutKinds.find((one) => one === kind) ?? 'wrong gateway', random), // prettier-ignore
  left: (run) => [{ state: 'spent', run }],
  holds: (bench, device) =>
    Object.fromEntries(['/log', '/system/scheduler', '/ip/firewall/filter'].map((menu) => [menu, ofRouters(bench).rows(device, menu).slice(-10)])), // prettier-ignore
};

const switches: Trial = {
  name: 'cli',
  kinds: switchLockOutKinds,
  transports: ['ssh'],
  mostLateS: 70,
  commandTimeoutMs: 4_000,
  start: (net, isDriven) => SwitchBench.start(net, { isDriven }),
  mistake: (bench, kind, random) => switchLockOut(ofSwitches(bench), switchLockOutKinds.find((one) => one === kind) ?? 'wrong gateway', random), // prettier-ignore
  // The mark went with the rest.
  left: () => [],
  holds: (bench, device) => ofSwitches(bench).shown(device),
};

function ofRouters(bench: DeviceBench): RouterBench {
  if (bench instanceof RouterBench) return bench;
  throw new TypeError('a bench of routers is needed');
}

function ofSwitches(bench: DeviceBench): SwitchBench {
  if (bench instanceof SwitchBench) return bench;
  throw new TypeError('a bench of switches is needed');
}

interface Outcome {
  readonly kind: string;
  readonly transport: string;
  readonly isDead: boolean;
  readonly restarts: boolean;
  /** Seconds from the cut to the device's return, of the device's time. */
  readonly cutS: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function adopt(bench: DeviceBench, { device, good }: Mistake, run: string): Promise<void> {
  await bench.with(bench.target(device), async (session) => {
    const { until } = await session.arm(run, 60);
    await session.apply(good, { run, applied: null, until });
    expect(await session.confirm(good, { run, applied: null })).toEqual({ confirmed: true });
  });
}

/** One lock-out, from the good configuration to it again; throws when it does not come back. */
async function lockedOut(
  trial: Trial,
  bench: DeviceBench,
  mistake: Mistake,
  how: { readonly run: string; readonly seconds: number; readonly transport: string; readonly isDead: boolean; readonly restarts: boolean; pass(seconds: number): Promise<void> }, // prettier-ignore
): Promise<Outcome> {
  const { device, good, bad } = mistake;
  const { run, transport, isDead, restarts } = how;
  await adopt(bench, mistake, `${run}-good`);
  const before = bench.stateOf(device);
  const death = new AbortController();
  const until = await bench.with(bench.target(device, transport), async (session) => (await session.arm(run, how.seconds)).until); // prettier-ignore
  const said = bench
    .with(bench.target(device, transport), (session) => session.apply(bad, { run, applied: good, until, signal: death.signal }), { commandTimeoutMs: trial.commandTimeoutMs }) // prettier-ignore
    .then(() => 'applied', (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error))); // prettier-ignore
  for (let tries = 0; tries < 1_000 && bench.answers(device); tries += 1) await wait(5);
  if (bench.answers(device)) throw new Error(`${run}: ${mistake.kind} cut nothing off on ${device}: ${await said}`);
  const cutAt = bench.clock.now();
  if (isDead) death.abort();
  if (restarts) bench.reboot(device);
  let cutS = 0;
  while (!bench.answers(device)) {
    await how.pass(1);
    cutS = (bench.clock.now() - cutAt) / 1_000;
    if (cutS > 200)
      throw new Error(`${run}: ${device} is lost (${mistake.kind}): ${JSON.stringify(trial.holds(bench, device))}`);
  }
  expect(await said).not.toBe('applied');
  expect(bench.stateOf(device)).toBe(before);
  await bench.with(bench.target(device), async (session) => {
    expect(await session.rollbacks()).toEqual(trial.left(run));
    await session.revert(run);
  });
  return { kind: mistake.kind, transport, isDead, restarts, cutS };
}

function report({ kinds, transports }: Trial, name: string, outcomes: readonly Outcome[], seconds: number): void {
  const cut = outcomes.map(({ cutS }) => cutS).sort((a, b) => a - b);
  const at = (share: number): string => (cut[Math.min(cut.length - 1, Math.floor(cut.length * share))] ?? 0).toFixed(1);
  const of = (test: (outcome: Outcome) => boolean): number => outcomes.filter(test).length;
  console.log(
    `${name}: ${outcomes.length} lock-outs (seed ${seed}), ${outcomes.length} back, 0 lost; rollback after ${seconds} s; ` +
      `cut for p50 ${at(0.5)} s, p99 ${at(0.99)} s, most ${at(1)} s; ` +
      `${of(({ isDead }) => isDead)} with us dead, ${of(({ restarts }) => restarts)} with a restart, ${transports.map((one) => `${of(({ transport }) => transport === one)} by ${one}`).join(', ')}; ` + // prettier-ignore
      kinds.map((kind) => `${kind} ${of((outcome) => outcome.kind === kind)}`).join(', '),
  );
}

const trials = [
  [routers, 110],
  [switches, 112],
] as const;

describe.each(trials.map(([trial, net]) => [trial.name, trial, net] as const))(
  'changes that cut management, by %s',
  (_, trial, net) => {
    async function all(
      count: number,
      options: { readonly isDriven: boolean; readonly seconds: number; readonly seed: number },
    ): Promise<void> {
      const { isDriven, seconds } = options;
      const bench = await trial.start(isDriven ? net : net + 1, isDriven);
      try {
        const random = seeded(options.seed);
        const outcomes: Outcome[] = [];
        for (let at = 0; at < count; at += 1) {
          const mistake = trial.mistake(bench, trial.kinds[at % trial.kinds.length] ?? '', random);
          outcomes.push(
            await lockedOut(trial, bench, mistake, {
              run: `${isDriven ? 'lock' : 'real'}-${at}`,
              seconds,
              transport: trial.transports[random() < 0.7 ? 0 : trial.transports.length - 1] ?? trial.transports[0],
              isDead: random() < 0.5,
              restarts: random() < 0.25,
              pass: async (passS) => {
                if (!isDriven) return wait(passS * 1_000);
                // A restart takes the machine's time; the driven one stands still meanwhile.
                if (bench.isOn(mistake.device)) bench.pass(passS);
                await wait(10);
              },
            }),
          );
        }
        report(trial, `${trial.name}, ${isDriven ? 'driven' : 'real time'}`, outcomes, seconds);
        // The time that it was set to, how late its timer may be, and the restart.
        for (const { cutS } of outcomes) expect(cutS).toBeLessThan(seconds + trial.mostLateS);
      } finally {
        await bench.stop();
      }
    }

    it(`${driven} times in driven time: every device is as before, within the rollback's time`, () =>
      all(driven, { isDriven: true, seconds: withinS, seed }));

    it(`${real} times in real time: every device is as before, within the rollback's time`, () =>
      all(real, { isDriven: false, seconds: realWithinS, seed: seed + 1 }));
  },
);
