import type { TerritoryView } from '../../../../src/api/views.ts';
import type { LinkView } from '../../../../src/live/messages.ts';
import { clusters } from './clusters.ts';
import { placeName } from './names.ts';
import type { Network } from './network.ts';
import type { Item } from './overlay.ts';
import type { DarkArea } from './rim.ts';
import { DARK, DOWN, UP, wordOf, worse, type StateCode } from './states.ts';
import type { Token } from './tokens.ts';
import { AGENCIES, CLOSE, MID, NEAR, PROVINCES, REGENCIES } from './zooms.ts';

const always = { from: 0, until: 99 };

/** All that decides what is written over the map. Texts come in ready, in the reader's language. */
export interface Writing {
  readonly network: Network;
  readonly territory: TerritoryView;
  readonly token: Token;
  readonly stateOf: (siteId: string) => StateCode;
  readonly linkOf: (linkId: string) => LinkView | undefined;
  /** Links that are drawn cut or dead: no load stands on them. */
  readonly silentLinks: ReadonlySet<string>;
  readonly areas: readonly { readonly area: DarkArea; readonly villages: number }[];
  /** Points that a cross covers. */
  readonly cuts: readonly (readonly [longitude: number, latitude: number])[];
  readonly clustersUntil: number;
  /** Code of the district in focus: its villages are named earlier, others later. */
  readonly focus: string | null;
  readonly showNames: boolean;
  readonly showLoads: boolean;
  readonly words: {
    readonly dark: (villages: number) => string;
    readonly agencies: (count: number, notUp: number) => string;
    readonly percent: (value: number) => string;
  };
}

/** Names, chips, clusters and what they must not cover. Rebuilt when a rank, colour or chip changes, not per frame. */
export function itemsOf(writing: Writing): Item[] {
  return [
    ...blocks(writing),
    ...areaNames(writing),
    ...(writing.showLoads ? loadChips(writing) : []),
    ...(writing.showNames ? [...placeNames(writing), ...villageNames(writing), ...neighbourNames(writing)] : []),
    ...agencyPill(writing),
    ...clusterItems(writing),
  ];
}

function blocks({ network, stateOf, cuts, clustersUntil }: Writing): Item[] {
  const items: Item[] = cuts.map(([longitude, latitude]) => ({
    kind: 'block',
    longitude,
    latitude,
    rank: -5,
    radius: 12,
    ...always,
  }));
  for (const site of network.sites) {
    const state = stateOf(site.id);
    const { longitude, latitude } = site;
    const block = (radius: number, from: number) =>
      items.push({ kind: 'block', longitude, latitude, rank: -5, radius, from, until: 99 });
    if (site.kind === 'pop') block(site === network.root ? 7 : 5, clustersUntil);
    if (site.kind === 'district') block(4, clustersUntil);
    if (state !== UP) block(8, state === DARK || site.kind === 'agency' ? NEAR : clustersUntil);
  }
  return items;
}

function areaNames({ areas, token, words }: Writing): Item[] {
  return areas.flatMap(({ area, villages }): Item[] => {
    const [first, ...others] = area.labelAt;
    if (villages < 2 || !first) return [];
    return [
      {
        kind: 'area',
        longitude: first[0] ?? 0,
        latitude: first[1] ?? 0,
        others,
        rank: -4.5,
        from: 0,
        until: MID,
        text: words.dark(villages),
        size: 12,
        weight: 660,
        spacing: 0,
        italic: false,
        fill: token('--m-dark-label'),
        halo: token('--m-dark'),
      },
    ];
  });
}

