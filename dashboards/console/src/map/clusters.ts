import type { MapSite } from '../../../../src/api/views.ts';
import { UP, wordOf, worse, type StateCode } from './states.ts';
import type { Network } from './network.ts';

export interface ClusterOfSites {
  /** Codes of the regions whose sites are in it. */
  readonly codes: readonly string[];
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly sites: number;
  readonly notUp: number;
  readonly worst: 'down' | 'unreachable' | 'unknown' | 'maintenance' | null;
}

interface Group {
  readonly codes: string[];
  name: string;
  longitude: number;
  latitude: number;
  readonly sites: MapSite[];
}

/** Clusters of one town merge: those nearer than this, in kilometres. */
const togetherKm = 4.5;

/**
 * Sites gathered by region code cut to `length` (8: kecamatan, 5: regency), at the place that stands for the region: its
 * own hub, else the middle of its sites.
 */
export function clusters(
  network: Network,
  length: number,
  nameOf: (code: string) => string,
  stateOf: (siteId: string) => StateCode,
): ClusterOfSites[] {
  const groups = new Map<string, Group>();
  for (const site of network.sites) {
    const code = site.regionCode.slice(0, length);
    const group = groups.get(code) ?? { codes: [code], name: nameOf(code), longitude: 0, latitude: 0, sites: [] };
    groups.set(code, group);
    group.sites.push(site);
  }
  const list = [...groups.values()].map(placed);
  const merged = length === 8 ? merge(list, network) : list;
  return merged.map(({ codes, name, longitude, latitude, sites }) => {
    const states = sites.map((site) => stateOf(site.id));
    const worst = wordOf(states.reduce<StateCode>(worse, UP));
    const notUp = states.filter((state) => state !== UP).length;
    return { codes, name, longitude, latitude, sites: sites.length, notUp, worst: worst === 'up' ? null : worst };
  });
}

function placed(group: Group): Group {
  const hub = group.sites.find((site) => site.kind === 'district');
  const mean = (pick: (site: MapSite) => number) =>
    group.sites.reduce((sum, s) => sum + pick(s), 0) / group.sites.length;
  group.longitude = hub?.longitude ?? mean((s) => s.longitude);
  group.latitude = hub?.latitude ?? mean((s) => s.latitude);
  return group;
}

function merge(groups: Group[], network: Network): Group[] {
  const root = network.root;
  const out: Group[] = [];
  // The data centre's own first, so that its town takes the name and the place.
  const rootFirst = groups.toSorted(
    (a, b) => Number(b.sites.includes(root as MapSite)) - Number(a.sites.includes(root as MapSite)),
  );
  for (const group of rootFirst) {
    const near = out.find((other) => apartKm(other, group) < togetherKm);
    if (!near) out.push(group);
    else {
      near.codes.push(...group.codes);
      near.sites.push(...group.sites);
    }
  }
  return out;
}

function apartKm(a: Group, b: Group): number {
  const kx = 111.32 * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot((a.longitude - b.longitude) * kx, (a.latitude - b.latitude) * 110.574);
}
