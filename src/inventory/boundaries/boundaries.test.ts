import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../domain/access.ts';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { isInside, pointInside, type PolygonRings } from './geometry.ts';

const system = systemAccess('test');
const geo = new URL('../../../../shared/geo/', import.meta.url);

const square = (x: number, y: number, size = 0.1) => [
  [x, y],
  [x + size, y],
  [x + size, y + size],
  [x, y + size],
  [x, y],
];
const feature = (code: unknown, coordinates: unknown, type = 'Polygon') => ({
  type: 'Feature',
  properties: { nm: 'x', k: code },
  geometry: { type, coordinates },
});
const collection = (...features: object[]) => JSON.stringify({ type: 'FeatureCollection', features }, null, 1);

describe('importing boundaries', () => {
  let test: TestInventory;
  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
  });
  afterAll(() => test.close());
  const load = (text: string, more: object = {}) =>
    test.inventory.boundaries.import(system, text, { source: 'test', ...more });

  it.skipIf(!existsSync(geo))(
    'takes all 372 desa and kelurahan and 27 kecamatan of Bone (skipped where ../shared/geo is absent)',
    async () => {
      const villages = readFileSync(new URL('bone-villages.geojson', geo), 'utf8');
      const districts = readFileSync(new URL('bone-districts.geojson', geo), 'utf8');
      const source = 'cahyadsn/wilayah_boundaries (MIT)';
      expect(await load(villages, { source, dryRun: true })).toMatchObject({ created: 372, property: 'k' });
      expect(await load(villages, { source })).toMatchObject({ created: 372, replaced: 0, placed: 0 });
      expect(await load(districts, { source })).toMatchObject({ created: 27 });
      expect(await load(districts, { source })).toMatchObject({ created: 0, replaced: 0, unchanged: 27 });
      expect(await test.inventory.boundaries.status(system)).toMatchObject({
        regions: { district: 27, village: 372 },
        sources: [{ source, regions: 399 }],
      });
      const geography = await test.inventory.geography.read();
      expect(geography.boundaries).toHaveLength(399);
      expect(geography.boundariesSource).toBe(source);
      expect(await test.inventory.boundaries.remove(system, '73.08')).toBe(399);
    },
  );

  it('finds the property with the code, with or without dots', async () => {
    const kemendagri = (kode: unknown) => ({
      type: 'Feature',
      properties: { OBJECTID: 7, KODE_KEC: '73.08.02', KODE_DESA: kode, luas: 73 },
      geometry: { type: 'Polygon', coordinates: [square(120, -5)] },
    });
    expect(await load(collection(kemendagri(7308021001), kemendagri('7308022002')), { dryRun: true })).toMatchObject({
      property: 'KODE_DESA',
      created: 2,
    });
  });

  it('puts the point of a region that has none inside its boundary', async () => {
    await test.inventory.regions.setPoint(system, '73.08.02.1001', { latitude: null, longitude: null });
    const result = await load(
      collection(feature('73.08.02.1001', [square(120, -5)]), feature('73.08.03', [square(121, -5)])),
    );
    expect(result.placed).toBe(1);
    const { entity } = await test.inventory.regions.get(system, '73.08.02.1001');
    expect(entity).toMatchObject({ pointSource: 'boundary', hasBoundary: true });
    expect(entity.latitude).toBeCloseTo(-4.95, 6);
    expect(entity.longitude).toBeCloseTo(120.05, 6);
  });

  it('tells every wrong feature with its line, and imports nothing', async () => {
    const swapped = square(120, -5).map(([x, y]) => [y, x]);
    const text = collection(
      feature('73.08.02.2002', [square(120, -5)]),
      feature('73.08.02.2099', [square(120, -5)]),
      feature('73.08.02.2002', [square(120, -5)]),
      feature('Kahu', [square(120, -5)]),
      feature('73.08.02.2003', [swapped]),
      feature('73.08.02.2004', [square(120, -5).slice(0, 4)]),
      feature('73.08.02.2005', [square(205_000, 9_450_000, 100)]),
      feature('73.08.02.2006', [120, -5], 'Point'),
      feature('73.08.02.2007', [[['120', '-5']]]),
    );
    const error = await load(text).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ kind: 'invalid', code: 'boundary.refused', arguments: { count: 8 } });
    const details = (error as { details: { code: string; line: number }[] }).details;
    expect(details.map((detail) => detail.code).sort()).toEqual([
      'boundary.bad-ring',
      'boundary.does-not-exist',
      'boundary.duplicate',
      'boundary.no-code',
      'boundary.no-polygon',
      'boundary.open-ring',
      'boundary.out-of-range',
      'boundary.swapped',
    ]);
    const lines = text.split('\n');
    const duplicate = details.find((detail) => detail.code === 'boundary.duplicate');
    expect(lines[(duplicate?.line ?? 0) - 1]).toBe('  {');
    expect(lines.slice(0, duplicate?.line).filter((line) => line === '  {')).toHaveLength(3);
    expect((await test.inventory.regions.get(system, '73.08.02.2002')).entity.hasBoundary).toBe(false);
  });

  it.each([
    ['{', 'boundary.syntax'],
    ['[]', 'boundary.not-a-collection'],
    [
      '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":"x"}}]}',
      'boundary.no-code-property',
    ],
    ['{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:32751"}},"features":[]}', 'boundary.wrong-crs'],
  ])('refuses what is no such file: %s', async (text, code) => {
    await expect(load(text)).rejects.toMatchObject({ kind: 'invalid', code });
  });

  it('takes one file at a time, and tells how far it is', async () => {
    const text = collection(feature('73.08.02.2002', [square(120, -5)]));
    const first = load(text, { dryRun: true });
    await expect(load(text, { dryRun: true })).rejects.toMatchObject({ kind: 'conflict', code: 'boundary.running' });
    const { running } = await test.inventory.boundaries.status(system);
    expect(running).toMatchObject({ phase: expect.stringMatching(/^(reading|keeping)$/) });
    expect((await first).created).toBe(1);
    expect((await test.inventory.boundaries.status(system)).running).toBeNull();
  });

  it('knows a boundary again, however its numbers are written', async () => {
    const text = collection(feature('73.08.02.2002', [square(120, -5)]));
    expect(await load(text, { source: 'same' })).toMatchObject({ created: 1 });
    const other = text.replace('120.1', '1.201e2');
    expect(other).not.toBe(text);
    expect(await load(other, { source: 'same', dryRun: true })).toMatchObject({ unchanged: 1, replaced: 0 });
    expect(await load(other, { source: 'same' })).toMatchObject({ unchanged: 1, replaced: 0 });
    expect(await load(other, { source: 'other' })).toMatchObject({ unchanged: 0, replaced: 1 });
    expect(await test.inventory.boundaries.remove(system, '73.08.02.2002')).toBe(1);
  });

  it('keeps to the writer’s regions, or leaves the rest out when asked to', async () => {
    const operator = accessOf('operator', '73.08.02');
    const text = collection(feature('73.08.02.2002', [square(120, -5)]), feature('73.08.03.1001', [square(121, -5)]));
    await expect(test.inventory.boundaries.import(operator, text, { source: 'x' })).rejects.toMatchObject({
      code: 'boundary.refused',
    });
    const result = await test.inventory.boundaries.import(operator, text, { source: 'x', ignoreUnknown: true });
    expect(result).toMatchObject({ created: 1, ignored: 1 });
  });
});

describe('the point inside a boundary', () => {
  it('lies inside also where the centroid does not: in a horseshoe', () => {
    const horseshoe: PolygonRings = [
      [
        [0, 0],
        [10, 0],
        [10, 10],
        [9, 10],
        [9, 1],
        [1, 1],
        [1, 10],
        [0, 10],
        [0, 0],
      ],
    ];
    const point = pointInside([horseshoe]);
    expect(isInside(horseshoe, point.longitude, point.latitude)).toBe(true);
  });

  it('lies inside any star-shaped polygon, wherever it is', () => {
    const radii = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 3, maxLength: 20 });
    const at = fc.tuple(fc.double({ min: 95, max: 141, noNaN: true }), fc.double({ min: -11, max: 6, noNaN: true }));
    fc.assert(
      fc.property(radii, at, (lengths, [x, y]) => {
        const ring = lengths.map((length, index) => {
          const angle = (index / lengths.length) * 2 * Math.PI;
          return [x + length * Math.cos(angle), y + length * Math.sin(angle)];
        });
        const polygon: PolygonRings = [[...ring, ring[0] ?? []]];
        const point = pointInside([polygon]);
        expect(isInside(polygon, point.longitude, point.latitude)).toBe(true);
      }),
    );
  });
});
