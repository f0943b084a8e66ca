import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRolloutOver, type DeviceRunState, type RolloutState } from '../../src/domain/rollout.ts';
import { describeWithPeer } from '../support/peers.ts';
import { ControllerProcess } from '../support/pulumi/controller-process.ts';
import { Stack, type Said } from '../support/pulumi/stack.ts';
import { seeded } from './seeded.ts';

/**
 * The CLI, the controller, the device: each is killed (a device restarts) at every step of a rollout that the real CLI has
 * begun, on a router, a switch and a terminal. Each device ends confirmed or as it was; then the same `up` again brings all
 * to what the program says, without a hand on anything but Pulumi's own lock.
 */
const seed = Number(process.env['ARUNG_TEST_SEED'] ?? 20_261_130);
/** So often a step that was over before it was seen is tried again. */
const mostTries = 6;
const steps = ['waiting', 'checking', 'arming', 'applying', 'confirming'] as const satisfies readonly DeviceRunState[];
const victims = ['cli', 'controller', 'device'] as const;
type Victim = (typeof victims)[number];
type Step = (typeof steps)[number] | 'reverting';

interface RolloutView {
  readonly number: number;
  readonly state: RolloutState;
  readonly devices: readonly { readonly device: string; readonly state: DeviceRunState }[];
}

interface Look {
  readonly device: string;
  readonly drift: readonly object[];
  readonly lookError: object | null;
  readonly confirmed: { readonly version: string } | null;
}

interface Kind {
  readonly type: string;
  readonly device: string;
  /** What the program says of it; a number makes it another. */
  readonly args: (n: number) => object;
  readonly has: (network: ControllerProcess, n: number) => boolean;
  /** What cuts the way to it, besides. */
  readonly cut: ((n: number) => object) | null;
  readonly slowMs: number;
  readonly rollbackS: number;
}

const kinds: Readonly<Record<'router' | 'switch' | 'terminal', Kind>> = {
  router: {
    type: 'DeviceIntent',
    device: 'rtr-c-01',
    args: (n) => ({ fragments: [lanOf(n)] }),
    cut: (n) => ({ fragments: [lanOf(n), { key: 'tutup', subject: '/ip/firewall/filter', values: { chain: 'input', action: 'drop' } }] }), // prettier-ignore
    has: ({ hands }, n) => hands.rows('rtr-c-01', '/ip/address').some(({ address }) => address === addressOf(n)),
    slowMs: 25,
    rollbackS: 45,
  },
  switch: {
    type: 'SwitchConfig',
    device: 'sw-b-01',
    args: (n) => ({ sections: portOf(n) }),
    cut: (n) => ({ sections: { ...portOf(n), 'interface GigabitEthernet1': { shutdown: true } } }),
    has: ({ switches }, n) => switches.shown('sw-b-01').includes(`description uji ${n}`),
    slowMs: 100,
    rollbackS: 60,
  },
  terminal: {
    type: 'AttendanceTerminal',
    device: 'abs-d-01',
    args: (n) => ({ server: { address: '10.73.0.20', port: 8_000 + n } }),
    // It has no way back: what could cut it off is refused.
    cut: null,
    has: ({ backbone }, n) => backbone.simulator.terminalBoxes.box('abs-d-01')?.option('WebServerPort') === String(8_000 + n), // prettier-ignore
    slowMs: 150,
    rollbackS: 60,
  },
};
const addressOf = (n: number) => `10.200.${n}.1/24`;
const lanOf = (n: number) => ({ key: 'lan', subject: '/ip/address', values: { address: addressOf(n), interface: 'bridge' } }); // prettier-ignore
const portOf = (n: number) => ({ 'interface GigabitEthernet3': { description: `uji ${n}` } });
type Name = keyof typeof kinds;
const names = Object.keys(kinds) as Name[];

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const say = (text: string): void => void process.stdout.write(`pulumi-kills: ${text}\n`);

