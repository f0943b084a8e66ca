import type { Map as LibreMap } from 'maplibre-gl';
import { linkLayers, siteLayers } from './layers.ts';
import type { Network } from './network.ts';
import { MID } from './zooms.ts';

export type Target =
  | { readonly kind: 'site' | 'link'; readonly id: string }
  | { readonly kind: 'district'; readonly id: string };

/** What lies at a pixel: a site, else a link; for a click also the territory, far away that of the district. */
export function targetAt(map: LibreMap, network: Network, x: number, y: number, click: boolean): Target | null {
  const site = siteAt(map, network, x, y, click ? 9 : 6);
  if (site !== null) return { kind: 'site', id: site };
  const [link] = map.queryRenderedFeatures(around(x, y, 4), { layers: [...linkLayers] });
  if (link) return { kind: 'link', id: String(link.properties['id']) };
  if (!click) return null;
  const [tile] = map.queryRenderedFeatures([x, y], { layers: ['tile'] });
  if (!tile) return null;
  if (map.getZoom() < MID) return { kind: 'district', id: String(tile.properties['district']) };
  const code = String(tile.properties['id']);
  const village = network.villagesOf.get(code)?.[0];
  return village ? { kind: 'site', id: village.id } : null;
}

/** The nearest; where dots lie together a POP wins over a hub, and a hub over a village. */
function siteAt(map: LibreMap, network: Network, x: number, y: number, reach: number): string | null {
  const advantage = { pop: 4, district: 2, village: 0, agency: 0 } as const;
  let best: string | null = null;
  let least = Infinity;
  for (const feature of map.queryRenderedFeatures(around(x, y, reach), { layers: [...siteLayers] })) {
    const site = network.siteById.get(String(feature.properties['id']));
    if (!site) continue;
    const at = map.project([site.longitude, site.latitude]);
    const away = Math.hypot(at.x - x, at.y - y) - advantage[site.kind];
    if (away < least) [best, least] = [site.id, away];
  }
  return best;
}

const around = (x: number, y: number, reach: number): [[number, number], [number, number]] => [
  [x - reach, y - reach],
  [x + reach, y + reach],
];
