import { GeoJSONSource, type Map as LibreMap } from 'maplibre-gl';
import type { TerritoryView } from '../../../../src/api/views.ts';
import { graticule, linkFeatures, siteFeatures } from './geojson.ts';
import type { Seen } from './in-view.ts';
import type { Network } from './network.ts';
import { tilesOf } from './style.ts';

/** Gives one of the map's own sources its features; a map whose context was lost has none. */
export function fill(map: LibreMap, name: string, data: GeoJSON.GeoJSON): void {
  const source = map.getSource(name);
  if (source instanceof GeoJSONSource) void source.setData(data);
}

export function fillPlaces(map: LibreMap, { sites, links }: Seen, network: Network): void {
  fill(map, 'site', siteFeatures(sites, network));
  fill(map, 'link', linkFeatures(links, network));
}

export function fillGround(map: LibreMap, territory: TerritoryView): void {
  const source = map.getSource('territory');
  if (source && 'setTiles' in source && typeof source.setTiles === 'function') source.setTiles(tilesOf(territory));
  fill(map, 'graticule', graticule(territory.bounds));
}
