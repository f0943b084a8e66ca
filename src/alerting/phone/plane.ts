/** Half pixels, y down. */
export type Point = readonly [x: number, y: number];

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Degrees to half pixels: equirectangular around the middle of what has to be seen. */
export type Projection = (longitude: number, latitude: number) => Point;

const kmPerLatitude = 110.574;
const kmPerLongitude = 111.32;

/** All places are inside, with a margin; a single one is shown with `leastKm` around it. */
export function projectionFor(
  places: readonly { readonly longitude: number; readonly latitude: number }[],
  box: Box,
  options: { readonly marginShare: number; readonly leastKm: number },
): Projection {
  const longitudes = places.map((place) => place.longitude);
  const latitudes = places.map((place) => place.latitude);
  const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const span = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const [east, north] = [middle(longitudes), middle(latitudes)];
  const perLongitude = kmPerLongitude * Math.cos((north * Math.PI) / 180);
  const room = 1 - 2 * options.marginShare;
  const scale = Math.min(
    (box.width * room) / Math.max(span(longitudes) * perLongitude, options.leastKm),
    (box.height * room) / Math.max(span(latitudes) * kmPerLatitude, (options.leastKm * box.height) / box.width),
  );
  return (longitude, latitude) => [
    box.width / 2 + (longitude - east) * perLongitude * scale,
    box.height / 2 - (latitude - north) * kmPerLatitude * scale,
  ];
}

/** A ring cut to a box (Sutherland and Hodgman, 1974). What lies outside comes back as its sides. */
export function clipRing(ring: readonly Point[], box: Box, margin: number): Point[] {
  const sides: readonly [axis: 0 | 1, limit: number, sign: 1 | -1][] = [
    [0, -margin, 1],
    [0, box.width + margin, -1],
    [1, -margin, 1],
    [1, box.height + margin, -1],
  ];
  let points = [...ring];
  for (const [axis, limit, sign] of sides) {
    const inside = (point: Point) => (point[axis] - limit) * sign >= 0;
    points = points.flatMap((point, index): Point[] => {
      const before = points.at(index - 1) ?? point;
      if (inside(point) === inside(before)) return inside(point) ? [point] : [];
      const share = (limit - before[axis]) / (point[axis] - before[axis]);
      const crossing: Point = [before[0] + (point[0] - before[0]) * share, before[1] + (point[1] - before[1]) * share];
      return inside(point) ? [crossing, point] : [crossing];
    });
  }
  return points;
}

export function touches(line: readonly Point[], box: Box, margin: number): boolean {
  const [xs, ys] = [line.map(([x]) => x), line.map(([, y]) => y)];
  return (
    Math.max(...xs) > -margin &&
    Math.min(...xs) < box.width + margin &&
    Math.max(...ys) > -margin &&
    Math.min(...ys) < box.height + margin
  );
}

const text = (point: Point) => `${Math.round(point[0])} ${Math.round(point[1])}`;

/** Points that fall on the one before are left out: a phone shows no less without them. */
export function linePath(points: readonly Point[]): string {
  const shown = points.map(text).filter((one, index, all) => one !== all[index - 1]);
  return shown.length < 2 ? '' : `M${shown.join('L')}`;
}

export function ringPath(points: readonly Point[]): string {
  const path = linePath(points);
  return path === '' ? '' : `${path}Z`;
}

/** A ring with its corners rounded, as computed territories are drawn. */
export function roundedRingPath(ring: readonly Point[], radius: number): string {
  const corners = ring.filter((point, index) => {
    const before = ring.at(index - 1) ?? point;
    return Math.hypot(point[0] - before[0], point[1] - before[1]) > 1.5;
  });
  if (corners.length < 3) return '';
  const towards = (from: Point, to: Point): Point => {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    const share = Math.min(radius, length * 0.45) / length;
    return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
  };
  const parts = corners.map((corner, index) => {
    const start = towards(corner, corners.at(index - 1) ?? corner);
    const end = towards(corner, corners[(index + 1) % corners.length] ?? corner);
    return `${index === 0 ? 'M' : 'L'}${text(start)}Q${text(corner)} ${text(end)}`;
  });
  return `${parts.join('')}Z`;
}
