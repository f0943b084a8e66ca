import { Type } from 'typebox';
import { networks, siteKinds, type Network, type SiteKind } from '../domain/site.ts';
import { inScope, scopeFor } from '../domain/access.ts';
import type { Regions } from '../inventory/regions.ts';
import { MaybeText } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';
import type { TopologyIndex } from './topology-index.ts';
import type { MapView } from './views.ts';

const MapShape = Type.Object({
  version: Type.Integer(),
  sites: Type.Array(
    Type.Object({
      id: Type.String(),
      code: Type.String(),
      name: Type.String(),
      kind: Type.Unsafe<SiteKind>(Type.Enum([...siteKinds])),
      network: Type.Unsafe<Network>(Type.Enum([...networks])),
      regionCode: Type.String(),
      districtName: MaybeText,
      latitude: Type.Number(),
      longitude: Type.Number(),
      uplinkMedium: MaybeText,
      devices: Type.Integer(),
    }),
  ),
  links: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      medium: Type.String(),
      capacityBps: Type.Number(),
      trunk: Type.Boolean(),
      a: Type.String({ description: 'Id of a site.' }),
      b: Type.String({ description: 'Id of a site.' }),
    }),
  ),
});

/** What the map draws: active sites that have a place, and the links between them. */
export function mapRoutes(options: { readonly regions: Regions; readonly index: () => TopologyIndex }): RouteGroup {
  const { regions, index } = options;
  return (app) => {
    app.get(
      '/map',
      {
        config: { permission: 'inventory.read' },
        schema: {
          tags: ['map'],
          summary: 'Sites and the links between them, within the reader’s regions',
          description: 'States come over socket.io. The ETag changes when the picture does.',
          response: { 200: MapShape },
        },
      },
      async (request, reply) => {
        const scope = scopeFor(request.access, 'inventory.read');
        const { topology, devicesOf, uplinks } = index();
        const names = await regions.districtNames(topology.version);
        const sites: MapView['sites'][number][] = [];
        const drawn = new Set<string>();
        for (const site of topology.sites.values()) {
          const { id, code, name, kind, network, regionCode, latitude, longitude } = site;
          if (latitude === null || longitude === null || !inScope(scope, regionCode)) continue;
          drawn.add(id);
          sites.push({
            id,
            code,
            name,
            kind,
            network,
            regionCode,
            latitude,
            longitude,
            districtName: names.get(regionCode.slice(0, 8)) ?? null,
            uplinkMedium: uplinks.get(id)?.medium ?? null,
            devices: devicesOf.get(id)?.length ?? 0,
          });
        }
        const links = [...topology.links.values()]
          .filter(({ a, b }) => a.siteId !== b.siteId && drawn.has(a.siteId) && drawn.has(b.siteId))
          .map(({ id, name, medium, capacityBps, trunk, a, b }) => ({
            id,
            name,
            medium,
            capacityBps,
            trunk,
            a: a.siteId,
            b: b.siteId,
          }));
        return reply
          .header('etag', `W/"${topology.version}"`)
          .header('cache-control', 'private, no-cache')
          .send({ version: topology.version, sites, links });
      },
    );
  };
}
