import { Type } from 'typebox';
import { regionCodePattern } from '../domain/region.ts';
import type { Boundaries } from '../inventory/boundaries/boundaries.ts';
import { takeText } from './raw-text.ts';
import type { RouteGroup } from './routes.ts';

const config = { permission: 'inventory.write' } as const;
const tags = ['boundaries'];
const largestFile = 64 * 1024 * 1024;

/** Boundaries of regions as GeoJSON. */
export function boundaryRoutes(boundaries: Boundaries): RouteGroup {
  return (app) => {
    takeText(app, ['application/json', 'application/geo+json'], largestFile);

    app.get(
      '/boundaries',
      {
        config: { permission: 'inventory.read' },
        schema: {
          tags,
          summary: 'How many regions have an imported boundary, where they come from, and how far an import is',
          response: {
            200: Type.Object({
              running: Type.Union(
                [
                  Type.Object({
                    phase: Type.Enum(['reading', 'keeping']),
                    share: Type.Number({ minimum: 0, maximum: 1, description: 'Of this phase.' }),
                  }),
                  Type.Null(),
                ],
                { description: 'The import that is under way; null while none is.' },
              ),
              regions: Type.Object({
                province: Type.Integer(),
                regency: Type.Integer(),
                district: Type.Integer(),
                village: Type.Integer(),
              }),
              sources: Type.Array(
                Type.Object({
                  source: Type.String(),
                  regions: Type.Integer(),
                  importedAt: Type.String({ format: 'date-time' }),
                }),
              ),
            }),
          },
        },
      },
      async (request, reply) => {
        const status = await boundaries.status(request.access);
        return reply.send({ ...status, sources: [...status.sources] });
      },
    );

    app.post(
      '/boundaries/import',
      {
        config,
        bodyLimit: largestFile,
        schema: {
          tags,
          summary: 'Import boundaries',
          description:
            'A GeoJSON FeatureCollection of Polygon and MultiPolygon in WGS 84, with the region code in a property. All of it or ' +
            'nothing; errors name the feature and its line. One at a time; `GET /boundaries` tells how far it is.',
          consumes: ['application/geo+json', 'application/json'],
          querystring: Type.Object({
            source: Type.String({
              minLength: 1,
              maxLength: 200,
              pattern: '^[^\\u0000]*$',
              description: 'Where they come from; shown on the map.',
              examples: ['cahyadsn/wilayah_boundaries (MIT)'],
            }),
            property: Type.Optional(Type.String({ maxLength: 60, description: 'Name of the property with the code.' })),
            ignoreUnknown: Type.Optional(
              Type.Boolean({ description: 'Leave out features of regions that are not here.' }),
            ),
            dryRun: Type.Optional(Type.Boolean()),
            reason: Type.Optional(Type.String({ maxLength: 400 })),
          }),
          body: Type.String(),
          response: {
            200: Type.Object({
              dryRun: Type.Boolean(),
              property: Type.String(),
              created: Type.Integer(),
              replaced: Type.Integer(),
              unchanged: Type.Integer(),
              ignored: Type.Integer(),
              placed: Type.Integer(),
            }),
          },
        },
      },
      (request) => boundaries.import(request.access, request.body, request.query),
    );

    app.delete(
      '/boundaries',
      {
        config,
        schema: {
          tags,
          summary: 'Take the boundaries of a region and all below it away',
          querystring: Type.Object({
            region: Type.String({ pattern: regionCodePattern, examples: ['73.08'] }),
            reason: Type.Optional(Type.String({ maxLength: 400 })),
          }),
          response: { 200: Type.Object({ removed: Type.Integer() }) },
        },
      },
      async (request) => ({
        removed: await boundaries.remove(request.access, request.query.region, { reason: request.query.reason }),
      }),
    );
  };
}
