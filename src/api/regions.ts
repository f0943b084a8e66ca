import { Type, type Static } from 'typebox';
import { Region, RegionLevel, regionCodePattern } from '../domain/region.ts';
import type { RegionCatalogue } from '../inventory/region-catalogue.ts';
import { RegionPoint, type RegionRecord, type Regions } from '../inventory/regions.ts';
import { getRoute, listRoute } from './collection-routes.ts';
import { etagOf, KeyParameter, PageQuery, Text, versionOf, WriteHeaders, WriteQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const RegionShape = Type.Object({
  ...Region.properties,
  pointSource: Type.Union([
    Type.Unsafe<'default' | 'boundary' | 'person'>(Type.Enum(['default', 'boundary', 'person'])),
    Type.Null(),
  ]),
  hasBoundary: Type.Boolean(),
});

const words = { path: '/regions', tag: 'regions', noun: 'region', keyIs: 'id or code' } as const;
const query = Type.Object({
  ...PageQuery,
  parent: Type.Optional(
    Type.String({ maxLength: 13, description: 'Code of a region: all below it.', examples: ['73.08'] }),
  ),
  level: Type.Optional(Type.Unsafe<RegionLevel>(RegionLevel)),
  q: Text,
});

/** Administrative units by their Kemendagri codes. */
export function regionRoutes(options: { readonly regions: Regions; readonly catalogue: RegionCatalogue }): RouteGroup {
  const { regions, catalogue } = options;
  const toView = (region: RegionRecord) => region;
  return (app) => {
    listRoute(app, words, {
      view: RegionShape,
      query,
      description: 'The reader’s regions with all below them, and those above by which a place is named.',
      list: (access, { parent, level, q, ...page }: Static<typeof query>) =>
        regions.list(access, { parent, level, q, page }),
    });
    getRoute(app, words, { view: RegionShape, collection: regions, toView });

    app.patch(
      '/regions/:key',
      {
        config: { permission: 'inventory.write' },
        schema: {
          tags: ['regions'],
          summary: 'Correct where a region’s own point lies',
          params: KeyParameter,
          querystring: WriteQuery,
          headers: WriteHeaders,
          body: RegionPoint,
          response: { 200: RegionShape },
        },
      },
      async (request, reply) => {
        const kept = await regions.setPoint(request.access, request.params.key, request.body, {
          reason: request.query.reason,
          version: versionOf(request.headers['if-match']),
        });
        return reply.header('etag', etagOf(kept.version)).send(kept.entity);
      },
    );

    app.post(
      '/regions/:key/recode',
      {
        config: { permission: 'inventory.write' },
        schema: {
          tags: ['regions'],
          summary: 'Give a region, and all below it, the code of a decree',
          description: 'Ids, and with them sites, history and rights, stay; old codes are kept and still found.',
          params: KeyParameter,
          body: Type.Object(
            {
              code: Type.String({ pattern: regionCodePattern, examples: ['73.08.28'] }),
              decree: Type.String({ minLength: 1, maxLength: 200, examples: ['Kepmendagri 300.2.2-2138/2025'] }),
            },
            { additionalProperties: false },
          ),
          response: { 200: Type.Object({ moved: Type.Integer() }) },
        },
      },
      async (request) => {
        const { entity } = await regions.get(request.access, request.params.key);
        return { moved: await catalogue.recode(request.access, entity.code, request.body.code, request.body.decree) };
      },
    );

    app.post(
      '/regions/import',
      {
        config: { permission: 'inventory.write' },
        schema: {
          tags: ['regions'],
          summary: 'Take a province, regency or kecamatan with all below it from the Kemendagri catalogue',
          description: 'Repeating it changes nothing but names that have changed.',
          querystring: WriteQuery,
          body: Type.Object(
            { code: Type.String({ pattern: regionCodePattern, examples: ['73.08'] }) },
            { additionalProperties: false },
          ),
          response: {
            200: Type.Object({
              code: Type.String(),
              name: Type.String(),
              created: Type.Integer(),
              renamed: Type.Integer(),
              unchanged: Type.Integer(),
              placed: Type.Integer(),
              regions: Type.Object({
                province: Type.Integer(),
                regency: Type.Integer(),
                district: Type.Integer(),
                village: Type.Integer(),
              }),
            }),
          },
        },
      },
      (request) => catalogue.import(request.access, request.body.code, { reason: request.query.reason }),
    );
  };
}
