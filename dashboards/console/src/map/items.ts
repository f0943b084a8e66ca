import type { TerritoryView } from '../../../../src/api/views.ts';
import type { LinkView } from '../../../../src/live/messages.ts';
import type { Clusters } from './clusters.ts';
import type { Seen } from './in-view.ts';
import { placeName } from './names.ts';
import type { Network } from './network.ts';
import type { Item } from './overlay.ts';
import type { Regions } from './regions.ts';
import type { DarkArea } from './rim.ts';
import { DARK, DOWN, UP, wordOf, worse, type StateCode } from './states.ts';
import type { Token } from './tokens.ts';
import { AGENCIES, CLOSE, MID, NEAR, PROVINCES, REGENCIES } from './zooms.ts';

const always = { from: 0, until: 99 };

/** All that decides what is written over the map. Texts come in ready, in the reader's language. */
export interface Writing {
  readonly network: Network;
  /** What is drawn one by one, and at which zooms this is written. */
  readonly seen: Seen;
  readonly clusters: Clusters;
  readonly regions: Regions;
  readonly neighbours: TerritoryView['neighbours'];
  readonly token: Token;
  /** Sites that are not up; what is slow is there. */
  readonly states: ReadonlyMap<string, StateCode>;
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
  const { from, until } = writing.seen;
  const far = until <= writing.clustersUntil;
  const items = [
    ...blocks(writing),
    ...areaNames(writing),
    ...(writing.showLoads && !far ? loadChips(writing) : []),
    ...(writing.showNames ? [...placeNames(writing), ...regionNames(writing), ...neighbourNames(writing)] : []),
    ...(writing.showNames && until > MID ? villageNames(writing) : []),
    ...agencyPill(writing),
    ...clusterItems(writing),
  ];
  return items.filter((item) => item.from < until && item.until > from);
}

const stateIn = (states: Writing['states'], siteId: string): StateCode => states.get(siteId) ?? UP;

function blocks({ seen, network, states, cuts, clustersUntil }: Writing): Item[] {
  const items: Item[] = cuts.map(([longitude, latitude]) => ({
    kind: 'block',
    longitude,
    latitude,
    rank: -5,
    radius: 12,
    ...always,
  }));
  for (const site of seen.sites) {
    const state = stateIn(states, site.id);
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
    const [first, ...others] = villages < 2 ? [] : area.labelAt();
    if (!first) return [];
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
function loadChips({ network, seen, linkOf, silentLinks, words, clustersUntil }: Writing): Item[] {
  return seen.links.flatMap((link): Item[] => {
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

function placeNames({ network, seen, token, states, clustersUntil }: Writing): Item[] {
  const items: Item[] = [];
  const { root } = network;
  if (root) {
    const town = { ...plainInk(token), ...nameAt(root, placeName(root)), weight: 680 } as const;
    items.push(
      { ...town, rank: -1.5, size: 12, gap: 17, from: REGENCIES, until: clustersUntil },
      { ...town, rank: -4.6, size: 15, gap: 11, offset: [11, -8], from: clustersUntil, until: NEAR },
      { ...town, rank: -4.6, size: 17, gap: 11, offset: [11, -8], from: NEAR, until: 99 },
    );
  }
  for (const site of seen.sites) {
    if (site.kind !== 'pop' || site === root) continue;
    const ink = stateIn(states, site.id) === DARK ? darkInk(token) : plainInk(token);
    const name = { ...ink, ...nameAt(site, placeName(site)), weight: 600, rank: 1 } as const;
    items.push(
      { ...name, size: 11.5, gap: 9, from: clustersUntil, until: NEAR },
      { ...name, size: 13, gap: 12, from: NEAR, until: 99 },
    );
  }
  return items;
}

/** Districts, at their hubs. */
function regionNames({ network, seen, regions, token, states, clustersUntil }: Writing): Item[] {
  const { root, hubOf } = network;
  const townDistrict = root?.regionCode.slice(0, 8);
  if (seen.until <= REGENCIES) return [];
  return regions.within(seen.regencies).flatMap((region): Item[] => {
    if (region.code.length !== 8) return [];
    const hub = hubOf.get(region.code);
    const at = hub ?? region;
    const ink = hub && stateIn(states, hub.id) === DARK ? darkInk(token) : plainInk(token);
    const name = { ...ink, ...nameAt(at, region.name), weight: 620, rank: 2 } as const;
    const inTown = root !== null && apartKm(root, at) < 4.5;
    return [
      ...(inTown ? [] : [{ ...name, size: 10.5, gap: 16, from: REGENCIES, until: clustersUntil }]),
      // The town's own name is larger and says the same.
      ...(region.code === townDistrict
        ? []
        : [
            { ...name, size: 11, gap: 7, from: clustersUntil, until: NEAR },
            { ...name, size: 13.5, gap: 11, from: NEAR, until: 99 },
          ]),
    ];
  });
}

const plainInk = (token: Token) => ({ fill: token('--m-label'), halo: token('--m-label-halo') });
const darkInk = (token: Token) => ({ fill: token('--m-dark-label'), halo: token('--m-dark') });
const nameAt = ({ longitude, latitude }: Position, text: string) =>
  ({ kind: 'name', longitude, latitude, text }) as const;

function villageNames({ seen, token, states, focus }: Writing): Item[] {
  return seen.sites.flatMap((site): Item[] => {
    if (site.kind !== 'village' && site.kind !== 'agency') return [];
    const state = stateIn(states, site.id);
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

function neighbourNames({ neighbours, token }: Writing): Item[] {
  // One name may have several places: the first that is free carries it.
  const names = new Set(neighbours.map((neighbour) => neighbour.name));
  return [...names].flatMap((text): Item[] => {
    const [first, ...others] = neighbours.filter((neighbour) => neighbour.name === text);
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
function agencyPill({ network, words, clustersUntil, states }: Writing): Item[] {
  const { root, agencies } = network;
  const found = agencies.map((site) => stateIn(states, site.id));
  if (!root || found.length === 0) return [];
  const worst = wordOf(found.reduce<StateCode>(worse, UP));
  return [
    {
      kind: 'chip',
      longitude: root.longitude,
      latitude: root.latitude,
      rank: -4.55,
      from: clustersUntil,
      until: NEAR + 0.6,
      text: words.agencies(found.length, found.filter((state) => state !== UP).length),
      edge: worst === 'up' ? null : `--c-${worst}`,
      quiet: true,
      offset: [10, 17],
    },
  ];
}

function clusterItems({ clusters, seen, states, clustersUntil }: Writing): Item[] {
  const levels: readonly [length: number, from: number, until: number][] = [
    [8, REGENCIES, clustersUntil],
    [5, PROVINCES, REGENCIES],
    [2, 0, PROVINCES],
  ];
  return levels.flatMap(([length, from, until]) =>
    from >= seen.until || until <= seen.from
      ? []
      : clusters.at(length, states, seen.regencies).map((cluster): Item => ({
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
