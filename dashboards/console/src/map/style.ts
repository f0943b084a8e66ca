import type { StyleSpecification } from 'maplibre-gl';
import type { TerritoryView } from '../../../../src/api/views.ts';
import { emptyCollection, graticule, linkFeatures, siteFeatures } from './geojson.ts';
import type { Seen } from './in-view.ts';
import { layers } from './layers.ts';
import type { Network } from './network.ts';
import type { Token } from './tokens.ts';

/** MapLibre wants whole addresses; the braces of a template must stay. */
export function tilesOf(territory: TerritoryView): string[] {
  return [new URL(territory.tiles, location.origin).href.replaceAll('%7B', '{').replaceAll('%7D', '}')];
}

/** Sources and layers of the map. No glyphs, no sprite: names are written on the overlay, icons are drawn. */
export function styleOf(
  token: Token,
  territory: TerritoryView,
  network: Network,
  seen: Pick<Seen, 'sites' | 'links'>,
  clustersUntil: number,
): StyleSpecification {
  const geojson = (data: GeoJSON.GeoJSON) => ({
    type: 'geojson' as const,
    data,
    promoteId: 'id',
    tolerance: 0.2,
    buffer: 64,
    maxzoom: 12,
  });
  return {
    version: 8,
    sources: {
      territory: {
        type: 'vector',
        tiles: tilesOf(territory),
        minzoom: 3,
        maxzoom: 11,
        promoteId: 'id',
      },
      graticule: geojson(graticule(territory.bounds)),
      rim: geojson(emptyCollection),
      link: geojson(linkFeatures(seen.links, network)),
      cut: geojson(emptyCollection),
      site: geojson(siteFeatures(seen.sites, network)),
    },
    layers: layers(token, clustersUntil),
    transition: { duration: 0 },
  };
}