describeWithPeer('pulumi', 'kill -9 at every step of a rollout of the real Pulumi', (pulumi) => {
  let network: ControllerProcess;
  let stack: Stack;
  const random = seeded(seed);
  /** What the program says of each, by its number. */
  const now: Record<Name, number> = { router: 0, switch: 0, terminal: 0 };
  const outcomes: string[] = [];

  const programOf = (cut: Name | null, rollbackS: number): Said => ({
    resources: names.map((name) => {
      const { type, device, args, cut: cutting } = kinds[name];
      const said = name === cut ? (cutting ?? args)(now[name]) : args(now[name]);
      return { type, name, args: { device, ...said } };
    }),
    rollout: { pauseS: 0, rollbackS },
  });

  beforeAll(async () => {
    network = await ControllerProcess.start(80, { rebootMs: 1_500 });
    stack = new Stack(pulumi, { ARUNG_URL: network.url, ARUNG_TOKEN: network.token, ARUNG_LOOK_AGE_S: '0' });
    await stack.well('stack', 'init', 'kahu');
    stack.say(programOf(null, 60));
    await stack.well('up', '--yes', '--skip-preview');
  }, 300_000);
  afterAll(async () => {
    stack?.remove();
    await network?.stop();
    say(`${outcomes.length} of ${outcomes.length}: ${JSON.stringify(counted(outcomes))}`);
  });

  const newest = async (): Promise<RolloutView | null> => {
    const { items } = await network.ask<{ items: RolloutView[] }>('GET', '/rollouts?limit=20');
    return items.reduce<RolloutView | null>((last, one) => (last === null || one.number > last.number ? one : last), null); // prettier-ignore
  };
  const stateOf = ({ devices }: RolloutView, device: string): DeviceRunState =>
    devices.find((one) => one.device === device)?.state ?? 'waiting';

  /** Waits until the new rollout's device is at a step, or beyond it. Null: there is no rollout, and there will be none. */
  async function metAt(device: string, step: Step, after: number, over: () => boolean) {
    const order: readonly DeviceRunState[] = [...steps, 'reverting'];
    for (;;) {
      const last = await newest();
      const isNew = last !== null && last.number > after;
      if (isNew) {
        const rollout = await network.ask<RolloutView>('GET', `/rollouts/${last.number}?steps=false`);
        const state = stateOf(rollout, device);
        if (state === step || isRolloutOver(rollout) || order.indexOf(state) > order.indexOf(step)) {
          return { number: rollout.number, at: state };
        }
      } else if (over()) return null;
      await pause(3);
    }
  }

  async function killed(victim: Victim, device: string, child: { kill(signal: 'SIGKILL'): boolean }): Promise<void> {
    if (victim === 'cli') child.kill('SIGKILL');
    if (victim === 'device') network.reboot(device);
    if (victim !== 'controller') return;
    await network.kill();
    await pause(random() * 3_000);
    await network.again();
  }

  async function ended(number: number): Promise<RolloutView> {
    for (const until = performance.now() + 600_000; ; await pause(300)) {
      const rollout = await network.ask<RolloutView>('GET', `/rollouts/${number}?steps=false`);
      if (isRolloutOver(rollout)) return rollout;
      if (performance.now() > until) throw new Error(`not over: ${JSON.stringify(rollout)}`);
    }
  }

  /** What docs/pulumi.md says to do after a crash, and that nothing else is needed: state and devices agree then. */
  async function healed(what: string, isLocked: boolean): Promise<void> {
    stack.say(programOf(null, 60));
    if (isLocked) await stack.run('cancel', '--yes');
    const { code, text } = await stack.run('up', '--yes', '--skip-preview');
    expect({ what, code, text: code === 0 ? '' : text }).toEqual({ what, code: 0, text: '' });
    for (const name of names) expect({ what, name, has: kinds[name].has(network, now[name]) }).toMatchObject({ has: true }); // prettier-ignore
    const devices = names.map((name) => kinds[name].device);
    const { items } = await network.ask<{ items: Look[] }>('POST', '/intents/look', { devices });
    const { versions, behind } = stack.kept('rollout') as { versions: Record<string, string>; behind: string[] };
    expect({ what, behind }).toEqual({ what, behind: [] });
    for (const { device, drift, lookError, confirmed } of items) {
      expect({ what, device, drift, lookError, version: confirmed?.version }).toEqual({
        what,
        device,
        drift: [],
        lookError: null,
        version: versions[device],
      });
    }
  }

  /** One kill; says at which step it really was, and how the device ended. */
  async function once(name: Name, step: Step, victim: Victim): Promise<DeviceRunState | null> {
    const { device, slowMs, rollbackS } = kinds[name];
    now[name] += 1;
    const cut = step === 'reverting' ? name : null;
    stack.say(programOf(cut, rollbackS));
    const before = (await newest())?.number ?? 0;
    network.slow(device, slowMs);
    const { child, ended: cliEnded } = stack.start('up', '--yes', '--skip-preview');
    let isOver = false;
    void cliEnded.then(() => (isOver = true));
    const met = await metAt(device, step, before, () => isOver);
    if (met === null) throw new Error(`no rollout came: ${(await cliEnded).text}`);
    await killed(victim, device, child);
    const cli = await cliEnded;
    network.slow(device, 0);
    const state = stateOf(await ended(met.number), device);
    const what = `${victim} at ${met.at} on ${device}`;
    say(`${what}: ${state}; the CLI ended with ${cli.code}`);
    const allowed = /^(confirmed|unchanged|reverted|refused|unreachable|skipped)$/;
    expect({ what, state }).toMatchObject({ state: expect.stringMatching(allowed) as string });
    for (let tries = 0; tries < 400 && !network.isOn(device); tries += 1) await pause(100);
    // What is said of the device is what it is, before anything heals it.
    const has = kinds[name].has(network, now[name]);
    expect({ what, state, has }).toEqual({ what, state, has: state === 'confirmed' || state === 'unchanged' });
    await healed(what, victim === 'cli');
    outcomes.push(`${victim}@${met.at}: ${state}`);
    return met.at;
  }

  const cases = names.flatMap((name) => [
    ...steps.flatMap((step) => victims.map((victim) => [name, step, victim] as const)),
    ...(kinds[name].cut === null ? [] : victims.map((victim) => [name, 'reverting', victim] as const)),
  ]);

  it.each(cases)('on a %s, at %s, of the %s', { timeout: 1_200_000 }, async (name, step, victim) => {
    for (let tries = 0; tries < mostTries; tries += 1) if ((await once(name, step, victim)) === step) return;
    expect.fail(`the step ${step} was over before it was seen, ${mostTries} times`);
  });

  it('leaves nothing to do', { timeout: 300_000 }, async () => {
    await stack.well('preview', '--expect-no-changes');
  });

  it('of the CLI at 12 moments before there is a rollout', { timeout: 1_200_000 }, async () => {
    for (let at = 0; at < 12; at += 1) {
      for (const name of names) now[name] += 1;
      stack.say(programOf(null, 60));
      await stack.killedAt(/\S/, random() * 1_500, 'up', '--yes', '--skip-preview');
      const last = await newest();
      if (last !== null) await ended(last.number);
      await healed(`CLI killed, ${at}`, true);
      outcomes.push('cli while it stages');
    }
  });
});

function counted(all: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}
