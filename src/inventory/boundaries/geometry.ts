/** GeoJSON rings and polygons (RFC 7946): longitude first, WGS 84. */
export type Position = readonly number[];
export type Ring = readonly Position[];
export type PolygonRings = readonly Ring[];

/**
 * A point that lies inside, to put a name or a mark: the centroid of the largest part where that is inside, else the
 * middle of the widest piece of a cut through it.
 */
export function pointInside(polygons: readonly PolygonRings[]): { longitude: number; latitude: number } {
  const largest = polygons.reduce((a, b) => (Math.abs(areaOf(b[0] ?? [])) > Math.abs(areaOf(a[0] ?? [])) ? b : a));
  const centroid = centroidOf(largest[0] ?? []);
  if (isInside(largest, centroid.longitude, centroid.latitude)) return centroid;
  let best = centroid;
  let widest = 0;
  const latitudes = (largest[0] ?? []).map((position) => position[1] ?? 0);
  const low = Math.min(...latitudes);
  const high = Math.max(...latitudes);
  // Several cuts, since one may just touch a corner.
  for (let cut = 1; cut < 16; cut++) {
    const latitude = low + ((high - low) * cut) / 16;
    const crossings = crossingsAt(largest, latitude);
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      const from = crossings[index] ?? 0;
      const to = crossings[index + 1] ?? 0;
      if (to - from > widest) {
        widest = to - from;
        best = { longitude: (from + to) / 2, latitude };
      }
    }
  }
  return best;
}

/** Even-odd rule over all rings, so that holes count. */
export function isInside(polygon: PolygonRings, longitude: number, latitude: number): boolean {
  return crossingsAt(polygon, latitude).filter((crossing) => crossing > longitude).length % 2 === 1;
}

/** Where the rings cross a parallel, from west to east. */
function crossingsAt(polygon: PolygonRings, latitude: number): number[] {
  const crossings: number[] = [];
  for (const ring of polygon) {
    for (let index = 0; index + 1 < ring.length; index++) {
      const [x1 = 0, y1 = 0] = ring[index] ?? [];
      const [x2 = 0, y2 = 0] = ring[index + 1] ?? [];
      if (y1 > latitude === y2 > latitude) continue;
      crossings.push(x1 + ((latitude - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  return crossings.sort((a, b) => a - b);
}

/** Signed area by the shoelace formula, in square degrees. */
function areaOf(ring: Ring): number {
  let sum = 0;
  for (let index = 0; index + 1 < ring.length; index++) {
    const [x1 = 0, y1 = 0] = ring[index] ?? [];
    const [x2 = 0, y2 = 0] = ring[index + 1] ?? [];
    sum += x1 * y2 - x2 * y1;
  }
  return sum / 2;
}

function centroidOf(ring: Ring): { longitude: number; latitude: number } {
  // Relative to a corner: the products of small differences keep their digits.
  const [x0 = 0, y0 = 0] = ring[0] ?? [];
  let area = 0;
  let x = 0;
  let y = 0;
  for (let index = 0; index + 1 < ring.length; index++) {
    const [px = 0, py = 0] = ring[index] ?? [];
    const [qx = 0, qy = 0] = ring[index + 1] ?? [];
    const cross = (px - x0) * (qy - y0) - (qx - x0) * (py - y0);
    area += cross;
    x += (px + qx - 2 * x0) * cross;
    y += (py + qy - 2 * y0) * cross;
  }
  if (area === 0) return { longitude: x0, latitude: y0 };
  return { longitude: x0 + x / (3 * area), latitude: y0 + y / (3 * area) };
}
