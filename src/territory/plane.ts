/** A point in kilometres on the plane of a `Projection`: x to the east, y to the north. */
export type Point = readonly [x: number, y: number];
/** A closed ring: its last point repeats the first. */
export type Ring = readonly Point[];
/** An outer ring and its holes. */
export type Area = readonly Ring[];

/** An equirectangular plane around a middle latitude: within a regency true to a metre, across the country good enough
 * for territories that are computed from points anyway. */
export interface Projection {
  toPlane(longitude: number, latitude: number): Point;
  toDegrees(point: Point): [longitude: number, latitude: number];
}

const kmPerDegree = 111.32;

export function projectionAround(latitude: number, longitude: number): Projection {
  const kx = kmPerDegree * Math.cos((latitude * Math.PI) / 180);
  const ky = 110.574;
  return {
    toPlane: (lon, lat) => [(lon - longitude) * kx, (lat - latitude) * ky],
    toDegrees: ([x, y]) => [longitude + x / kx, latitude + y / ky],
  };
}

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

export function boxOf(points: Iterable<Point>): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const [x, y] of points) {
    if (x < box.west) box.west = x;
    if (x > box.east) box.east = x;
    if (y < box.south) box.south = y;
    if (y > box.north) box.north = y;
  }
  return box;
}

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
