import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { array, assert, double, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeGeography, type Geography } from './geography.ts';
import type { Area } from './plane.ts';
import { areaOf, contains } from './rings.ts';
import type { RegionPoint } from './source.ts';

const centroids = fileURLToPath(new URL('../../data/regions/73.08-positions.csv', import.meta.url));
const boundaries = fileURLToPath(new URL('../../../shared/geo/bone-villages.geojson', import.meta.url));

function bone(): RegionPoint[] {
  return readFileSync(centroids, 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => {
      const [code = '', name = '', latitude, longitude] = line.split(',');
      return { code, name, latitude: Number(latitude), longitude: Number(longitude) };
    });
}

const compute = (points: RegionPoint[]) => {
  const geography = computeGeography({ points, boundaries: [], boundariesSource: null });
  if (!geography) throw new Error('no geography');
  return geography;
};

const areas = (geometry: { coordinates: number[][][][] } | undefined) =>
  (geometry?.coordinates ?? []) as never as Area[];
const size = (list: Area[]) => list.reduce((sum, area) => sum + areaOf(area), 0);
const total = (map: Geography['cells']) => [...map.values()].reduce((sum, cell) => sum + size(areas(cell)), 0);

describe.skipIf(!existsSync(centroids))('territories of Bone from its points', () => {
  const points = bone();
  const villages = points.filter((p) => p.code.length > 8);
  const geography = compute(points);

  it('gives every village one territory in which it lies', () => {
    expect(geography.cells.size).toBe(372);
    for (const village of villages) {
      const cell = areas(geography.cells.get(village.code));
      expect(cell.length, village.name).toBe(1);
      expect(
        cell.some((area) => contains(area, [village.longitude, village.latitude])),
        village.name,
      ).toBe(true);
    }
  });

  it('draws one coast, as the design does: corners by 620 m', () => {
    expect(geography.coast.coordinates).toHaveLength(1);
    expect(geography.cornerKm).toBeCloseTo(0.62, 1);
    const [west, south, east, north] = geography.bounds;
    expect([west, south, east, north].map((v) => Math.round(v * 10) / 10)).toEqual([119.7, -5.1, 120.4, -4.2]);
  });

  it('covers the coast with cells, districts and the regency alike', () => {
    const land = size(areas(geography.coast));
    // Rounded corners take a few percent.
    expect(total(geography.cells) / land).toBeGreaterThan(0.93);
    expect(total(geography.cells) / land).toBeLessThan(1);
    expect(total(geography.districts) / land).toBeGreaterThan(0.98);
    expect(geography.districts.size).toBe(27);
    expect(total(geography.regencies) / land).toBeGreaterThan(0.995);
    expect([...geography.regencies.keys()]).toEqual(['73.08']);
  });

  it('shares each edge between two villages, or between one and the outside', () => {
    const outside = geography.edges.filter(([, right]) => right === '');
    expect(outside.length).toBeGreaterThan(50);
    const pairs = geography.edges.map(([left, right]) => [left, right].toSorted().join('|'));
    // Two villages meet in one line; where a third pokes in between, in two.
    expect(new Set(pairs).size).toBeGreaterThan(pairs.length * 0.9);
    for (const [left, right] of geography.edges) expect(left).not.toBe(right);
  });

  it('is the same every time', () => {
    expect(JSON.stringify(compute(bone()).edges)).toBe(JSON.stringify(geography.edges));
  });
});

