import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../domain/access.ts';
import { systemClock } from '../domain/clock.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';
import { uplinksOf } from './uplinks.ts';

const system = systemAccess('test');

describe('the topology', () => {
  let test: TestInventory;
  let nowMs = Date.UTC(2026, 10, 25, 1);

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08', clock: { ...systemClock, now: () => nowMs } });
    const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001', '73.08.02.2002'] }));
    await test.inventory.importer.apply(system, { format: 'json', text });
    await test.inventory.topology.refresh();
  });
  afterAll(() => test.close());
  const topology = () => test.inventory.topology.current();

  /** Resolves at the next change, or says that there was none. */
  async function nextChange(): Promise<'changed' | 'nothing'> {
    return new Promise((resolve) => {
      const stop = test.inventory.topology.onChange(() => done('changed'));
      const timer = setTimeout(() => done('nothing'), 5_000);
      const done = (what: 'changed' | 'nothing') => {
        clearTimeout(timer);
        stop();
        resolve(what);
      };
    });
  }

  it('has every active site with its devices, links, and the places of the agents', () => {
    const { sites, devices, links, agents } = topology();
    expect([sites.size, devices.size, links.size]).toEqual([4, 12, 11]);
    const centre = [...devices.values()].find((device) => device.name === 'rtr-dc-01');
    expect([...agents.values()]).toEqual([expect.objectContaining({ name: 'local', attachedTo: [centre?.id] })]);
    const village = [...sites.values()].find((site) => site.code === '73.08.02.1001');
    // It has no position of its own: its region's point.
    expect(village).toMatchObject({ regionCode: '73.08.02.1001', latitude: -4.9721 });
    const trunk = [...links.values()].find((link) => link.name === 'dc--73.08.02');
    expect(trunk).toMatchObject({ medium: 'fibre', trunk: true, b: { interfaceName: 'ether1' } });
  });

  it('changes with a write, with a higher version and new objects', async () => {
    const before = topology();
    const change = nextChange();
    await test.inventory.sites.update(system, '73.08.02.2002', { rolloutStatus: 'building' });
    expect(await change).toBe('changed');
    expect(topology().version).toBeGreaterThan(before.version);
    expect(topology().sites.size).toBe(3);
    expect(before.sites.size).toBe(4);
    expect([...topology().links.values()].map((link) => link.name)).not.toContain('73.08.02--73.08.02.2002');
    const whole = test.inventory.topology.whole();
    expect([whole.sites.size, whole.devices.size, whole.version]).toEqual([4, 12, topology().version]);
    expect([...whole.links.values()].map((link) => link.name)).toContain('73.08.02--73.08.02.2002');
  });

  it('hears of what another process wrote', async () => {
    const change = nextChange();
    let woken = false;
    const stop = test.inventory.targets.onChange(() => {
      woken = true;
    });
    await sql`update sites set rollout_status = 'active' where code = '73.08.02.2002'`.execute(test.database.db);
    await sql`update inventory_version set version = version + 1`.execute(test.database.db);
    expect(await change).toBe('changed');
    expect(topology().sites.size).toBe(4);
    expect(test.inventory.topology.whole()).toBe(topology());
    // Those who read targets hear of it, too: an address or a credential is no part of the topology.
    await sleep(150);
    expect(woken).toBe(true);
    stop();
  });

  it('stays the same object when what was written is none of its matter', async () => {
    const before = topology();
    await test.inventory.contacts.create(system, { name: 'Baso' });
    await test.inventory.topology.refresh();
    expect(topology()).toBe(before);
  });

  it('shows planned work from its begin to its end, also of a region and all below it', async () => {
    const district = await test.inventory.regions.get(system, '73.08.02');
    const covered = () => [...topology().devices.values()].filter((device) => device.maintenance).length;
    await test.inventory.maintenance.create(system, {
      regionId: district.entity.id,
      from: new Date(nowMs + 400).toISOString(),
      to: new Date(nowMs + 3_600_000).toISOString(),
    });
    await test.inventory.topology.refresh();
    expect(covered()).toBe(0);
    const begins = nextChange();
    await sleep(50);
    nowMs += 400;
    expect(await begins).toBe('changed');
    expect(covered()).toBe(9);
    nowMs += 3_600_000;
    await test.inventory.topology.refresh();
    expect(covered()).toBe(0);
  });

  it('says by which link each site is carried: the best way from the agent, a satellite last', async () => {
    const medium = (code: string) => {
      const site = [...topology().sites.values()].find((one) => one.code === code);
      return site && uplinksOf(topology()).get(site.id)?.name;
    };
    expect(medium('73.08.02.1001')).toBe('73.08.02--73.08.02.1001');
    expect(medium('kec-73.08.02')).toBe('dc--73.08.02');
    expect(medium('dc')).toBe('dc--73.08.02');
    const text = JSON.stringify({
      format: 'arung-inventory/1',
      links: [
        {
          name: 'vsat',
          medium: 'vsat',
          capacityBps: 2e6,
          a: 'rtr-dc-01:ether3',
          b: 'rtr-73-08-02-1001-01:ether3',
        },
      ],
    });
    await test.inventory.importer.apply(system, { format: 'json', text });
    await test.inventory.topology.refresh();
    expect(medium('73.08.02.1001')).toBe('73.08.02--73.08.02.1001');
    await test.inventory.links.remove(system, '73.08.02--73.08.02.1001');
    await test.inventory.topology.refresh();
    expect(medium('73.08.02.1001')).toBe('vsat');
  });

  it('keeps in which region a site was when', async () => {
    await test.inventory.sites.update(system, '73.08.02.1001', { region: '73.08.02.2002' });
    const rows = await sql<{ code: string; open: boolean }>`select regions.code, valid_to is null as open
      from site_regions join regions on regions.id = region_id join sites on sites.id = site_id
      where sites.code = '73.08.02.1001' order by valid_from`.execute(test.database.db);
    expect(rows.rows).toEqual([
      { code: '73.08.02.1001', open: false },
      { code: '73.08.02.2002', open: true },
    ]);
  });
});
