import type { MapLink, MapSite } from '../../../../src/api/views.ts';
import type { Bounds } from './bounds.ts';
import type { Network } from './network.ts';
import type { Target } from './picking.ts';
import { AGENCIES, MID, NEAR, PROVINCES, REGENCIES } from './zooms.ts';

/** So many places MapLibre holds all at once; of more only those in view. */
const fewSites = 3_000;
/** From here on the trunks within a regency are longer than a cluster is wide. */
const trunksFrom = 6.5;
/** Dots come this much before they are told apart, so that they are there when the clusters go. */
const aheadZoom = 0.4;
/** Of the view's width and height, to each side: so far one moves before others are chosen. */
const marginShare = 0.25;

/** What is drawn one by one of a network, at some zooms. */
export interface Seen {
  readonly sites: readonly MapSite[];
  readonly links: readonly MapLink[];
  /** Codes of the regencies in view; null: all. */
  readonly regencies: ReadonlySet<string> | null;
  /** It holds from this zoom on, and below that one. */
  readonly from: number;
  readonly until: number;
}

/** A regency with what lies in it. A link between two belongs to both. */
interface Part {
  box: Bounds;
  readonly sites: MapSite[];
  readonly pops: MapSite[];
  readonly links: MapLink[];
  readonly trunks: MapLink[];
}

export const regencyOf = (code: string): string => code.slice(0, 5);

/**
 * Chooses what MapLibre is given. A regency's network is given whole. Of a country's the POPs and the trunks between
 * regencies far away, and near by all of the regencies in view: what a change of state costs follows what is seen.
 */
export class InView {
  seen: Seen;
  readonly #network: Network;
  readonly #parts: ReadonlyMap<string, Part>;
  readonly #between: readonly MapLink[];
  #kept: Target | null = null;
  /** Within it nothing else is chosen; null: choose anew. */
  #box: Bounds | null = null;

  constructor(network: Network) {
    this.#network = network;
    const whole = network.sites.length <= fewSites;
    const { sites, links } = whole ? network : { sites: [], links: [] };
    this.seen = { sites, links, regencies: whole ? null : new Set(), from: 0, until: whole ? 99 : 0 };
    this.#parts = whole ? new Map() : partsOf(network);
    this.#between = whole
      ? []
      : network.links.filter((link) => link.trunk && new Set(regenciesOf(link, network)).size > 1);
  }

  /** What is selected is drawn at every zoom. */
  keep(target: Target | null): void {
    this.#kept = target;
    this.#box = null;
  }

  /** Whether something else is seen than before. */
  look(view: Bounds, zoom: number, clustersUntil: number): boolean {
    const { regencies, from, until } = this.seen;
    if (regencies === null) return false;
    if (zoom >= from && zoom < until && this.#box !== null && contains(this.#box, view)) return false;
    const steps = [
      0,
      PROVINCES,
      trunksFrom,
      REGENCIES,
      clustersUntil - aheadZoom,
      clustersUntil,
      MID,
      NEAR,
      AGENCIES,
      99,
    ];
    const step = steps.findLastIndex((one) => one <= zoom);
    this.#box = widened(view);
    this.seen = this.#chosen(this.#box, {
      from: steps[step] ?? 0,
      until: steps[step + 1] ?? 99,
      apart: zoom >= clustersUntil - aheadZoom,
      trunks: zoom >= trunksFrom,
    });
    return true;
  }

  #chosen(box: Bounds, at: { from: number; until: number; apart: boolean; trunks: boolean }): Seen {
    const near = [...this.#parts].filter(([, part]) => meet(part.box, box));
    const parts = near.map(([, part]) => part);
    const sites = new Set(parts.flatMap((part) => (at.apart ? part.sites : part.pops)));
    const links = new Set(this.#between);
    for (const part of parts) for (const link of at.apart ? part.links : at.trunks ? part.trunks : []) links.add(link);
    const { siteById, linkById, root } = this.#network;
    const site = this.#kept?.kind === 'site' ? siteById.get(this.#kept.id) : undefined;
    const link = this.#kept?.kind === 'link' ? linkById.get(this.#kept.id) : undefined;
    for (const one of [site, root]) if (one) sites.add(one);
    if (link) links.add(link);
    return {
      sites: [...sites],
      links: [...links],
      regencies: new Set(near.map(([code]) => code)),
      from: at.from,
      until: at.until,
    };
  }
}

function partsOf(network: Network): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  for (const site of network.sites) {
    const { longitude: x, latitude: y } = site;
    const code = regencyOf(site.regionCode);
    const part = parts.get(code) ?? { box: [x, y, x, y], sites: [], pops: [], links: [], trunks: [] };
    parts.set(code, part);
    const [west, south, east, north] = part.box;
    part.box = [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)];
    part.sites.push(site);
    if (site.kind === 'pop') part.pops.push(site);
  }
  for (const link of network.links) {
    for (const code of new Set(regenciesOf(link, network))) {
      const part = parts.get(code);
      part?.links.push(link);
      if (link.trunk) part?.trunks.push(link);
    }
  }
  return parts;
}

function regenciesOf(link: MapLink, network: Network): string[] {
  return [link.a, link.b].flatMap((id) => {
    const site = network.siteById.get(id);
    return site ? [regencyOf(site.regionCode)] : [];
  });
}

function widened([west, south, east, north]: Bounds): Bounds {
  const [dx, dy] = [(east - west) * marginShare, (north - south) * marginShare];
  return [west - dx, south - dy, east + dx, north + dy];
}

const meet = (a: Bounds, b: Bounds) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
const contains = (a: Bounds, b: Bounds) => a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2] && a[3] >= b[3];
