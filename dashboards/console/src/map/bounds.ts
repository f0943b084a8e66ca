import type { TerritoryView } from '../../../../src/api/views.ts';
import type { Network } from './network.ts';

export type Bounds = readonly [west: number, south: number, east: number, north: number];

/** Degrees around sites, so that their dots do not touch the border. */
const margin = 0.03;

export function boundsOfSites(network: Network, ids: Iterable<string>): Bounds | null {
  const points: [number, number][] = [];
  for (const id of ids) {
    const site = network.siteById.get(id);
    if (site) points.push([site.longitude, site.latitude]);
  }
  const box = boundsOf(points);
  return box && [box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin];
}

/** Of a district or any coarser region, from the edges of its territories. */
export function boundsOfRegion(territory: TerritoryView, code: string): Bounds | null {
  const points: [number, number][] = [];
  for (const [left, right, line] of territory.edges) {
    if (!left.startsWith(code) && !right.startsWith(code)) continue;
    for (let i = 0; i + 1 < line.length; i += 2) points.push([line[i] ?? 0, line[i + 1] ?? 0]);
  }
  return boundsOf(points);
}

/**
 * What "the whole region" is: the part that the reader chose to look at, else the territory; for a reader of one
 * district that part of it in which their sites lie.
 */
export function homeOf(territory: TerritoryView, network: Network, scope: string | null): Bounds {
  const chosen = scope === null ? null : boundsOfRegion(territory, scope);
  if (chosen) return chosen;
  const own = boundsOfSites(network, network.siteById.keys());
  return own && area(own) < area(territory.bounds) / 2 ? own : territory.bounds;
}

const area = ([west, south, east, north]: Bounds) => (east - west) * (north - south);

function boundsOf(points: readonly (readonly [number, number])[]): Bounds | null {
  if (points.length === 0) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return [west, south, east, north];
}
