import type { AlertCause } from '../../domain/alert.ts';
import type { EntityKind, EntityState, LinkLoad } from '../../domain/reachability.ts';
import type { Topology, TopologyLink, TopologySite } from '../../domain/topology.ts';
import { placeLabels, type Rectangle } from './map-labels.ts';
import type { MiniMap } from './phone-view.ts';
import { clipRing, linePath, projectionFor, ringPath, roundedRingPath, touches, type Point } from './plane.ts';
import { projected, rimsAround, type Edge } from './rims.ts';

/** Public geography, as the territory service has it. */
export interface Ground {
  readonly edges: readonly Edge[];
}

/** States as they are now. */
export interface LiveStates {
  stateOf(kind: EntityKind, id: string): EntityState | null;
  linkLoad(id: string): LinkLoad | null;
}

const box = { width: 716, height: 472 };
const cornerRadius = 16;
/** Beyond the frame: strokes that end there must not be seen to end. */
const bleed = 24;
/** Shares of capacity at which a link's colour changes; see the design's tokens. */
const loadSteps = [0.25, 0.5, 0.7, 0.85, 0.95];

interface Placed {
  readonly site: TopologySite;
  readonly at: Point;
}

/**
 * What a technician has to see of an incident: the dark area with its rim, the cause, and what is around it. Null when
 * nothing of it has a place.
 */
export function miniMap(parts: {
  readonly cause: AlertCause;
  readonly hurt: ReadonlySet<string>;
  readonly topology: Topology;
  readonly states: LiveStates;
  readonly ground: Ground | null;
}): MiniMap | null {
  const { cause, hurt, topology, states, ground } = parts;
  const ends = endsOf(cause, topology);
  const sites = [...topology.sites.values()];
  const seen = sites.filter((site) => hurt.has(site.id) || ends.some((end) => end.id === site.id)).flatMap(placeOf);
  if (seen.length === 0) return null;
  const project = projectionFor(seen, box, { marginShare: 0.15, leastKm: 12 });
  const placed = new Map<string, Placed>();
  for (const site of sites) {
    for (const { longitude, latitude } of placeOf(site)) {
      const at = project(longitude, latitude);
      placed.set(site.id, { site, at });
    }
  }
  const edges = ground?.edges ?? [];
  const isDark = darkTerritories(sites, hurt);
  const links = drawnLinks(parts, placed);
  const shown = [...placed.values()].filter(({ at }) => touches([at], box, 0));
  const mark = markOf(
    ends.flatMap((end) => placed.get(end.id) ?? []),
    cause,
    hurt,
  );
  const dots = shown.map(({ site, at }) => ({
    x: Math.round(at[0]),
    y: Math.round(at[1]),
    hub: site.kind === 'district' || site.kind === 'pop' ? site.kind : null,
    state: states.stateOf('site', site.id)?.state ?? 'unknown',
  }));
  return {
    ...box,
    ...territories(edges, project, isDark),
    links,
    sites: dots,
    labels: placeLabels({
      box,
      wanted: shown
        .filter(({ site }) => site.kind === 'district' || site.kind === 'pop' || ends.includes(site))
        .map(({ site, at }) => ({
          at,
          name: site.name,
          first: ends.includes(site),
          dark: hurt.has(site.id) || isDark(site.regionCode),
        })),
      taken: mark === null ? [] : [chipBox(mark), around([mark.x, mark.y], 22)],
    }),
    mark,
  };
}

function placeOf(site: TopologySite): { site: TopologySite; longitude: number; latitude: number }[] {
  const { longitude, latitude } = site;
  return longitude === null || latitude === null ? [] : [{ site, longitude, latitude }];
}

/** The sites at which the cause may be: both ends of a link. */
export function endsOf(cause: Pick<AlertCause, 'kind' | 'id'>, topology: Topology): TopologySite[] {
  const { sites } = topology;
  const ids: (string | undefined)[] = [];
  if (cause.kind === 'link') {
    const link = topology.links.get(cause.id as never);
    ids.push(link?.a.siteId, link?.b.siteId);
  } else if (cause.kind === 'device') {
    ids.push(topology.devices.get(cause.id as never)?.siteId);
  } else if (cause.kind === 'site') {
    ids.push(cause.id);
  }
  return ids.flatMap((id) => (id === undefined ? [] : (sites.get(id as never) ?? [])));
}

