import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lan, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { DriftWatch, type DriftWatchOptions } from './drift-watch.ts';

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
        userOf: async () => 'arung',
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

  /** One that only keeps whom it looks at. */
  const watchBy = (
    seen: (deviceId: DeviceId) => void,
    options: Pick<DriftWatchOptions, 'settleMs' | 'roundMs' | 'mostInRound'>,
  ): DriftWatch =>
    new DriftWatch({
      db: stage.test.database.db,
      intents: stage.intents,
      door: { look: async (deviceId) => (seen(deviceId), []), userOf: async () => null },
      tell: () => undefined,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      everyMs: 3_600_000,
      ...options,
    });

  describe('after a sign that it may have been changed', () => {
    let aheadMs = 0;
    const looked: DeviceId[] = [];
    const without: DeviceId[] = [];
    const named: (string | null)[] = [];
    let differs = false;
    let watch: DriftWatch;
    beforeAll(async () => {
      await stage.test.database.db.updateTable('rollouts').set({ state: 'stopped' }).execute();
      await confirm(0);
      watch = new DriftWatch({
        db: stage.test.database.db,
        intents: stage.intents,
        door: {
          look: async (deviceId) => {
            looked.push(deviceId);
            return differs ? [step] : [];
          },
          userOf: async () => 'arung',
        },
        tell: ({ by }) => named.push(by),
        withoutIntent: (deviceId) => without.push(deviceId),
        clock: { now: () => systemClock.now(), monotonic: () => systemClock.monotonic() + aheadMs },
        logger: pino({ level: 'silent' }),
        everyMs: 3_600_000,
      });
      await watch.look();
    });
    afterAll(() => watch?.stop());
    const looksAfter = async (ms: number): Promise<readonly DeviceId[]> => {
      looked.length = 0;
      aheadMs += ms;
      await watch.look();
      return [...looked];
    };

    it('is made once, when no further sign has come for a while', async () => {
      const id = stage.id(router);
      watch.soon(id);
      expect(await looksAfter(10_000)).toEqual([]);
      watch.soon(id);
      expect(await looksAfter(10_000)).toEqual([]);
      expect(await looksAfter(10_000)).toEqual([id]);
      expect(await looksAfter(60_000)).toEqual([]);
    });

    it('waits for a rollout of the device, and is not made of a device that no intent is confirmed of', async () => {
      const id = stage.id(router);
      const { rollout } = await stage.rollouts.start(system, { versions: { [router]: versions[1] ?? '' } });
      watch.soon(id);
      watch.soon(stage.id('rtr-a-01'));
      expect(await looksAfter(60_000)).toEqual([]);
      expect(without).toEqual([stage.id('rtr-a-01')]);
      await stage.test.database.db.updateTable('rollouts').set({ state: 'stopped' }).where('id', '=', rollout.id).execute(); // prettier-ignore
      expect(await looksAfter(0)).toEqual([id]);
      expect(await looksAfter(60_000)).toEqual([]);
    });

    it('names who was said to have done it, of those that are not us', async () => {
      const id = stage.id(router);
      const saidBy = async (...users: readonly (string | null)[]): Promise<string | null | undefined> => {
        named.length = 0;
        differs = !differs;
        for (const user of users) watch.soon(id, user);
        await looksAfter(60_000);
        return named[0];
      };
      expect(await saidBy('arung', 'budi', null, 'ani', 'budi')).toBe('budi, ani');
      expect(await saidBy('arung')).toBeNull();
      expect(await saidBy(null)).toBeNull();
      expect(await saidBy(...Array.from({ length: 40 }, (_, at) => `orang-${at}`))).toBe('orang-0, orang-1, orang-2, orang-3, orang-4'); // prettier-ignore
    });

    it('names who has done what was found before anybody was named, once, and only if soon', async () => {
      const id = stage.id(router);
      named.length = 0;
      differs = false;
      await watch.lookAt([id]);
      differs = true;
      await watch.lookAt([id]);
      expect(named).toEqual([null, null]);
      const laterBy = async (ms: number, user: string): Promise<readonly (string | null)[]> => {
        named.length = 0;
        await looksAfter(ms);
        watch.soon(id, user);
        await looksAfter(16_000);
        return [...named];
      };
      expect(await laterBy(30_000, 'arung')).toEqual([]);
      expect(await laterBy(0, 'budi')).toEqual(['budi']);
      expect(await laterBy(0, 'ani')).toEqual([]);
      differs = false;
      await watch.lookAt([id]);
      differs = true;
      await watch.lookAt([id]);
      expect(await laterBy(120_000, 'budi')).toEqual([]);
      // As the tests after this one expect it.
      differs = false;
      await watch.lookAt([id]);
    });

    it('is no storm when all restart: so many in a round, the others in the next', async () => {
      const { db } = stage.test.database;
      const names = ['rtr-a-01', 'rtr-b-01', 'rtr-d-01'];
      for (const name of names) {
        const version = (await stage.stage({ [name]: lan(3) }))[name] ?? '';
        await db.transaction().execute((trx) => stage.intents.confirmed(trx, stage.id(name), version));
      }
      await db.updateTable('device_intents').set({ looked_at: new Date() }).execute();
      const few = watchBy((deviceId) => looked.push(deviceId), { settleMs: 0, mostInRound: 2 });
      await watch.stop();
      looked.length = 0;
      for (const name of names) few.soon(stage.id(name));
      await few.look();
      expect(looked).toHaveLength(2);
      await few.look();
      expect(new Set(looked)).toEqual(new Set(names.map((name) => stage.id(name))));
      // Signs without end keep none unseen: neither one that is due, nor one that gave the first of them.
      const [first = '', ...others] = names;
      await db.updateTable('device_intents').set({ looked_at: new Date(0) }).where('device_id', '=', stage.id(router)).execute(); // prettier-ignore
      looked.length = 0;
      for (let round = 0; round < 3; round += 1) {
        for (const name of [...others, ...(round === 0 ? [first] : [])]) few.soon(stage.id(name));
        await few.look();
      }
      expect(looked).toContain(stage.id(router));
      expect(looked).toContain(stage.id(first));
      await few.stop();
    });

    it('is made in its own time, also when another sign was waiting as it came', async () => {
      const at = new Map<DeviceId, number>();
      const quick = watchBy((deviceId) => at.set(deviceId, performance.now()), { settleMs: 1_000, roundMs: 3_000 });
      await quick.start();
      quick.soon(stage.id('rtr-a-01'));
      await new Promise((resolve) => setTimeout(resolve, 500));
      const saidAt = performance.now();
      quick.soon(stage.id('rtr-b-01'));
      await vi.waitFor(() => expect(at.has(stage.id('rtr-b-01'))).toBe(true), { timeout: 10_000 });
      expect((at.get(stage.id('rtr-b-01')) ?? 0) - saidAt).toBeLessThan(2_500);
      await quick.stop();
    });
  });
});
