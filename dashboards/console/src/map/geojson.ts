import type { Feature, FeatureCollection, LineString, MultiLineString, Point } from 'geojson';
import type { MapLink, MapSite, TerritoryView } from '../../../../src/api/views.ts';
import type { Network } from './network.ts';

/** What the layers read of a site: `t` its kind, `u` vsat or 4g where a mark stands for the line, `dc` the data centre. */
export interface SiteProperties {
  readonly id: string;
  readonly t: MapSite['kind'];
  readonly u: 'vsat' | '4g' | '';
  readonly dc: 0 | 1;
}

/** `m` medium, `w` width at the far zooms, `t` trunk, `g` a line to an agency (hidden until agencies are told apart). */
export interface LinkProperties {
  readonly id: string;
  readonly m: string;
  readonly w: number;
  readonly t: 0 | 1;
  readonly g: 0 | 1;
}

export function siteFeatures(sites: readonly MapSite[], { root }: Network): FeatureCollection<Point, SiteProperties> {
  return {
    type: 'FeatureCollection',
    features: sites.map((site) => ({
      type: 'Feature',
      properties: {
        id: site.id,
        t: site.kind,
        u: site.uplinkMedium === 'vsat' || site.uplinkMedium === '4g' ? site.uplinkMedium : '',
        dc: site === root ? 1 : 0,
      },
      geometry: { type: 'Point', coordinates: [site.longitude, site.latitude] },
    })),
  };
}

/** Lines of the links with a line: VSAT and 4G have none, their sites carry a mark. */
export function linkFeatures(
  links: readonly MapLink[],
  network: Network,
): FeatureCollection<LineString, LinkProperties> {
  const features = links.flatMap((link): Feature<LineString, LinkProperties>[] => {
    const [a, b] = [network.siteById.get(link.a), network.siteById.get(link.b)];
    if (!a || !b || !hasLine(link)) return [];
    return [
      {
        type: 'Feature',
        properties: {
          id: link.id,
          m: link.medium,
          w: widthOf(link),
          t: link.trunk ? 1 : 0,
          g: a.kind === 'agency' || b.kind === 'agency' ? 1 : 0,
        },
        geometry: {
          type: 'LineString',
          coordinates: [
            [a.longitude, a.latitude],
            [b.longitude, b.latitude],
          ],
        },
      },
    ];
  });
  return { type: 'FeatureCollection', features };
}

export const hasLine = (link: MapLink): boolean => link.medium !== 'vsat' && link.medium !== '4g';

/** Width is capacity: 10 Gbps 3.2, 1 Gbps 2.3, a radio trunk 1.8, a branch 1. */
export function widthOf(link: MapLink): number {
  if (!link.trunk) return link.medium === 'fibre' ? 1 : 0.9;
  return link.capacityBps >= 1e10 ? 3.2 : link.capacityBps >= 1e9 ? 2.3 : 1.8;
}

/** A quarter degree, at true positions. */
export function graticule(bounds: TerritoryView['bounds']): Feature<MultiLineString> {
  const step = 0.25;
  const [west, south, east, north] = bounds;
  const from = (value: number) => Math.floor(value / step) * step - 12;
  const lines: [number, number][][] = [];
  for (let lon = from(west); lon <= east + 12; lon += step)
    lines.push([
      [lon, south - 12],
      [lon, north + 12],
    ]);
  for (let lat = from(south); lat <= north + 12; lat += step)
    lines.push([
      [west - 12, lat],
      [east + 12, lat],
    ]);
  return { type: 'Feature', properties: {}, geometry: { type: 'MultiLineString', coordinates: lines } };
}

export const emptyCollection: FeatureCollection = { type: 'FeatureCollection', features: [] };
