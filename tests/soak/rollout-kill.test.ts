import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatorControl } from '../../agents/simulator/control.ts';
import type { RolloutView } from '../../src/api/provisioning-schemas.ts';
import { freePort } from '../support/free-port.ts';
import { simulatorSocket } from '../../src/demo/places.ts';
import { isRolloutOver, type DeviceRunState } from '../../src/domain/rollout.ts';
import { Demo, everyDevice } from '../support/demo.ts';
import { seeded } from './seeded.ts';
import { SimulatorApart } from './simulator-apart.ts';

/** So often each step is met; `ARUNG_TEST_SOAK_ROLLOUT_ROUNDS` sets another number. */
const rounds = Number(process.env['ARUNG_TEST_SOAK_ROLLOUT_ROUNDS'] ?? 3);
const seed = Number(process.env['ARUNG_TEST_SEED'] ?? 20_261_130);
const rollbackS = 60;

const steps = ['waiting', 'checking', 'arming', 'applying', 'confirming'] as const satisfies readonly DeviceRunState[];
const troubles = ['controller killed', 'controller killed, router restarts', 'router restarts'] as const;
type Trouble = (typeof troubles)[number];

const addressOf = (net: number): string => `10.200.${net}.1/24`;
const isRight = (state: string): boolean => state === 'confirmed' || state === 'unchanged';
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const say = (text: string): void => void process.stdout.write(`rollout-kill: ${text}\n`);

/**
 * A real controller is killed, and the router restarted, at every step of a rollout over a real connection. Whatever
 * happens, each router ends as it should be or as it was, and the next rollout of the same brings it there, without a hand.
 */
describe(`kill -9 at every step of a rollout, ${rounds} times each`, () => {
  let demo: Demo;
  let simulator: SimulatorApart | null = null;
  let control: SimulatorControl;
  const random = seeded(seed);
  const routers = ['rtr-kahu-lalepo-01', 'rtr-kahu-carima-01', 'rtr-mare-mario-01', 'rtr-cina-01', 'rtr-amali-bila-01'];

  beforeAll(async () => {
    const mqttPort = await freePort();
    demo = new Demo({ ARUNG_MQTT_PORT: String(mqttPort), ARUNG_LOG_LEVEL: 'warn' });
    await demo.start();
    await demo.stop();
    simulator = await SimulatorApart.start(demo.dataDir, mqttPort);
    control = new SimulatorControl(simulatorSocket(demo.dataDir));
    await demo.start('serve');
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
  }, 900_000);

  afterAll(async () => {
    await demo.stop();
    await simulator?.stop();
    await demo.remove();
  });

  async function asked<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await demo.call(method, `/api/v1${path}`, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }
  const read = (id: string): Promise<RolloutView> => demo.get<RolloutView>(`/api/v1/rollouts/${id}`);

  async function begin(router: string, net: number): Promise<{ readonly id: string; readonly version: string }> {
    const values = { address: addressOf(net), interface: 'bridge' };
    const document = { driver: 'routeros', fragments: [{ key: 'lan', subject: '/ip/address', values }] };
    const { version } = await asked<{ version: string }>('PUT', `/intents/${router}`, document);
    const { rollout } = await asked<{ rollout: RolloutView }>('POST', '/rollouts', {
      versions: { [router]: version },
      pauseS: 0,
      rollbackS,
    });
    return { id: rollout.id, version };
  }

  async function over(id: string): Promise<RolloutView> {
    const until = performance.now() + 600_000;
    for (;;) {
      const rollout = await read(id);
      if (isRolloutOver(rollout)) return rollout;
      if (performance.now() > until) throw new Error(`not over: ${JSON.stringify(rollout)}`);
      await pause(500);
    }
  }

  /** Waits until the device is at a step, or beyond it: a step may be over between two looks. */
  async function metAt(id: string, step: DeviceRunState): Promise<DeviceRunState> {
    for (;;) {
      const rollout = await read(id);
      const now = rollout.devices[0]?.state ?? 'waiting';
      if (now === step || isRolloutOver(rollout)) return now;
      if (steps.indexOf(now as never) > steps.indexOf(step as never)) return now;
      await pause(5);
    }
  }

  async function trouble(what: Trouble, router: string): Promise<void> {
    if (what !== 'controller killed') await control.reboot(router);
    if (what === 'router restarts') return;
    await demo.kill();
    await pause(random() * 4_000);
    await demo.start('serve');
  }

  it('leaves every router as it should be or as it was', { timeout: 7_200_000 }, async () => {
    const ends: Record<string, number> = {};
    const met: Record<string, number> = {};
    let net = 0;
    for (let round = 0; round < rounds; round++) {
      for (const step of steps) {
        for (const what of troubles) {
          net += 1;
          const router = routers[net % routers.length] ?? '';
          const { id, version } = await begin(router, net);
          const at = await metAt(id, step);
          await pause(random() * 150);
          await trouble(what, router);
          const ended = await over(id);
          const state = ended.devices[0]?.state ?? 'none';
          met[at] = (met[at] ?? 0) + 1;
          ends[state] = (ends[state] ?? 0) + 1;
          say(`${net}: ${what} at ${at} on ${router}: ${state}`);
          expect({ net, what, at, state }).toMatchObject({
            state: expect.stringMatching(/^(confirmed|unchanged|reverted|refused|unreachable|skipped)$/) as string,
          });
          await demo.until((status) => status.devices.up === everyDevice, 300_000);
          // What is said of the router is what it is, before anything heals it.
          const found = await demo.call(
            'GET',
            `/api/v1/intents/${router}/found?subject=${encodeURIComponent('/ip/address')}`,
          );
          const isThere = (await found.text()).includes(addressOf(net));
          expect({ net, what, at, state, isThere }).toEqual({ net, what, at, state, isThere: isRight(state) });
          // The same again: no hand was needed.
          const again = await asked<{ rollout: RolloutView }>('POST', '/rollouts', { versions: { [router]: version } });
          const healed = await over(again.rollout.id);
          expect({ net, what, at, state, healed: healed.state }).toMatchObject({ healed: 'done' });
          const { items } = await asked<{ items: { drift: unknown[]; confirmed: { version: string } }[] }>(
            'POST',
            '/intents/look',
            { devices: [router] },
          );
          expect(items[0]).toMatchObject({ drift: [], confirmed: { version } });
        }
      }
    }
    say(`met at ${JSON.stringify(met)}, ended ${JSON.stringify(ends)}`);
  });
});