/** Load stands on a trunk from MID on, when it needs someone (85 %) at every zoom, and on branches from CLOSE on. */
function loadChips({ network, linkOf, silentLinks, words, clustersUntil }: Writing): Item[] {
  return network.links.flatMap((link): Item[] => {
    const load = linkOf(link.id)?.loadPercent ?? null;
    const [a, b] = [network.siteById.get(link.a), network.siteById.get(link.b)];
    if (load === null || !a || !b || silentLinks.has(link.id) || link.medium === 'vsat' || link.medium === '4g')
      return [];
    const hot = load >= 85;
    const town = a.kind === 'agency' || b.kind === 'agency';
    const lengthKm = apartKm(a, b);
    if (lengthKm <= 0) return [];
    // The chip and 24 px of line must fit between the ends; what needs someone may cover its line.
    const roomFrom = Math.log2((hot ? 40 : 74) / lengthKm / 0.012818);
    const wishFrom = link.trunk ? (hot ? clustersUntil : MID) : town ? AGENCIES + 0.6 : hot ? MID : CLOSE;
    return [
      {
        kind: 'chip',
        longitude: (a.longitude + b.longitude) / 2,
        latitude: (a.latitude + b.latitude) / 2,
        rank: hot ? -4.2 : -4 + (link.trunk ? 0 : 3.5),
        from: Math.max(wishFrom, roomFrom),
        until: 99,
        text: words.percent(Math.round(load)),
        edge: hot ? '--c-load-4' : null,
        quiet: false,
        offset: [0, 0],
      },
    ];
  });
}

function placeNames({ network, territory, token, stateOf, clustersUntil }: Writing): Item[] {
  const items: Item[] = [];
  const plain = { fill: token('--m-label'), halo: token('--m-label-halo') };
  const dark = { fill: token('--m-dark-label'), halo: token('--m-dark') };
  const root = network.root;
  if (root) {
    const town = {
      kind: 'name',
      longitude: root.longitude,
      latitude: root.latitude,
      text: placeName(root),
      weight: 680,
    } as const;
    items.push(
      { ...town, ...plain, rank: -1.5, size: 12, gap: 17, from: REGENCIES, until: clustersUntil },
      { ...town, ...plain, rank: -4.6, size: 15, gap: 11, offset: [11, -8], from: clustersUntil, until: NEAR },
      { ...town, ...plain, rank: -4.6, size: 17, gap: 11, offset: [11, -8], from: NEAR, until: 99 },
    );
  }
  for (const site of network.sites) {
    if (site.kind !== 'pop' || site === root) continue;
    const ink = stateOf(site.id) === DARK ? dark : plain;
    const name = {
      kind: 'name',
      longitude: site.longitude,
      latitude: site.latitude,
      text: placeName(site),
      weight: 600,
      rank: 1,
    } as const;
    items.push(
      { ...name, ...ink, size: 11.5, gap: 9, from: clustersUntil, until: NEAR },
      { ...name, ...ink, size: 13, gap: 12, from: NEAR, until: 99 },
    );
  }
  const hubs = new Map(network.sites.filter((site) => site.kind === 'district').map((site) => [site.regionCode, site]));
  const townDistrict = root?.regionCode.slice(0, 8);
  for (const region of territory.regions) {
    if (region.code.length !== 8) continue;
    const hub = hubs.get(region.code);
    const at = hub ?? region;
    const ink = hub && stateOf(hub.id) === DARK ? dark : plain;
    const name = {
      kind: 'name',
      longitude: at.longitude,
      latitude: at.latitude,
      text: region.name,
      weight: 620,
      rank: 2,
    } as const;
    const inTown = root !== null && apartKm(root, at) < 4.5;
    if (!inTown) items.push({ ...name, ...ink, size: 10.5, gap: 16, from: REGENCIES, until: clustersUntil });
    // The town's own name is larger and says the same.
    if (region.code === townDistrict) continue;
    items.push(
      { ...name, ...ink, size: 11, gap: 7, from: clustersUntil, until: NEAR },
      { ...name, ...ink, size: 13.5, gap: 11, from: NEAR, until: 99 },
    );
  }
  return items;
}

