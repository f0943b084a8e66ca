import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { systemAccess } from '../domain/access.ts';
import type { CredentialId, SiteId } from '../domain/ids.ts';
import type { DeviceDraft } from './devices.ts';

const system = systemAccess('test');
const operator = accessOf('operator', '73.08.02');
const own = 'rtr-kec-73-08-02-01';
const foreign = 'rtr-kec-73-08-03-01';

describe('an address that another device has', () => {
  let test: TestInventory;
  let site: SiteId;
  let routers: CredentialId;
  let foreignAddress: string;
  let count = 0;
  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const { importer, credentials, devices, sites } = test.inventory;
    const document = backbone({ districts: ['73.08.02', '73.08.03'], villages: ['73.08.02.1001'] });
    await importer.apply(system, { format: 'json', text: JSON.stringify(document) });
    const secret = { user: 'arung', password: 'sandi-rahasia' };
    routers = (await credentials.create(system, { name: 'routers', kind: 'routeros', user: 'arung', secret: secret.password })).entity.id; // prettier-ignore
    await devices.update(system, own, { managementCredentialId: routers });
    foreignAddress = (await devices.update(system, foreign, { managementCredentialId: routers })).entity.address;
    site = (await sites.get(system, 'kec-73.08.02')).entity.id;
  });
  afterAll(() => test.close());

  const alias = (draft: Partial<DeviceDraft> = {}): DeviceDraft => ({
    name: `alias-${++count}`,
    siteId: site,
    role: 'router',
    protocol: 'none',
    address: foreignAddress,
    port: 1,
    managementCredentialId: routers,
    managementPort: 8728,
    ...draft,
  });

  it('is no second way into a device of somebody else, however it is written and whatever its port or agent', async () => {
    const { devices, agents } = test.inventory;
    const agent = await agents.create(system, { name: 'situs-lain' });
    for (const draft of [
      alias(),
      alias({ managementPort: 0 }),
      alias({ address: `::ffff:${foreignAddress}` }),
      alias({ address: `::FFFF:${hexOf(foreignAddress)}` }),
      alias({ agentId: agent.entity.id }),
    ]) {
      const refused = await devices.create(operator, draft).catch((error: unknown) => error);
      expect(refused).toMatchObject({ kind: 'conflict', code: 'device.address-held' });
      expect(JSON.stringify(refused) + String(refused)).not.toContain(foreign);
    }
  });

  it('nor by steps: first the address, then the credential; or the other way round', async () => {
    const { devices } = test.inventory;
    const first = await devices.create(operator, alias({ managementCredentialId: null }));
    const opened = devices.update(operator, first.name, { managementCredentialId: routers });
    await expect(opened).rejects.toMatchObject({ code: 'device.address-held' });
    await devices.remove(operator, first.name);
    const second = await devices.create(operator, alias({ address: '10.73.200.1' }));
    const moved = devices.update(operator, second.name, { address: foreignAddress });
    await expect(moved).rejects.toMatchObject({ code: 'device.address-held' });
    const moves = test.inventory.devices.update(operator, second.name, { address: `::ffff:${foreignAddress}` });
    await expect(moves).rejects.toMatchObject({ code: 'device.address-held' });
  });

  it('is not read by a community that others share, under a port that means the same', async () => {
    const { devices } = test.inventory;
    const { credentialId } = (await devices.get(system, own)).entity;
    const reader = alias({ protocol: 'snmp', port: 161, credentialId, managementCredentialId: null });
    await expect(devices.create(operator, reader)).rejects.toMatchObject({ code: 'device.address-held' });
  });

  it('is no way in for a file', async () => {
    const { importer } = test.inventory;
    const head = 'name,site,role,protocol,address,port,managementCredential,managementPort';
    const text = `${head}\nalias-f,kec-73.08.02,router,none,::ffff:${foreignAddress},1,routers,8728`;
    const plan = await importer.plan(operator, { format: 'csv', list: 'devices', text });
    expect(plan.errors).toMatchObject([{ code: 'import.address-held', line: 2, field: 'address' }]);
    expect(JSON.stringify(plan)).not.toContain(foreign);
    await expect(importer.apply(operator, { format: 'csv', list: 'devices', text })).rejects.toMatchObject({
      code: 'import.refused',
    });
    // Who may write both says so.
    expect((await importer.plan(system, { format: 'csv', list: 'devices', text })).errors).toMatchObject([
      { code: 'import.address-shared', arguments: { by: foreign } },
    ]);
  });

  it('is shared by devices behind one public address, each with a port of its own, for who may write them all', async () => {
    const { devices } = test.inventory;
    const at = { address: '203.0.113.7' };
    const first = await devices.create(system, alias({ ...at, managementPort: 18_728 }));
    const same = devices.create(system, alias({ ...at, port: 2, managementPort: 18_728 }));
    await expect(same).rejects.toMatchObject({ code: 'device.address-shared', arguments: { by: first.name } });
    const unsaid = devices.create(system, alias({ ...at, port: 2, managementPort: 0 }));
    await expect(unsaid).rejects.toMatchObject({ code: 'device.address-shared' });
    const second = await devices.create(operator, alias({ ...at, port: 2, managementPort: 28_728 }));
    await expect(devices.update(operator, second.name, { managementPort: 18_728 })).rejects.toMatchObject({
      code: 'device.address-shared',
    });
    expect((await devices.update(operator, second.name, { managementPort: 38_728 })).entity.managementPort).toBe(
      38_728,
    );
  });

  it('that is shared since before may stay: the device is changed otherwise', async () => {
    const { devices } = test.inventory;
    const old = await devices.create(operator, alias({ address: '10.73.200.2' }));
    await test.database.db.updateTable('devices').set({ address: foreignAddress }).where('id', '=', old.entity.id).execute(); // prettier-ignore
    expect((await devices.update(operator, old.name, { vendor: 'MikroTik', address: foreignAddress })).entity.vendor).toBe('MikroTik'); // prettier-ignore
    await devices.remove(operator, old.name);
  });

  it('is given to one of many who want it at the same moment', async () => {
    const { devices } = test.inventory;
    const ended = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => devices.create(operator, alias({ address: '10.73.200.3', port: at + 1 }))),
    );
    expect(ended.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('is none to which a rollout moves a device, and its holder is named to who may see it only', async () => {
    const { devices, managementAddresses } = test.inventory;
    const { id, address } = (await devices.get(system, own)).entity;
    const village = (await devices.get(system, 'rtr-73-08-02-1001-01')).entity;
    expect(await managementAddresses.holderOf(id, '10.73.210.1')).toBeNull();
    expect(await managementAddresses.holderOf(id, address)).toBeNull();
    expect(await managementAddresses.holderOf(id, `::ffff:${village.address}`)).toBe(village.name);
    expect(await managementAddresses.holderOf(village.id, foreignAddress)).toBe('…');
  });
});

function hexOf(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
