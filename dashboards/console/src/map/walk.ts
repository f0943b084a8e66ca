import type { MapSite } from '../../../../src/api/views.ts';
import type { Network } from './network.ts';

export type Direction = 'north' | 'south' | 'east' | 'west';

/**
 * The nearest site in a direction: within 45 degrees of it, distance counted with how far it strays. Only among the
 * sites that are told apart on the map as it stands.
 */
export function nextInDirection(
  network: Network,
  fromId: string | null,
  direction: Direction,
  isShown: (site: MapSite) => boolean = () => true,
): string | null {
  const from = fromId === null ? null : network.siteById.get(fromId);
  if (!from) return network.root?.id ?? network.sites[0]?.id ?? null;
  const kx = Math.cos((from.latitude * Math.PI) / 180);
  let best: MapSite | null = null;
  let least = Infinity;
  for (const site of network.sites) {
    const east = (site.longitude - from.longitude) * kx;
    const north = site.latitude - from.latitude;
    const [ahead, aside] = {
      north: [north, east],
      south: [-north, east],
      east: [east, north],
      west: [-east, north],
    }[direction] as [number, number];
    if (site === from || !isShown(site) || ahead <= 0 || Math.abs(aside) > ahead) continue;
    const cost = ahead + 1.6 * Math.abs(aside);
    if (cost < least) [best, least] = [site, cost];
  }
  return best?.id ?? from.id;
}
