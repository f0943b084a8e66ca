import type { Feature, FeatureCollection, LineString } from 'geojson';
import type { MapLink } from '../../../../src/api/views.ts';
import type { StateView } from '../../../../src/live/messages.ts';
import { hasLine, widthOf } from './geojson.ts';
import type { Network } from './network.ts';
import { UP, DARK, UNKNOWN, type StateCode } from './states.ts';

/** A link that is cut: where the cross stands, and what lies on each side of the gap. */
export interface Cut {
  readonly linkId: string;
  readonly since: number;
  readonly at: readonly [longitude: number, latitude: number];
  /** Whether it is too short on the screen for a long live end. */
  readonly short: boolean;
  readonly trunk: boolean;
}

interface CutProperties {
  readonly id: string;
  readonly w: number;
  readonly end: 'live' | 'dead';
}

export interface Cuts {
  readonly cuts: readonly Cut[];
  readonly lines: FeatureCollection<LineString, CutProperties>;
  /** Links with both ends in the dark: grey dots. */
  readonly dead: ReadonlySet<string>;
}

/**
 * What becomes of links: one that is down is drawn cut, red and solid from its live end to the gap, red and dotted
 * beyond; one between two dark ends is dead. Only the cause is red. `states` has the sites that are not up.
 */
export function cutsOf(
  network: Network,
  linkStates: ReadonlyMap<string, StateView>,
  states: ReadonlyMap<string, StateCode>,
  pixelsBetween: (a: readonly [number, number], b: readonly [number, number]) => number,
): Cuts {
  const cuts: Cut[] = [];
  const lines: Feature<LineString, CutProperties>[] = [];
  const dead = new Set<string>();
  const stateOf = (siteId: string) => states.get(siteId) ?? UP;
  for (const link of touched(network, linkStates, states)) {
    const [a, b] = [network.siteById.get(link.a), network.siteById.get(link.b)];
    if (!a || !b || !hasLine(link)) continue;
    const view = linkStates.get(link.id);
    const [sa, sb] = [stateOf(a.id), stateOf(b.id)];
    if (view?.state !== 'down') {
      if (view?.state === 'unreachable' || view?.state === 'unknown' || (lost(sa) && lost(sb))) dead.add(link.id);
      continue;
    }
    // From the live end; where both live (a ring goes on), from a, and the other piece is live too.
    const flipped = sa !== UP && sb === UP;
    const [from, to] = flipped ? [b, a] : [a, b];
    const bothLive = sa === UP && sb === UP;
    const [p, q]: [[number, number], [number, number]] = [
      [from.longitude, from.latitude],
      [to.longitude, to.latitude],
    ];
    const short = pixelsBetween(p, q) < 60;
    const [end, begin] = bothLive ? [0.42, 0.58] : short ? [0.3, 0.62] : [0.58, 0.78];
    const along = (t: number): [number, number] => [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
    const piece = (line: [number, number][], side: CutProperties['end']): Feature<LineString, CutProperties> => ({
      type: 'Feature',
      properties: { id: link.id, w: widthOf(link), end: side },
      geometry: { type: 'LineString', coordinates: line },
    });
    lines.push(piece([p, along(end)], 'live'), piece([along(begin), q], bothLive ? 'live' : 'dead'));
    cuts.push({ linkId: link.id, since: view.since, at: along((end + begin) / 2), short, trunk: link.trunk });
  }
  return { cuts, lines: { type: 'FeatureCollection', features: lines }, dead };
}

const lost = (code: StateCode) => code === DARK || code === UNKNOWN;

/** Links that are not up themselves or hang on a site that is lost; always in the same order. */
function touched(
  network: Network,
  linkStates: ReadonlyMap<string, StateView>,
  states: ReadonlyMap<string, StateCode>,
): MapLink[] {
  const links = new Set<MapLink>();
  for (const { id, state } of linkStates.values()) {
    const link = state === 'up' ? undefined : network.linkById.get(id);
    if (link) links.add(link);
  }
  for (const [id, code] of states) if (lost(code)) for (const link of network.linksOf.get(id) ?? []) links.add(link);
  return [...links].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** How many villages are not up by each cause, by its id. */
export function villagesByCause(
  sites: ReadonlyMap<string, Pick<StateView, 'cause'>>,
  network: Network,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [id, { cause }] of sites) {
    if (!cause?.id || network.siteById.get(id)?.kind !== 'village') continue;
    counts.set(cause.id, (counts.get(cause.id) ?? 0) + 1);
  }
  return counts;
}
