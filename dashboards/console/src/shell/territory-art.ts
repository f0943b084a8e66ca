import type { TerritoryView } from '../../../../src/api/views.ts';

export interface Art {
  readonly viewBox: string;
  /** Outer edges joined into closed rings, for the tile colour and the rims. */
  readonly coast: string;
  readonly seams: string;
  readonly districts: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Every quarter degree, at true positions. */
  readonly graticule: string;
  /** Where a place stands in it. */
  readonly place: (longitude: number, latitude: number) => { readonly x: number; readonly y: number };
}

const unitsPerDegree = 1000;

/** Edges chained end to end into rings, so that the land can be filled. */
function rings(lines: readonly (readonly number[])[]): number[][] {
  const key = (x: number, y: number): string => `${x.toFixed(6)} ${y.toFixed(6)}`;
  const byEnd = new Map<string, number[]>();
  lines.forEach((line, index) => {
    for (const end of [key(line[0] ?? 0, line[1] ?? 0), key(line.at(-2) ?? 0, line.at(-1) ?? 0)]) {
      byEnd.set(end, [...(byEnd.get(end) ?? []), index]);
    }
  });
  const used = new Set<number>();
  const found: number[][] = [];
  lines.forEach((first, start) => {
    if (used.has(start)) return;
    used.add(start);
    const ring = [...first];
    for (;;) {
      const end = key(ring.at(-2) ?? 0, ring.at(-1) ?? 0);
      const next = byEnd.get(end)?.find((index) => !used.has(index));
      if (next === undefined) break;
      used.add(next);
      const line = lines[next] ?? [];
      const forward = key(line[0] ?? 0, line[1] ?? 0) === end;
      const points: number[][] = [];
      for (let at = 0; at + 1 < line.length; at += 2) points.push([line[at] ?? 0, line[at + 1] ?? 0]);
      if (!forward) points.reverse();
      ring.push(...points.slice(1).flat());
    }
    found.push(ring);
  });
  return found;
}

/** The public geography as the sign-in page draws it: cells, districts, coast, points. No states, no links. */
export function territoryArt(view: TerritoryView): Art {
  const [west, south, east, north] = view.bounds;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const x = (longitude: number): number => Math.round((longitude - west) * squeeze * unitsPerDegree * 10) / 10;
  const y = (latitude: number): number => Math.round((north - latitude) * unitsPerDegree * 10) / 10;
  const pathOf = (line: readonly number[], close = ''): string => {
    let path = '';
    for (let at = 0; at + 1 < line.length; at += 2)
      path += (at === 0 ? 'M' : 'L') + `${x(line[at] ?? 0)} ${y(line[at + 1] ?? 0)}`;
    return path + close;
  };
  const outer: (readonly number[])[] = [];
  let seams = '';
  let districts = '';
  for (const [left, right, line] of view.edges) {
    if (left === '' || right === '') outer.push(line);
    else if (left.slice(0, 8) === right.slice(0, 8)) seams += pathOf(line);
    else districts += pathOf(line);
  }
  const margin = 90;
  const width = x(east);
  const height = y(south);
  let graticule = '';
  for (let degree = Math.floor((west - 3) * 4) / 4; degree <= east + 3; degree += 0.25)
    graticule += `M${x(degree)} -4000V${height + 4000}`;
  for (let degree = Math.floor((south - 3) * 4) / 4; degree <= north + 3; degree += 0.25)
    graticule += `M-4000 ${y(degree)}H${width + 4000}`;
  return {
    viewBox: `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`,
    coast: rings(outer)
      .map((ring) => pathOf(ring, 'Z'))
      .join(''),
    seams,
    districts,
    points: view.regions
      .filter((region) => region.code.length > 8)
      .map((region) => ({ x: x(region.longitude), y: y(region.latitude) })),
    graticule,
    place: (longitude, latitude) => ({ x: x(longitude), y: y(latitude) }),
  };
}