function villageNames({ network, token, stateOf, focus }: Writing): Item[] {
  return network.sites.flatMap((site): Item[] => {
    if (site.kind !== 'village' && site.kind !== 'agency') return [];
    const state = stateOf(site.id);
    const dark = state === DARK;
    const strong = dark || state === DOWN;
    const inFocus = focus !== null && site.regionCode.startsWith(focus);
    const usual = site.kind === 'agency' ? AGENCIES + 0.4 : MID;
    const from = focus !== null && !inFocus ? Math.max(usual, CLOSE + 0.2) : usual;
    const name = {
      kind: 'name',
      longitude: site.longitude,
      latitude: site.latitude,
      text: placeName(site),
      weight: strong ? 560 : 420,
      rank: state === UP ? (inFocus ? 3.5 : 4) : 3,
      fill: token(dark ? '--m-dark-label' : state === DOWN ? '--m-label' : '--m-label-2'),
      halo: token(dark ? '--m-dark' : '--m-label-halo'),
    } as const;
    return [
      { ...name, size: 11, gap: state === UP || state === DARK ? 5 : 10, from, until: NEAR },
      { ...name, size: 11.5, gap: state === UP ? 9 : 11, from: Math.max(from, NEAR), until: 99 },
    ];
  });
}

function neighbourNames({ territory, token }: Writing): Item[] {
  // One name may have several places: the first that is free carries it.
  const names = new Set(territory.neighbours.map((neighbour) => neighbour.name));
  return [...names].flatMap((text): Item[] => {
    const [first, ...others] = territory.neighbours.filter((neighbour) => neighbour.name === text);
    if (!first) return [];
    const size = first.kind === 'sea' ? 15 : 11.5;
    return [
      {
        kind: 'area',
        longitude: first.longitude,
        latitude: first.latitude,
        others: others.map((place) => [place.longitude, place.latitude]),
        rank: 9,
        from: 6.5,
        until: NEAR,
        text,
        size,
        weight: 400,
        spacing: size * 0.16,
        italic: true,
        fill: token('--m-sea-label'),
        halo: '',
      },
    ];
  });
}

/** The town's agencies as one pill until they can be told apart; with how many are not up, in the worst one's colour. */
function agencyPill({ network, words, clustersUntil, stateOf }: Writing): Item[] {
  const root = network.root;
  const states = network.sites.filter((site) => site.kind === 'agency').map((site) => stateOf(site.id));
  if (!root || states.length === 0) return [];
  const worst = wordOf(states.reduce<StateCode>(worse, UP));
  return [
    {
      kind: 'chip',
      longitude: root.longitude,
      latitude: root.latitude,
      rank: -4.55,
      from: clustersUntil,
      until: NEAR + 0.6,
      text: words.agencies(states.length, states.filter((state) => state !== UP).length),
      edge: worst === 'up' ? null : `--c-${worst}`,
      quiet: true,
      offset: [10, 17],
    },
  ];
}

function clusterItems({ network, territory, stateOf, clustersUntil }: Writing): Item[] {
  const names = new Map(territory.regions.map((region) => [region.code, region.name]));
  const levels: readonly [length: number, from: number, until: number][] = [
    [8, REGENCIES, clustersUntil],
    [5, PROVINCES, REGENCIES],
    [2, 0, PROVINCES],
  ];
  return levels.flatMap(([length, from, until]) =>
    clusters(network, length, (code) => names.get(code) ?? code, stateOf).map((cluster): Item => ({
      kind: 'cluster',
      longitude: cluster.longitude,
      latitude: cluster.latitude,
      rank: -4.8,
      from,
      until,
      text: String(cluster.sites),
      radius: 9 + Math.min(40, cluster.sites) * 0.14,
      share: cluster.notUp / cluster.sites,
      worst: cluster.worst,
    })),
  );
}

interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

function apartKm(a: Position, b: Position): number {
  const kx = 111.32 * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot((a.longitude - b.longitude) * kx, (a.latitude - b.latitude) * 110.574);
}
