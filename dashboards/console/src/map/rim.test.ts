import { describe, expect, it } from 'vitest';
import { inside, Rims } from './rim.ts';

/** A grid of square territories, 0.1 degrees wide; code `x,y`. Each side is an edge with the territory on its left. */
function grid(width: number, height: number) {
  const edges: [string, string, number[]][] = [];
  const code = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? '' : `${x},${y}`);
  const at = (x: number, y: number) => [x / 10, y / 10];
  for (let x = 0; x <= width; x++) {
    for (let y = 0; y <= height; y++) {
      // To the north: the territory west of it lies on its left.
      const [west, east] = [code(x - 1, y), code(x, y)];
      if (west) edges.push([west, east, [...at(x, y), ...at(x, y + 1)]]);
      else if (east) edges.push([east, west, [...at(x, y + 1), ...at(x, y)]]);
      const [south, north] = [code(x, y - 1), code(x, y)];
      if (north) edges.push([north, south, [...at(x, y), ...at(x + 1, y)]]);
      else if (south) edges.push([south, north, [...at(x + 1, y), ...at(x, y)]]);
    }
  }
  return { edges, cornerKm: 0, bounds: [0, 0, width / 10, height / 10] as const };
}

describe('Rims', () => {
  const rims = new Rims(grid(5, 5));

  it('draws nothing when nothing is dark', () => {
    expect(rims.areas(new Set())).toEqual([]);
  });

  it('draws one rim around territories that touch', () => {
    const [area, ...others] = rims.areas(new Set(['1,1', '2,1', '2,2']));
    expect(others).toEqual([]);
    expect(area?.rings).toHaveLength(1);
    expect(area?.rings[0]).toHaveLength(9);
  });

  it('draws two where they only meet in a corner', () => {
    expect(rims.areas(new Set(['1,1', '2,2']))).toHaveLength(2);
  });

  it('leaves a hole around what still lives inside', () => {
    const around = ['1,1', '2,1', '3,1', '1,2', '3,2', '1,3', '2,3', '3,3'];
    const areas = rims.areas(new Set(around));
    expect(areas).toHaveLength(1);
    expect(areas[0]?.rings).toHaveLength(2);
  });

  it('puts the label inside the dark and never in its hole', () => {
    const around = ['1,1', '2,1', '3,1', '1,2', '3,2', '1,3', '2,3', '3,3'];
    const [area] = rims.areas(new Set(around));
    const [outer = [], hole = []] = area?.rings ?? [];
    expect(area?.labelAt().length).toBeGreaterThan(0);
    for (const place of area?.labelAt() ?? []) {
      expect(inside(outer, place)).toBe(true);
      expect(inside(hole, place)).toBe(false);
    }
  });

  it('rounds corners without leaving the territory', () => {
    const round = new Rims({ ...grid(5, 5), cornerKm: 2 });
    const [area] = round.areas(new Set(['2,2']));
    const ring = area?.rings[0] ?? [];
    expect(ring.length).toBeGreaterThan(16);
    for (const [x = 0, y = 0] of ring) {
      expect(x).toBeGreaterThanOrEqual(0.2 - 1e-9);
      expect(x).toBeLessThanOrEqual(0.3 + 1e-9);
      expect(y).toBeGreaterThanOrEqual(0.2 - 1e-9);
      expect(y).toBeLessThanOrEqual(0.3 + 1e-9);
    }
  });
});
