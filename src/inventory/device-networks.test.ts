import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { systemAccess } from '../domain/access.ts';
import { DeviceNetworks } from '../domain/device-networks.ts';

const system = systemAccess('test');
const name = 'rtr-kec-73-08-02-01';

describe('with networks in which devices may be', () => {
  let test: TestInventory;
  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08', deviceNetworks: new DeviceNetworks(['10.73.0.0/16']) });
    const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001'] }));
    await test.inventory.importer.apply(system, { format: 'json', text });
  });
  afterAll(() => test.close());

  it('nobody sends the credential of a device elsewhere by giving it another address', async () => {
    const { devices } = test.inventory;
    for (const access of [system, accessOf('operator', '73.08.02')]) {
      const moved = devices.update(access, name, { address: '192.0.2.66' });
      await expect(moved).rejects.toMatchObject({ code: 'device.outside-networks' });
    }
    const { entity } = await devices.get(system, name);
    const draft = { name: 'rtr-umpan', siteId: entity.siteId, role: 'router', address: '192.0.2.66', credentialId: entity.credentialId } as const; // prettier-ignore
    await expect(devices.create(accessOf('operator', '73.08.02'), draft)).rejects.toMatchObject({ code: 'device.outside-networks' }); // prettier-ignore
    expect((await devices.create(system, { ...draft, address: '10.73.200.1' })).entity.address).toBe('10.73.200.1');
  });

  it('neither does a file', async () => {
    const text = 'name,site,role,address\nrtr-umpan-2,kec-73.08.02,router,127.0.0.1';
    const plan = await test.inventory.importer.plan(system, { format: 'csv', list: 'devices', text });
    expect(plan.errors).toMatchObject([{ code: 'import.outside-networks', line: 2 }]);
  });

  it('a device that is elsewhere since before may be changed otherwise', async () => {
    const { devices } = test.inventory;
    const { id } = (await devices.get(system, name)).entity;
    await test.database.db.updateTable('devices').set({ address: '192.0.2.1' }).where('id', '=', id).execute();
    expect((await devices.update(system, id, { vendor: 'MikroTik', address: '192.0.2.1' })).entity.vendor).toBe('MikroTik'); // prettier-ignore
    const text = `name,vendor\n${name},Mikrotik`;
    const plan = await test.inventory.importer.plan(
      system,
      { format: 'csv', list: 'devices', text },
      { mode: 'update' },
    );
    expect(plan.errors.map(({ code }) => code)).not.toContain('import.outside-networks');
  });
});
