import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../domain/access.ts';
import type { ContactId, SiteId } from '../../domain/ids.ts';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';

const system = systemAccess('test');

describe('a collection of the inventory', () => {
  let test: TestInventory;
  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
  });
  afterAll(() => test.close());

  const site = (code: string, region = '73.08.02.1001') =>
    ({ code, name: `Situs ${code}`, kind: 'pop', network: 'smart-city', rolloutStatus: 'active', region }) as const;
  const log = (entityId: string) => test.audit.list(system, { limit: 100, entityId });

  it('keeps in the audit log who changed what from what to what, and why', async () => {
    const operator = accessOf('operator', '73.08.02');
    const made = await test.inventory.sites.create(operator, site('a'), { reason: 'baru' });
    await test.inventory.sites.update(operator, 'a', { name: 'Lain', tags: ['x'] }, { reason: 'salah ketik' });
    await test.inventory.sites.remove(operator, 'a');
    const [removed, updated, created] = await log(made.entity.id);
    expect(created).toMatchObject({ action: 'create', reason: 'baru', before: null, regionCode: '73.08.02.1001' });
    expect(updated).toMatchObject({
      action: 'update',
      actorName: operator.name,
      reason: 'salah ketik',
      before: { name: 'Situs a', tags: [] },
      after: { name: 'Lain', tags: ['x'] },
    });
    expect(removed).toMatchObject({ action: 'remove', after: null });
  });

  it('makes no entry and no new version of a change that changes nothing', async () => {
    const made = await test.inventory.sites.create(system, site('b'));
    const version = () => test.database.db.selectFrom('inventory_version').select('version').executeTakeFirst();
    const before = await version();
    await test.inventory.sites.update(system, 'b', { name: 'Situs b' });
    expect(await version()).toEqual(before);
    expect(await log(made.entity.id)).toHaveLength(1);
  });

  it('undoes everything of a write that is refused at its end', async () => {
    const operator = accessOf('operator', '73.08.02');
    await expect(test.inventory.sites.create(operator, site('c', '73.08.03.1001'))).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'inventory.outside-regions',
    });
    await expect(test.inventory.sites.get(system, 'c')).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('lets one of two writers win who saw the same version, and tells the other', async () => {
    const { version } = await test.inventory.sites.create(system, site('d'));
    const writes = await Promise.allSettled([
      test.inventory.sites.update(system, 'd', { name: 'Satu' }, { version }),
      test.inventory.sites.update(system, 'd', { name: 'Dua' }, { version }),
    ]);
    expect(writes.map((write) => write.status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = writes.find((write) => write.status === 'rejected');
    expect(refused?.reason).toMatchObject({ kind: 'stale', code: 'inventory.stale-version' });
  });

  it('reads pages that neither repeat nor lose a row, whatever is written meanwhile', async () => {
    for (let index = 0; index < 25; index++) {
      await test.inventory.sites.create(system, { ...site(`p${String(index).padStart(2, '0')}`), tags: ['paged'] });
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test.inventory.sites.list(system, {
        filter: { tag: 'paged' },
        sort: 'name',
        descending: true,
        page: { limit: 4, cursor },
      });
      seen.push(...page.items.map((one) => one.code));
      cursor = page.next ?? undefined;
      // Before the place of the cursor: a page by offset would repeat a row now.
      await test.inventory.sites.create(system, { ...site(`q${seen.length}`), name: 'Situs z', tags: ['paged'] });
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `p${String(24 - index).padStart(2, '0')}`));
  });

  it('takes typed wildcards as plain characters', async () => {
    expect((await test.inventory.sites.list(system, { filter: { q: '%' } })).items).toEqual([]);
    expect((await test.inventory.sites.list(system, { filter: { q: 'p0_' } })).items).toEqual([]);
    expect((await test.inventory.sites.list(system, { filter: { q: 'SITUS p03' } })).items).toHaveLength(1);
  });

  describe('of things that sites share', () => {
    it('shows a contact to who reads one of its sites, and lets only who writes all of them change it', async () => {
      const operator = accessOf('operator', '73.08.02');
      const mine = await test.inventory.contacts.create(operator, { name: 'Baso' });
      expect((await test.inventory.contacts.list(operator)).items.map((one) => one.name)).toEqual(['Baso']);
      await test.inventory.sites.create(operator, { ...site('k1'), contactIds: [mine.entity.id] });
      await test.inventory.contacts.update(operator, 'Baso', { phone: '1' });
      await test.inventory.sites.create(system, { ...site('k2', '73.08.03.1001'), contactIds: [mine.entity.id] });
      await expect(test.inventory.contacts.update(operator, 'Baso', { phone: '2' })).rejects.toMatchObject({
        kind: 'forbidden',
      });
      const neighbour = accessOf('viewer', '73.08.03');
      expect((await test.inventory.contacts.list(neighbour)).items.map((one) => one.phone)).toEqual(['1']);
      const stranger = accessOf('viewer', '73.08.04');
      expect((await test.inventory.contacts.list(stranger)).items).toEqual([]);
    });

    it('opens no way to a stranger’s contact by its id', async () => {
      const foreign = await test.inventory.contacts.create(system, { name: 'Rahasia', phone: '0812' });
      const operator = accessOf('operator', '73.08.02');
      const draft = { ...site('k3'), contactIds: [foreign.entity.id] };
      await expect(test.inventory.sites.create(operator, draft)).rejects.toMatchObject({ code: 'contact.not-found' });
      const unknown = '01939f2e-0000-7000-8000-000000000001' as ContactId;
      await expect(test.inventory.sites.create(system, { ...draft, contactIds: [unknown] })).rejects.toMatchObject({
        kind: 'invalid',
      });
    });
  });

  it('refuses with a sentence what the schema of the database refuses', async () => {
    const missing = '01939f2e-0000-7000-8000-000000000001' as SiteId;
    await expect(
      test.inventory.devices.create(system, { name: 'x', siteId: missing, role: 'ups', protocol: 'none' }),
    ).rejects.toMatchObject({ kind: 'invalid', message: `There is no site with the id ${missing}.` });
    await expect(test.inventory.sites.create(system, { ...site('z'), region: '73.08.99' })).rejects.toMatchObject({
      code: 'site.region-missing',
    });
    await expect(test.inventory.sites.create(system, { ...site('z'), name: 'a\0b' })).rejects.toMatchObject({
      code: 'request.bad-text',
    });
    const at = await test.inventory.sites.get(system, 'b');
    const router = { siteId: at.entity.id, role: 'router', protocol: 'snmp' } as const;
    await expect(
      test.inventory.devices.create(system, { ...router, name: 'x', address: '10.0.0' }),
    ).rejects.toMatchObject({
      code: 'device.bad-address',
    });
    await expect(test.inventory.devices.create(system, { ...router, name: 'x' })).rejects.toMatchObject({
      code: 'device.address-needed',
    });
    await expect(
      test.inventory.devices.create(system, { ...router, name: 'x', protocol: 'mqtt', serial: 'a/#' }),
    ).rejects.toMatchObject({ code: 'device.serial-needed' });
  });

  it('lets an interface carry one link, and keeps a device that carries one', async () => {
    const at = (await test.inventory.sites.get(system, 'b')).entity.id;
    const ends = [];
    for (const name of ['l1', 'l2', 'l3']) {
      const device = await test.inventory.devices.create(system, {
        name,
        siteId: at,
        role: 'switch',
        protocol: 'none',
      });
      ends.push((await test.inventory.interfaces.create(system, { deviceId: device.entity.id, name: 'p1' })).entity.id);
    }
    const [a, b, c] = ends.map((interfaceId) => ({ interfaceId }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three ends were made');
    const link = { medium: 'copper', capacityBps: 1e9 } as const;
    await test.inventory.links.create(system, { ...link, name: 'l1--l2', a, b });
    await expect(test.inventory.links.create(system, { ...link, name: 'l2--l3', a: b, b: c })).rejects.toMatchObject({
      code: 'link.end-taken',
    });
    await expect(test.inventory.links.create(system, { ...link, name: 'l3--l3', a: c, b: c })).rejects.toMatchObject({
      code: 'link.same-ends',
    });
    await expect(test.inventory.devices.remove(system, 'l1')).rejects.toMatchObject({
      message: 'The device l1 still carries 1 link: remove or move those first.',
    });
    await test.inventory.links.update(system, 'l1--l2', { b: c });
    await test.inventory.devices.remove(system, 'l2');
    await test.inventory.links.remove(system, 'l1--l2');
    await test.inventory.devices.remove(system, 'l1');
  });

  it('leaves an audit log that verifies', async () => {
    expect(await test.audit.verify()).toMatchObject({ ok: true });
  });
});
