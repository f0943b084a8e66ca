import { distance, type Area, type Point, type Ring } from './plane.ts';

/** Square kilometres; positive when the ring runs counter-clockwise. */
export function signedArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i] as Point;
    const [bx, by] = ring[i + 1] as Point;
    sum += ax * by - bx * ay;
  }
  return sum / 2;
}

/** Area of an outer ring without its holes. */
export function areaOf(area: Area): number {
  return area.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * Math.abs(signedArea(ring)), 0);
}

/** Even-odd rule over all rings: holes are outside. */
export function contains(area: Area, [x, y]: Point): boolean {
  let inside = false;
  for (const ring of area) {
    for (let i = 0; i + 1 < ring.length; i++) {
      const [ax, ay] = ring[i] as Point;
      const [bx, by] = ring[i + 1] as Point;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

/** Douglas-Peucker on a closed ring: no point of the original is further than `tolerance` from what is left. */
export function simplify(ring: Ring, tolerance: number): Ring {
  if (ring.length < 6) return ring;
  const middle = ring.length >> 1;
  return [
    ...simplifyLine(ring.slice(0, middle + 1), tolerance),
    ...simplifyLine(ring.slice(middle), tolerance).slice(1),
  ];
}

/** Douglas-Peucker on an open line; its ends stay. */
export function simplifyLine(line: readonly Point[], tolerance: number): readonly Point[] {
  const keep = new Uint8Array(line.length);
  keep[0] = keep[line.length - 1] = 1;
  const open: [number, number][] = [[0, line.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    const [ax, ay] = line[from] as Point;
    const [bx, by] = line[to] as Point;
    const length = Math.hypot(bx - ax, by - ay);
    let far = 0;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const [x, y] = line[i] as Point;
      const d =
        length < 1e-9 ? Math.hypot(x - ax, y - ay) : Math.abs((by - ay) * (x - ax) - (bx - ax) * (y - ay)) / length;
      if (d > far) {
        far = d;
        at = i;
      }
    }
    if (far > tolerance) {
      keep[at] = 1;
      open.push([from, at], [at, to]);
    }
  }
  return line.filter((_, i) => keep[i]);
}

/** Chaikin's corner cutting on a closed ring. */
export function smooth(ring: Ring, times: number): Ring {
  let points = ring.slice(0, -1);
  for (let n = 0; n < times; n++) {
    const next: Point[] = [];
    points.forEach((a, i) => {
      const b = points[(i + 1) % points.length] as Point;
      next.push(
        [a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25],
        [a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75],
      );
    });
    points = next;
  }
  return closed(points);
}

/**
 * Corners rounded by a fixed radius in kilometres, so that large and small territories look of one hand, and computed
 * rather than surveyed.
 */
export function roundCorners(ring: Ring, radius: number): Ring {
  const points = ring.slice(0, -1);
  if (radius <= 0 || points.length < 3) return ring;
  const out: Point[] = [];
  points.forEach((corner, i) => {
    const before = points[(i + points.length - 1) % points.length] as Point;
    const after = points[(i + 1) % points.length] as Point;
    const start = towards(corner, before, radius);
    const end = towards(corner, after, radius);
    for (const t of [0, 0.25, 0.5, 0.75, 1]) {
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
      out.push([a * start[0] + b * corner[0] + c * end[0], a * start[1] + b * corner[1] + c * end[1]]);
    }
  });
  return closed(out);
}

function towards(from: Point, to: Point, radius: number): Point {
  const length = distance(from, to);
  const share = length === 0 ? 0 : Math.min(radius, length * 0.45) / length;
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function closed(points: readonly Point[]): Ring {
  const first = points[0];
  return first ? [...points, first] : points;
}

/** Rings of any nesting sorted into areas: counter-clockwise ones are outer, clockwise ones holes of the smallest around. */
export function areasFromRings(rings: readonly Ring[]): Area[] {
  const outers = rings
    .filter((ring) => signedArea(ring) > 0)
    .map((ring) => ({ ring, size: signedArea(ring), holes: [] as Ring[] }))
    .toSorted((a, b) => a.size - b.size);
  for (const hole of rings) {
    if (signedArea(hole) >= 0) continue;
    const [a, b] = hole;
    if (!a || !b) continue;
    // A hole may touch its outer ring in a corner: ask for the middle of an edge.
    const probe: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    outers.find((outer) => outer.size > -signedArea(hole) && contains([outer.ring], probe))?.holes.push(hole);
  }
  return outers.map(({ ring, holes }) => [ring, ...holes]);
}
