import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lan, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock } from '../../domain/clock.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { DriftWatch } from './drift-watch.ts';

const system = systemAccess('test');
const router = 'rtr-c-01';
const step: ConfigurationStep = { kind: 'set', subject: '/ip/address', fragment: 'lan', name: '10.73.1.1/24', adopts: false, changes: [] }; // prettier-ignore

describe('a look at a device', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  let versions: readonly string[];
  let told: number;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(131);
    versions = [(await stage.stage({ [router]: lan(1) }))[router] ?? '', (await stage.stage({ [router]: lan(2) }))[router] ?? '']; // prettier-ignore
  }, 120_000);
  afterAll(() => stage?.close());

  const confirm = (at: number) =>
    stage.test.database.db.transaction().execute((trx) => stage.intents.confirmed(trx, stage.id(router), versions[at] ?? '')); // prettier-ignore

  /** As one that takes so long that something happens meanwhile. */
  async function look(meanwhile: () => Promise<unknown>): Promise<number> {
    told = 0;
    const watch = new DriftWatch({
      db: stage.test.database.db,
      intents: stage.intents,
      door: {
        look: async () => {
          await meanwhile();
          return [step];
        },
      },
      tell: () => (told += 1),
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      everyMs: 3_600_000,
    });
    await watch.lookAt([stage.id(router)]);
    return (await stage.reader.get(system, router)).drift.length;
  }

  it('finds drift, and tells of it', async () => {
    await confirm(0);
    expect(await look(async () => undefined)).toBe(1);
    expect(told).toBe(1);
  });

  it('finds none against a version that a rollout has taken the place of meanwhile', async () => {
    await confirm(0);
    expect(await look(() => confirm(1))).toBe(0);
    expect(told).toBe(0);
  });

  it('finds none on a device that a rollout is changing', async () => {
    await confirm(0);
    const { rollout } = await stage.rollouts.start(system, { versions: { [router]: versions[1] ?? '' } });
    const set = (state: 'applying' | 'skipped') =>
      stage.test.database.db.updateTable('rollout_devices').set({ state }).where('rollout_id', '=', rollout.id).execute(); // prettier-ignore
    expect(await look(() => set('applying'))).toBe(0);
    expect(told).toBe(0);
    await set('skipped');
    expect(await look(async () => undefined)).toBe(1);
  });
});
