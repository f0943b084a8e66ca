import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../src/domain/access.ts';
import { isRolloutOver } from '../../src/domain/rollout.ts';
import { lockOut, lockOutKinds, type LockOutKind } from '../support/lock-outs.ts';
import { lan, ProvisioningStage, statesOf } from '../support/provisioning-stage.ts';
import { seeded } from './seeded.ts';

/**
 * Rollouts with a mistake in them that cuts management, chosen by a seed: kind, device, what is wrong, whether the controller
 * dies meanwhile, whether the device restarts. All in time that is driven. Each ends with the device as it was, and what
 * would have come after it untouched. `ARUNG_TEST_SOAK_ROLLOUTS` sets how many.
 */
const rounds = Number(process.env['ARUNG_TEST_SOAK_ROLLOUTS'] ?? '200');
const seed = Number(process.env['ARUNG_TEST_SEED'] ?? '20261130');
const rollbackS = 60;
/** So often a rollout is asked for again of a device that did not answer before anything was changed. */
const mostAsked = 5;
const system = systemAccess('soak');

interface Outcome {
  readonly kind: LockOutKind;
  readonly state: string;
  readonly isDead: boolean;
  readonly restarts: boolean;
  /** Seconds from the cut to the device's return, of the device's time. */
  readonly cutS: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('rollouts that cut management', { timeout: 7_200_000 }, () => {
  let stage: ProvisioningStage;
  let watch: NodeJS.Timeout;
  /** Devices that do not answer now, and since when, on the driven clock. */
  const cutSince = new Map<string, number>();
  const cutFor = new Map<string, number>();
  const routers = ['rtr-a-01', 'rtr-b-01', 'rtr-c-01', 'rtr-d-01', 'ap-b-01'];
  const answers = (name: string): boolean => stage.answers(name);

  beforeAll(async () => {
    stage = await ProvisioningStage.open(76, { isDriven: true, rebootMs: 150, commandTimeoutMs: 1_000 });
    await stage.runner.start();
    watch = setInterval(() => {
      for (const name of routers) {
        if (answers(name)) {
          const since = cutSince.get(name);
          if (since !== undefined) cutFor.set(name, stage.nowS() - since);
          cutSince.delete(name);
        } else if (!cutSince.has(name)) cutSince.set(name, stage.nowS());
      }
    }, 20);
  }, 120_000);
  afterAll(async () => {
    clearInterval(watch);
    await stage?.close();
  });

  it(`${rounds} times: nobody is lost, and what comes after is not touched`, async () => {
    const random = seeded(seed);
    const outcomes: Outcome[] = [];
    let again = 0;
    const place = { rows: (device: string, menu: string) => stage.hands.rows(device, menu), backbone: stage.backbone };
    for (let at = 0; at < rounds; at += 1) {
      const kind = lockOutKinds[at % lockOutKinds.length] ?? 'wrong gateway';
      const { device, good, bad } = lockOut(place, kind, random);
      const isDead = random() < 0.4;
      const restarts = random() < 0.25;
      const first = await stage.stage({ [device]: good });
      const adopted = await stage.until(
        (await stage.rollouts.start(system, { versions: first, pauseS: 0, rollbackS })).rollout.id,
      );
      expect(adopted.state, `${at} ${kind}`).toBe('done');
      cutFor.delete(device);

      // The core comes last, and must stay as it is.
      let asked = 0;
      const begin = async () => {
        const versions = await stage.stage({ [device]: bad, 'rtr-dc-01': lan(1 + ((at * 2 + asked) % 250)) });
        const forcedReason = 'uji: inti ikut dalam peluncuran';
        return (await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS, forcedReason })).rollout.id;
      };
      let rollout = await begin();
      for (let tries = 0; tries < 24_000 && answers(device); tries += 1) {
        await wait(5);
        if (tries % 200 !== 199) continue;
        // A device of a starved machine that did not answer in a second was left as it was: it is asked for again.
        const seen = await stage.rollouts.get(system, rollout);
        if (statesOf(seen)[device] !== 'unreachable' || !isRolloutOver(seen) || asked === mostAsked) continue;
        asked += 1;
        rollout = await begin();
      }
      const seen = answers(device) ? JSON.stringify(await stage.rollouts.get(system, rollout)) : '';
      expect(answers(device), `${at} ${kind} cut nothing off on ${device}: ${seen}`).toBe(false);
      again += asked;
      if (isDead) await stage.runner.stop();
      if (restarts) stage.backbone.simulator.reboot(device);
      if (isDead) {
        for (let tries = 0; tries < 4_000 && !answers(device); tries += 1) await wait(10);
        expect(answers(device), `${at}: ${device} is lost while nobody looks (${kind})`).toBe(true);
        stage.runner = stage.newRunner();
        await stage.runner.start();
      }
      const over = await stage.until(rollout, undefined, 300_000);
      expect(over, `${at} ${kind}`).toMatchObject({ state: 'stopped', reason: { code: 'rollout.failed-at' } });
      expect(statesOf(over), `${at} ${kind}`).toEqual({ [device]: 'reverted', 'rtr-dc-01': 'skipped' });
      for (let tries = 0; tries < 2_000 && !answers(device); tries += 1) await wait(10);
      expect(answers(device), `${at}: ${device} is lost (${kind})`).toBe(true);
      await wait(50);
      expect(await stage.door.look(stage.id(device), good, good), `${at} ${kind}`).toEqual([]);
      outcomes.push({ kind, state: statesOf(over)[device] ?? '', isDead, restarts, cutS: cutFor.get(device) ?? 0 });
      if (at % 20 === 19) console.log(`lock-out rollouts: ${at + 1}`);
    }
    const cut = outcomes.map(({ cutS }) => cutS).sort((a, b) => a - b);
    const share = (part: number): string =>
      (cut[Math.min(cut.length - 1, Math.floor(cut.length * part))] ?? 0).toFixed(1);
    const of = (test: (outcome: Outcome) => boolean): number => outcomes.filter(test).length;
    console.log(
      `rollouts: ${outcomes.length} that cut management (seed ${seed}), ${of(({ state }) => state === 'reverted')} reverted, 0 lost; ` +
        `rollback after ${rollbackS} s; cut for p50 ${share(0.5)} s, p99 ${share(0.99)} s, most ${share(1)} s; ` +
        `${of(({ isDead }) => isDead)} with the controller dead, ${of(({ restarts }) => restarts)} with a restart; ${again} asked for again, since the device had not answered in time before anything was changed`,
    );
    for (const { cutS } of outcomes) expect(cutS).toBeLessThan(rollbackS);
  });
});