/** A territory is dark when the village that it belongs to is; what only stands in it darkens nothing else. */
function darkTerritories(sites: readonly TopologySite[], hurt: ReadonlySet<string>): (code: string) => boolean {
  const villages = sites.filter((site) => site.kind === 'village');
  const dark = new Set(villages.filter((site) => hurt.has(site.id)).map((site) => site.regionCode));
  return (code) => dark.has(code);
}

function territories(
  edges: readonly Edge[],
  project: (longitude: number, latitude: number) => Point,
  isDark: (code: string) => boolean,
): Pick<MiniMap, 'land' | 'seams' | 'gaps' | 'dark'> {
  const seams: string[] = [];
  const gaps: string[] = [];
  for (const edge of edges) {
    const [left, right] = edge;
    if (left === '' || right === '') continue;
    const line = projected(edge, project);
    if (!touches(line, box, bleed)) continue;
    (left.slice(0, 8) === right.slice(0, 8) ? seams : gaps).push(linePath(line));
  }
  const rings = (isInside: (code: string) => boolean) =>
    rimsAround(edges, isInside).map((ring) => clipRing(projected(['', '', ring], project), box, bleed));
  return {
    land: rings(() => true)
      .map(ringPath)
      .join(''),
    seams: seams.join(''),
    gaps: gaps.join(''),
    dark: rings(isDark)
      .map((ring) => roundedRingPath(ring, cornerRadius))
      .join(''),
  };
}

function drawnLinks(
  parts: { readonly cause: AlertCause; readonly topology: Topology; readonly states: LiveStates },
  placed: ReadonlyMap<string, Placed>,
): MiniMap['links'] {
  const { cause, topology, states } = parts;
  const lines: MiniMap['links'] = [];
  for (const link of topology.links.values()) {
    const [a, b] = [placed.get(link.a.siteId)?.at, placed.get(link.b.siteId)?.at];
    if (link.medium === 'vsat' || link.medium === '4g') continue; // it stands on no way between the two
    if (a === undefined || b === undefined || link.a.siteId === link.b.siteId || !touches([a, b], box, 0)) continue;
    const isCause = cause.kind === 'link' && cause.id === link.id;
    const isUp = states.stateOf('link', link.id)?.state !== 'down' && livesAtBothEnds(link, states);
    // From the end that lives to the one that does not.
    const turned = isCause && states.stateOf('site', link.a.siteId)?.state !== 'up';
    lines.push({
      line: (turned ? [...b, ...a] : [...a, ...b]).map(Math.round),
      trunk: link.trunk,
      wired: link.medium === 'fibre' || link.medium === 'copper',
      state: isCause ? 'cut' : isUp ? 'up' : 'dead',
      load: loadStep(link, states),
    });
  }
  const rank = { up: 0, dead: 1, cut: 2 };
  return lines.sort((p, q) => rank[p.state] - rank[q.state] || Number(p.trunk) - Number(q.trunk));
}

function livesAtBothEnds(link: TopologyLink, states: LiveStates): boolean {
  return [link.a, link.b].every((end) => states.stateOf('site', end.siteId)?.state !== 'unreachable');
}

function loadStep(link: TopologyLink, states: LiveStates): number | null {
  const load = states.linkLoad(link.id);
  const busier = Math.max(load?.abBps ?? -1, load?.baBps ?? -1);
  if (busier < 0) return null;
  return loadSteps.filter((step) => busier / link.capacityBps >= step).length;
}

function markOf(ends: readonly Placed[], cause: AlertCause, hurt: ReadonlySet<string>): MiniMap['mark'] {
  const [a, b] = ends;
  if (a === undefined) return null;
  let at = a.at;
  if (cause.kind === 'link' && b !== undefined) {
    // On the way, nearer to the end that is dark.
    const share = hurt.has(a.site.id) && !hurt.has(b.site.id) ? 0.42 : 0.58;
    at = [a.at[0] + (b.at[0] - a.at[0]) * share, a.at[1] + (b.at[1] - a.at[1]) * share];
  }
  const [x, y] = [Math.round(at[0]), Math.round(at[1])];
  const chipX = Math.min(box.width - 116, Math.max(116, x + (x > box.width * 0.6 ? -110 : 130)));
  return { x, y, chipX, chipY: y > 130 ? y - 84 : y + 84 };
}

function chipBox(mark: { readonly chipX: number; readonly chipY: number }): Rectangle {
  return { left: mark.chipX - 104, right: mark.chipX + 104, top: mark.chipY - 30, bottom: mark.chipY + 30 };
}

function around(at: Point, radius: number): Rectangle {
  return { left: at[0] - radius, right: at[0] + radius, top: at[1] - radius, bottom: at[1] + radius };
}
