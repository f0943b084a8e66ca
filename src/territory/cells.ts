import { createRequire } from 'node:module';
import { Delaunay } from 'd3-delaunay';
import type * as Clipping from 'polygon-clipping';
import { boxOf, distance, type Area, type Box, type Point, type Ring } from './plane.ts';

// The package's ES build is not marked as one, and Node sees no names in its CommonJS build: load that one whole.
const clipping = createRequire(import.meta.url)('polygon-clipping') as typeof Clipping;

/**
 * The territory of each point: its Voronoi cell, cut by the coast. Inland cells are their Voronoi polygon; only those
 * that meet the coast are clipped, and against the piece of coast around them alone.
 */
export function cellsWithin(points: readonly Point[], coast: readonly Area[]): Area[][] {
  const reach = boxOf(coast.flatMap((area) => area.flat()));
  const bounds: [number, number, number, number] = [reach.west - 1, reach.south - 1, reach.east + 1, reach.north + 1];
  const voronoi = new Delaunay(apart(points).flat()).voronoi(bounds);
  const shores = coast.map((area) => ({ area, box: boxOf(area.flat()) }));
  return points.map((_, i) => {
    const cell = voronoi.cellPolygon(i) as Ring | null;
    if (!cell) return [];
    const box = boxOf(cell);
    return shores.flatMap(({ area, box: around }) => (overlap(box, around) ? cut(cell, box, area) : []));
  });
}

function cut(cell: Ring, box: Box, area: Area): Area[] {
  const margin = 0.01 + 0.1 * Math.max(box.east - box.west, box.north - box.south);
  const window = {
    west: box.west - margin,
    east: box.east + margin,
    south: box.south - margin,
    north: box.north + margin,
  };
  const near = area.map((ring) => clipToBox(ring, window)).filter((ring) => ring.length > 3);
  if (near.length === 0) return [];
  return intersection(cell, near);
}

/**
 * The sweep of polygon-clipping can fail on nearly collinear sides; on a coarser grid (1 cm, 10 cm, 1 m) it does not.
 */
function intersection(cell: Ring, area: Area): Area[] {
  let failure: unknown;
  for (const digits of [5, 4, 3]) {
    const onGrid = (ring: Ring) => ring.map(([x, y]): [number, number] => [round(x, digits), round(y, digits)]);
    try {
      return clipping.intersection([onGrid(cell)], area.map(onGrid));
    } catch (error) {
      failure = error;
    }
  }
  throw new Error('A territory could not be cut along the coast.', { cause: failure });
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

const overlap = (a: Box, b: Box) => a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;

/** Sutherland-Hodgman against the four sides; what it leaves along the sides lies outside the cell and does no harm. */
function clipToBox(ring: Ring, box: Box): Ring {
  const sides: [axis: 0 | 1, limit: number, sign: 1 | -1][] = [
    [0, box.west, 1],
    [0, box.east, -1],
    [1, box.south, 1],
    [1, box.north, -1],
  ];
  let points: Point[] = ring.slice(0, -1);
  for (const [axis, limit, sign] of sides) {
    const out: Point[] = [];
    points.forEach((b, i) => {
      const a = points[(i + points.length - 1) % points.length] as Point;
      const [da, db] = [(a[axis] - limit) * sign, (b[axis] - limit) * sign];
      if (da < 0 !== db < 0) {
        const t = da / (da - db);
        out.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
      }
      if (db >= 0) out.push(b);
    });
    points = out;
  }
  const first = points[0];
  return first ? [...points, first] : [];
}

/** Two villages at one point would leave the second without a cell: move it aside by a few metres. */
function apart(points: readonly Point[]): Point[] {
  const seen = new Set<string>();
  return points.map(([x, y]) => {
    let at: Point = [x, y];
    for (let n = 1; seen.has(at.map((v) => v.toFixed(4)).join()); n++) {
      at = [x + 0.05 * Math.cos(n * 2.4) * Math.sqrt(n), y + 0.05 * Math.sin(n * 2.4) * Math.sqrt(n)];
    }
    seen.add(at.map((v) => v.toFixed(4)).join());
    return at;
  });
}

/** The 95th percentile of the distance to the nearest neighbour; the measure of how thinly a land is settled. */
export function typicalSpacing(points: readonly Point[]): number {
  const delaunay = new Delaunay(apart(points).flat());
  const nearest = points
    .map((a, i) => Math.min(...[...delaunay.neighbors(i)].map((j) => distance(a, points[j] as Point))))
    .filter((d) => Number.isFinite(d))
    .toSorted((a, b) => a - b);
  return nearest[Math.min(nearest.length - 1, Math.floor(nearest.length * 0.95))] ?? 0;
}

/** For one or two points, from which no land can be told: a disc each, not touching. */
export function discs(points: readonly Point[], radius: number): Area[][] {
  return points.map((point, i) => {
    const others = points.filter((_, j) => j !== i).map((other) => distance(point, other));
    const r = Math.max(0.05, Math.min(radius, ...others.map((d) => d * 0.49)));
    const ring = Array.from({ length: 49 }, (_, k): Point => {
      const angle = ((k % 48) / 48) * 2 * Math.PI;
      return [point[0] + r * Math.cos(angle), point[1] + r * Math.sin(angle)];
    });
    return [[ring]];
  });
}
