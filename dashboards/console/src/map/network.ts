import type { MapLink, MapSite, MapView } from '../../../../src/api/views.ts';

/** One step of the way from the data centre: the site, and the link that leads to it. */
export interface Hop {
  readonly site: MapSite;
  readonly link: MapLink | null;
}

/** Sites and links with what follows from them: neighbours, the data centre, the way that carries each site. */
export class Network {
  readonly sites: readonly MapSite[];
  readonly links: readonly MapLink[];
  readonly siteById: ReadonlyMap<string, MapSite>;
  readonly linkById: ReadonlyMap<string, MapLink>;
  readonly linksOf: ReadonlyMap<string, readonly MapLink[]>;
  /** Villages by the code of their territory. */
  readonly villagesOf: ReadonlyMap<string, readonly MapSite[]>;
  /** The hub of a district, by its code. */
  readonly hubOf: ReadonlyMap<string, MapSite>;
  /** The agencies of the data centre's regency. */
  readonly agencies: readonly MapSite[];
  /** The data centre: of the POPs (else of all sites) the one with the most links. */
  readonly root: MapSite | null;
  readonly #uplinks: ReadonlyMap<string, MapLink>;

  constructor(view: MapView) {
    this.sites = view.sites;
    this.links = view.links;
    this.siteById = new Map(view.sites.map((site) => [site.id, site]));
    this.linkById = new Map(view.links.map((link) => [link.id, link]));
    const linksOf = new Map<string, MapLink[]>();
    for (const link of view.links) {
      for (const end of [link.a, link.b]) {
        const list = linksOf.get(end);
        if (list) list.push(link);
        else linksOf.set(end, [link]);
      }
    }
    this.linksOf = linksOf;
    const degree = (site: MapSite) => linksOf.get(site.id)?.length ?? 0;
    const pops = view.sites.filter((site) => site.kind === 'pop');
    const candidates = pops.length > 0 ? pops : view.sites;
    this.root = candidates.reduce<MapSite | null>(
      (best, site) => (!best || degree(site) > degree(best) ? site : best),
      null,
    );
    this.#uplinks = uplinksFrom(this.root, linksOf);
    this.villagesOf = Map.groupBy(
      view.sites.filter((site) => site.kind === 'village'),
      (site) => site.regionCode,
    );
    this.hubOf = new Map(view.sites.filter((site) => site.kind === 'district').map((site) => [site.regionCode, site]));
    const regency = this.root?.regionCode.slice(0, 5) ?? '';
    this.agencies = view.sites.filter((site) => site.kind === 'agency' && site.regionCode.startsWith(regency));
  }

  /** The link on the shortest way to the data centre; null at the data centre or where no way is known. */
  uplinkOf(siteId: string): MapLink | null {
    return this.#uplinks.get(siteId) ?? null;
  }

  /** Sites that have no way to the data centre without this link. */
  behind(linkId: string): readonly MapSite[] {
    if (!this.root) return [];
    const seen = new Set([this.root.id]);
    const open = [this.root.id];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const link of this.linksOf.get(id) ?? []) {
        const other = link.a === id ? link.b : link.a;
        if (link.id === linkId || seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    return this.sites.filter((site) => this.#uplinks.has(site.id) && !seen.has(site.id));
  }

  otherEnd(link: MapLink, siteId: string): MapSite | null {
    return this.siteById.get(link.a === siteId ? link.b : link.a) ?? null;
  }

  /** From the data centre to the site, both included; empty where no way is known. */
  pathTo(siteId: string): readonly Hop[] {
    const hops: Hop[] = [];
    for (let site = this.siteById.get(siteId) ?? null; site && hops.length < 64;) {
      const link = this.uplinkOf(site.id);
      hops.unshift({ site, link });
      if (!link) return site === this.root ? hops : [];
      site = this.otherEnd(link, site.id);
    }
    return [];
  }
}

/** Breadth first over trunks before branches, so that the way is the one with the fewest hops. */
function uplinksFrom(root: MapSite | null, linksOf: ReadonlyMap<string, readonly MapLink[]>): Map<string, MapLink> {
  const uplinks = new Map<string, MapLink>();
  if (!root) return uplinks;
  const seen = new Set([root.id]);
  let ring = [root.id];
  while (ring.length > 0) {
    const next: string[] = [];
    for (const id of ring) {
      const links = [...(linksOf.get(id) ?? [])].sort(
        (a, b) => Number(b.trunk) - Number(a.trunk) || b.capacityBps - a.capacityBps,
      );
      for (const link of links) {
        const other = link.a === id ? link.b : link.a;
        if (seen.has(other)) continue;
        seen.add(other);
        uplinks.set(other, link);
        next.push(other);
      }
    }
    ring = next;
  }
  return uplinks;
}
