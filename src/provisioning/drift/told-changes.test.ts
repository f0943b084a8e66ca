import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backbone } from '../../../tests/support/backbone.ts';
import { createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { systemAccess } from '../../domain/access.ts';
import { ToldChanges, type DeviceTalk } from './told-changes.ts';

const system = systemAccess('test');
type Heard = Parameters<Parameters<DeviceTalk['onMessage']>[0]>[0];

describe('changes that devices tell', () => {
  let test: TestInventory;
  let told: ToldChanges;
  let say: (heard: Partial<Heard>) => void = () => undefined;
  let nowMs = 0;
  let found: (readonly [string, string | null])[] = [];
  const names = new Map<string, string>();
  let router = { name: '', address: '' };

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001'] }));
    await test.inventory.importer.apply(system, { format: 'json', text });
    const rows = await test.database.db.selectFrom('devices').select(['id', 'name', 'address']).execute();
    for (const { id, name } of rows) names.set(id, name);
    router = rows.find(({ name }) => name === 'rtr-kec-73-08-02-01') ?? router;
    expect(router.address).not.toBe('');
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    found = [];
    nowMs += 1_000_000;
    told = new ToldChanges({
      db: test.database.db,
      talk: {
        onMessage: (listener) => {
          say = (heard) =>
            listener({ from: '192.0.2.9', host: null, text: 'system,info item changed by budi', ...heard });
          return () => (say = () => undefined);
        },
      },
      clock: { now: () => Date.now(), monotonic: () => nowMs },
      logger: pino({ level: 'silent' }),
      gatherMs: 20,
      apartMs: 100,
    });
    told.onTold((id, by) => found.push([names.get(id) ?? id, by]));
    await told.start();
  });
  afterEach(() => told.stop());

  it('are known by the address of the sender, else by its name', async () => {
    say({ from: router.address });
    await expect.poll(() => found).toEqual([[router.name, 'budi']]);
    nowMs += 200;
    say({ host: router.name, text: '%%10CFGMAN/5/CFGMAN_CFGCHANGED: Configuration changed.' });
    await expect.poll(() => found).toEqual([[router.name, 'budi'], [router.name, null]]); // prettier-ignore
  });

  it('are told once of what comes together, under either name, and once more of what came meanwhile', async () => {
    say({ from: router.address });
    say({ from: router.address, host: router.name });
    say({ host: router.name });
    await expect.poll(() => found).toHaveLength(1);
    say({ from: router.address, text: 'system,info address removed by ani' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(found).toHaveLength(1);
    nowMs += 200;
    await expect.poll(() => found).toEqual([[router.name, 'budi'], [router.name, 'ani']]); // prettier-ignore
    nowMs += 200;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(found).toHaveLength(2);
  });

  it('name all who are said to have made them, also where the last message of a command names nobody', async () => {
    const commit = (by: string) => {
      say({ from: router.address, text: `UI_COMMIT: User '${by}' requested 'commit' operation` });
      say({ from: router.address, text: 'UI_COMMIT_COMPLETED: commit complete' });
    };
    commit('budi');
    await expect.poll(() => found).toEqual([[router.name, 'budi']]);
    commit('ani');
    await new Promise((resolve) => setTimeout(resolve, 200));
    commit('citra');
    await new Promise((resolve) => setTimeout(resolve, 100));
    nowMs += 200;
    await expect.poll(() => found).toEqual([[router.name, 'budi'], [router.name, 'ani'], [router.name, 'citra']]); // prettier-ignore
  });

  it('are heard of others while one device says them under thousands of names', async () => {
    const other = [...names.values()].find((name) => name !== router.name) ?? '';
    say({ from: router.address });
    await expect.poll(() => found).toHaveLength(1);
    for (let at = 0; at < 5_000; at += 1) say({ from: router.address, host: `nama-${at}` });
    await new Promise((resolve) => setTimeout(resolve, 300));
    say({ host: other });
    await expect.poll(() => found).toEqual([[router.name, 'budi'], [other, 'budi']]); // prettier-ignore
  });

  it('are none of a stranger, and none of what says no change', async () => {
    say({ from: '192.0.2.77', host: 'entah' });
    say({ from: router.address, text: 'system,info,account user admin logged in via winbox' });
    say({ from: "'; drop table devices; --", host: "'; drop table devices; --" });
    for (let at = 0; at < 20_000; at += 1) say({ from: `198.51.100.${at}` });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(found).toEqual([]);
    say({ from: router.address });
    await expect.poll(() => found).toEqual([[router.name, 'budi']]);
  });
});
