import { placesOfReaders } from './agent-places.ts';
import type { SiteId } from './ids.ts';
import type { Topology, TopologyLink, TopologyLinkEnd } from './topology.ts';

/** A link that carries traffic into a part of the network. */
export interface InwardLink {
  readonly link: TopologyLink;
  /** The direction that leads into it. */
  readonly inward: 'ab' | 'ba';
  /** Its end inside. */
  readonly inside: TopologyLinkEnd;
}

/**
 * The links that carry traffic from the data centre into a part of the network: those that leave the data centre's site
 * where that is in the part, and those that cross its border.
 */
export function inwardLinks(topology: Topology, isInside: (siteId: SiteId) => boolean): readonly InwardLink[] {
  const centre = new Set<SiteId>();
  for (const id of placesOfReaders(topology)) {
    const device = topology.devices.get(id);
    if (device !== undefined) centre.add(device.siteId);
  }
  const from = (siteId: SiteId): boolean => centre.has(siteId) || !isInside(siteId);
  return [...topology.links.values()].flatMap((link): InwardLink[] => {
    const { a, b } = link;
    if (a.siteId === b.siteId) return [];
    if (from(a.siteId) && isInside(b.siteId) && !centre.has(b.siteId)) return [{ link, inward: 'ab', inside: b }];
    if (from(b.siteId) && isInside(a.siteId) && !centre.has(a.siteId)) return [{ link, inward: 'ba', inside: a }];
    return [];
  });
}
