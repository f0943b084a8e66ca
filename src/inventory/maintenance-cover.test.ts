import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backbone } from '../../tests/support/backbone.ts';
import { createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';
import { systemAccess } from '../domain/access.ts';
import { systemClock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/ids.ts';

const system = systemAccess('test');
const rollouts = systemAccess('rollouts');
const minute = 60_000;

describe('what planned work covers until a moment', () => {
  const now = Date.UTC(2026, 10, 25, 1);
  let test: TestInventory;
  let id: (name: string) => DeviceId;

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08', clock: { ...systemClock, now: () => now } });
    const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001', '73.08.02.2002'] }));
    await test.inventory.importer.apply(system, { format: 'json', text });
    await test.inventory.topology.refresh();
    const names = [...test.inventory.topology.current().devices.values()];
    id = (name) => names.find((device) => device.name === name)?.id ?? ('' as DeviceId);
  }, 120_000);
  afterAll(() => test.close());

  const covered = async (name: string, minutes: number) => {
    const { maintenance } = test.inventory;
    return (await maintenance.covering(rollouts, [id(name)], now + minutes * minute)).has(id(name));
  };
  const at = (minutes: number) => new Date(now + minutes * minute).toISOString();

  it('lasts over the whole of the time, by one window or by several without a gap between them', async () => {
    const { maintenance, sites, regions } = test.inventory;
    const [device] = [...test.inventory.topology.current().devices.values()].filter(({ name }) => name !== 'rtr-dc-01');
    const name = device?.name ?? '';
    expect(await covered(name, 1)).toBe(false);
    await maintenance.create(system, { deviceId: id(name), from: at(-60), to: at(3) });
    expect([await covered(name, 3), await covered(name, 4)]).toEqual([true, false]);
    const siteId = device?.siteId ?? null;
    await maintenance.create(system, { siteId, from: at(2), to: at(10) });
    expect([await covered(name, 10), await covered(name, 11)]).toEqual([true, false]);
    const regionId = (await regions.get(system, '73.08')).entity.id;
    const week = { weekdays: [1, 2, 3, 4, 5, 6, 7], timeZone: 'Asia/Makassar', until: null };
    await maintenance.create(system, { regionId, from: at(10 - 7 * 1_440), to: at(30 - 7 * 1_440), recurrence: week });
    expect([await covered(name, 30), await covered(name, 31)]).toEqual([true, false]);
    // Wherever it stands: the site of a device that is configured need not be active.
    await sites.update(system, siteId ?? '', { rolloutStatus: 'building' });
    expect(await covered(name, 30)).toBe(true);
    expect(await covered('rtr-dc-01', 1)).toBe(false);
  });

  it('is what others announced, and not who asks', async () => {
    await test.inventory.maintenance.create(rollouts, { deviceId: id('rtr-dc-01'), from: at(-1), to: at(5) });
    expect(await covered('rtr-dc-01', 1)).toBe(false);
  });
});
