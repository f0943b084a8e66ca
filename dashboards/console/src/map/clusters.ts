import { regencyOf } from './in-view.ts';
import type { Network } from './network.ts';
import { UP, wordOf, worse, type StateCode } from './states.ts';

export interface ClusterOfSites {
  /** Codes of the regions whose sites are in it. */
  readonly codes: readonly string[];
  readonly longitude: number;
  readonly latitude: number;
  readonly sites: number;
  readonly notUp: number;
  readonly worst: 'down' | 'unreachable' | 'unknown' | 'maintenance' | null;
}

interface Group {
  readonly codes: string[];
  longitude: number;
  latitude: number;
  sites: number;
}

/** Clusters of one town merge: those nearer than this, in kilometres. */
const togetherKm = 4.5;
/** Side of a cell in which neighbours are looked for, in degrees: wider than `togetherKm`. */
const cellDegrees = 0.1;

/**
 * Sites gathered by region code cut to some length (8: kecamatan, 5: regency), at the place that stands for the region:
 * its own hub, else the middle of its sites. The groups are made once for a network, states are counted when asked.
 */
export class Clusters {
  readonly #network: Network;
  readonly #levels = new Map<number, ReadonlyMap<string, Group>>();

  constructor(network: Network) {
    this.#network = network;
  }

  /** `notUp` has the sites that are not up; of the regencies in view, null for all. */
  at(
    length: number,
    notUp: ReadonlyMap<string, StateCode>,
    regencies: ReadonlySet<string> | null,
  ): readonly ClusterOfSites[] {
    const groupOf = this.#level(length);
    const states = new Map<Group, { notUp: number; worst: StateCode }>();
    for (const [id, state] of notUp) {
      const site = this.#network.siteById.get(id);
      const group = site && groupOf.get(site.regionCode.slice(0, length));
      if (!group) continue;
      const before = states.get(group) ?? { notUp: 0, worst: UP };
      states.set(group, { notUp: before.notUp + 1, worst: worse(before.worst, state) });
    }
    const inView = (code: string) => regencies === null || length < 5 || regencies.has(regencyOf(code));
    return [...new Set(groupOf.values())].flatMap((group) => {
      if (!group.codes.some(inView)) return [];
      const worst = wordOf(states.get(group)?.worst ?? UP);
      return [{ ...group, notUp: states.get(group)?.notUp ?? 0, worst: worst === 'up' ? null : worst }];
    });
  }

  #level(length: number): ReadonlyMap<string, Group> {
    const known = this.#levels.get(length);
    if (known) return known;
    const groups = groupsOf(this.#network, length);
    const merged = length === 8 ? merge(groups, this.#network) : groups;
    const groupOf = new Map(merged.flatMap((group) => group.codes.map((code) => [code, group] as const)));
    this.#levels.set(length, groupOf);
    return groupOf;
  }
}

function groupsOf(network: Network, length: number): Group[] {
  const groups = new Map<string, Group>();
  for (const site of network.sites) {
    const code = site.regionCode.slice(0, length);
    const group = groups.get(code) ?? { codes: [code], longitude: 0, latitude: 0, sites: 0 };
    groups.set(code, group);
    group.longitude = (group.longitude * group.sites + site.longitude) / (group.sites + 1);
    group.latitude = (group.latitude * group.sites + site.latitude) / (group.sites + 1);
    group.sites++;
  }
  const placed = new Set<Group>();
  for (const site of network.sites) {
    const group = site.kind === 'district' ? groups.get(site.regionCode.slice(0, length)) : undefined;
    if (!group || placed.has(group)) continue;
    placed.add(group);
    [group.longitude, group.latitude] = [site.longitude, site.latitude];
  }
  return [...groups.values()];
}

function merge(groups: readonly Group[], network: Network): Group[] {
  const town = network.root?.regionCode.slice(0, 8);
  const out: Group[] = [];
  const cells = new Map<string, { readonly group: Group; readonly order: number }[]>();
  const cellOf = (group: Group, dx = 0, dy = 0) =>
    `${Math.floor(group.longitude / cellDegrees) + dx}:${Math.floor(group.latitude / cellDegrees) + dy}`;
  // The data centre's own first, so that its town takes the place.
  for (const group of groups.toSorted((a, b) => Number(b.codes[0] === town) - Number(a.codes[0] === town))) {
    const around = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(cellOf(group, dx, dy)) ?? []));
    const near = around
      .filter((other) => apartKm(other.group, group) < togetherKm)
      .reduce<(typeof around)[number] | null>((first, one) => (first && first.order < one.order ? first : one), null);
    if (near) {
      near.group.codes.push(...group.codes);
      near.group.sites += group.sites;
      continue;
    }
    const cell = cellOf(group);
    cells.set(cell, [...(cells.get(cell) ?? []), { group, order: out.length }]);
    out.push(group);
  }
  return out;
}

function apartKm(a: Group, b: Group): number {
  const kx = 111.32 * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot((a.longitude - b.longitude) * kx, (a.latitude - b.latitude) * 110.574);
}