describe('territories of few or odd points', () => {
  const at = (i: number, latitude: number, longitude: number): RegionPoint => ({
    code: `73.08.01.${2001 + i}`,
    name: `Desa ${i}`,
    latitude,
    longitude,
  });

  it('are discs for fewer than three', () => {
    const one = compute([at(0, -4.5, 120)]);
    expect(one.cells.get('73.08.01.2001')?.coordinates[0]?.[0]?.length).toBeGreaterThan(30);
    expect(one.districts.size).toBe(1);
    expect(compute([at(0, -4.5, 120), at(1, -4.51, 120)]).cells.size).toBe(2);
  });

  it('do not exist without points', () => {
    expect(computeGeography({ points: [], boundaries: [], boundariesSource: null })).toBeNull();
  });

  it('give two villages at one point a territory each', () => {
    const same = compute([at(0, -4.5, 120), at(1, -4.5, 120), at(2, -4.52, 120.02), at(3, -4.53, 120)]);
    for (const cell of same.cells.values()) expect(size(areas(cell))).toBeGreaterThan(0);
  });

  it('survive points in one line', () => {
    const line = compute(Array.from({ length: 8 }, (_, i) => at(i, -4.5, 120 + i * 0.03)));
    expect([...line.cells.values()].every((cell) => cell.coordinates.length > 0)).toBe(true);
  });

  it('never overlap, cover the land and lose no village, whatever the points', () => {
    const point = record({
      latitude: double({ min: -4.8, max: -4.4, noNaN: true }),
      longitude: double({ min: 119.9, max: 120.4, noNaN: true }),
    });
    assert(
      property(array(point, { minLength: 3, maxLength: 40 }), (list) => {
        const geography = compute(list.map((p, i) => at(i, p.latitude, p.longitude)));
        const land = size(areas(geography.coast));
        expect(total(geography.cells)).toBeLessThan(land * 1.001);
        expect(total(geography.regencies) / land).toBeGreaterThan(0.97);
        expect(total(geography.regencies) / land).toBeLessThan(1.001);
        for (const cell of geography.cells.values()) expect(cell.coordinates.length).toBeGreaterThan(0);
      }),
      {
        numRuns: 40,
        // all but on one meridian
        examples: [[[-4.745247248052848, -4.689667610603248, -4.4746938339765805].map(onMeridian)]],
      },
    );
  });
});

/** Where the last digit of a longitude tells three places apart. */
function onMeridian(latitude: number, index: number): { latitude: number; longitude: number } {
  return { latitude, longitude: index === 0 ? 119.90000000000013 : 119.90000000000018 };
}

describe('territories from boundaries', () => {
  const square = (code: string, west: number, south: number) => ({
    code,
    geometry: {
      type: 'Polygon' as const,
      coordinates: [
        [
          [west, south],
          [west + 0.1, south],
          [west + 0.1, south + 0.1],
          [west, south + 0.1],
          [west, south],
        ],
      ],
    },
  });

  it('meet although their vertices differ by some metres', () => {
    const geography = computeGeography({
      points: [],
      boundaries: [square('73.08.01.2001', 120, -4.5), square('73.08.01.2002', 120.1001, -4.50008)],
      boundariesSource: 'a survey',
    });
    expect(geography?.kind).toBe('imported');
    expect(geography?.districts.get('73.08.01')?.coordinates).toHaveLength(1);
    expect(geography?.edges.filter(([left, right]) => left && right)).toHaveLength(1);
    expect(geography?.cornerKm).toBe(0);
  });

  it('meet where one has a vertex on the side of the other', () => {
    const geography = computeGeography({
      points: [],
      boundaries: [square('73.08.01.2001', 120, -4.5), square('73.08.01.2002', 120.1, -4.46)],
      boundariesSource: null,
    });
    expect(geography?.districts.get('73.08.01')?.coordinates).toHaveLength(1);
  });

  it('keep an enclave as a hole around it', () => {
    const inner = square('73.08.02.2001', 120.03, -4.47).geometry.coordinates[0]?.map(([x = 0, y = 0]) => [
      120.03 + (x - 120.03) * 0.4,
      -4.47 + (y + 4.47) * 0.4,
    ]);
    const outer = square('73.08.01.2001', 120, -4.5);
    const geography = computeGeography({
      points: [],
      boundaries: [
        { ...outer, geometry: { type: 'Polygon', coordinates: [...outer.geometry.coordinates, inner ?? []] } },
        { code: '73.08.02.2001', geometry: { type: 'Polygon', coordinates: [inner ?? []] } },
      ],
      boundariesSource: null,
    });
    expect(geography?.districts.get('73.08.01')?.coordinates[0]).toHaveLength(2);
    expect(geography?.coast.coordinates[0]).toHaveLength(1);
  });

  it.skipIf(!existsSync(boundaries))('of Bone join to 27 districts and one land (needs ../shared/geo)', () => {
    const file = JSON.parse(readFileSync(boundaries, 'utf8')) as {
      features: { properties: { k: string }; geometry: never }[];
    };
    const geography = computeGeography({
      points: [],
      boundaries: file.features.map((f) => ({ code: f.properties.k, geometry: f.geometry })),
      boundariesSource: null,
    });
    expect(geography?.cells.size).toBe(372);
    expect(geography?.districts.size).toBe(27);
    const parts = areas(geography?.coast).map(areaOf);
    expect(Math.max(...parts) / parts.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.99);
  });
});
