import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { accessOf, createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';

const system = systemAccess('test');

describe('the catalogue of regions', () => {
  let test: TestInventory;
  beforeAll(async () => {
    test = await createTestInventory();
  });
  afterAll(() => test.close());

  it('imports Kabupaten Bone with 27 kecamatan and 372 desa and kelurahan, each with its point', async () => {
    const result = await test.inventory.catalogue.import(system, '73.08');
    expect(result.regions).toEqual({ province: 0, regency: 1, district: 27, village: 372 });
    expect(result.created).toBe(1 + 1 + 27 + 372);
    expect(result.placed).toBe(399);
    const kahu = await test.inventory.regions.get(system, '73.08.02');
    expect(kahu.entity).toMatchObject({ name: 'Kahu', level: 'district', parentCode: '73.08', pointSource: 'default' });
  });

  it('changes nothing when it is repeated', async () => {
    const version = await test.database.db.selectFrom('inventory_version').select('version').executeTakeFirstOrThrow();
    const again = await test.inventory.catalogue.import(system, '73.08');
    expect(again).toMatchObject({ created: 0, renamed: 0, placed: 0, unchanged: 401 });
    expect(await test.database.db.selectFrom('inventory_version').select('version').executeTakeFirst()).toEqual(
      version,
    );
  });

  it('imports any other regency, and one kecamatan alone', async () => {
    const sinjai = await test.inventory.catalogue.import(system, '73.07');
    expect(sinjai.regions.regency).toBe(1);
    expect(sinjai.regions.village).toBeGreaterThan(50);
    const district = await test.inventory.catalogue.import(system, '11.01.01');
    expect(district.regions).toMatchObject({ province: 0, regency: 0, district: 1 });
    expect((await test.inventory.regions.get(system, '11')).entity.name).toBe('Aceh');
  });

  it('refuses what is no code, is not listed, or lies outside the writer’s regions', async () => {
    await expect(test.inventory.catalogue.import(system, '73.8')).rejects.toMatchObject({ code: 'region.bad-code' });
    await expect(test.inventory.catalogue.import(system, '73.99')).rejects.toMatchObject({ code: 'region.not-listed' });
    const operator = accessOf('operator', '73.08');
    await expect(test.inventory.catalogue.import(operator, '73')).rejects.toBeInstanceOf(ArungError);
    await expect(test.inventory.catalogue.import(accessOf('viewer', null), '73.08')).rejects.toMatchObject({
      kind: 'forbidden',
    });
  });

  it('keeps the point that a person gave, also when the import is repeated', async () => {
    await test.inventory.regions.setPoint(system, '73.08.02', { latitude: -5, longitude: 120 });
    await test.inventory.catalogue.import(system, '73.08');
    const kahu = await test.inventory.regions.get(system, '73.08.02');
    expect(kahu.entity).toMatchObject({ latitude: -5, longitude: 120, pointSource: 'person' });
  });

  it('moves a region and all below it to the code of a decree, and still finds it by the old one', async () => {
    const before = await test.inventory.regions.get(system, '73.07.01');
    const moved = await test.inventory.catalogue.recode(
      system,
      '73.07.01',
      '73.07.91',
      'Kepmendagri 300.2.2-2138/2025',
    );
    expect(moved).toBeGreaterThan(1);
    const after = await test.inventory.regions.get(system, '73.07.91');
    expect(after.entity.id).toBe(before.entity.id);
    expect((await test.inventory.regions.get(system, '73.07.01')).entity.code).toBe('73.07.91');
    const villages = await test.inventory.regions.list(system, { parent: '73.07.91' });
    expect(villages.items).toHaveLength(moved - 1);
  });

  it('shows a reader their regions, what lies below, and what stands above', async () => {
    const { items } = await test.inventory.regions.list(accessOf('viewer', '73.08.02'), { page: { limit: 1000 } });
    const codes = items.map((region) => region.code);
    expect(codes.slice(0, 3)).toEqual(['73', '73.08', '73.08.02']);
    expect(codes.slice(3).every((code) => code.startsWith('73.08.02.'))).toBe(true);
    expect((await test.inventory.regions.list(accessOf('viewer', '99'), {})).items).toEqual([]);
  });

  it('leaves an audit log that verifies', async () => {
    expect(await test.audit.verify()).toMatchObject({ ok: true });
  });
});
