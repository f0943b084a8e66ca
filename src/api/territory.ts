import { Type } from 'typebox';
import { ArungError } from '../domain/errors.ts';
import type { RouteGroup } from './routes.ts';

/** What the routes need of the territories. */
export interface Territories {
  /** Of what is served now; null until the first is made. */
  version(): string | null;
  /** A `TerritoryView` as JSON. */
  json(): Buffer | null;
  /** A vector tile, gzip. */
  tile(version: string, z: number, x: number, y: number): Promise<Buffer | null>;
}

/** `GET /api/v1/map/territory`: public geography, the same for every reader. */
export function territoryRoutes(territories: Territories): RouteGroup {
  return (app) => {
    app.get(
      '/map/territory',
      {
        config: { permission: 'public' },
        schema: {
          tags: ['map'],
          summary: 'Territories of the map: public geography, computed from points or imported',
          description:
            'Names and points of the regions, the shared edges of their territories, and where the vector tiles are. ' +
            'The answer changes only with the inventory; send `If-None-Match`.',
        },
      },
      async (request, reply) => {
        const json = territories.json();
        const version = territories.version();
        if (!json || !version) {
          throw new ArungError('unavailable', 'The territories of the map are being made: try again in a moment.', {
            code: 'territory.not-ready',
            retryAfterS: 1,
          });
        }
        const tag = `"${version}"`;
        reply.header('etag', tag).header('cache-control', 'no-cache');
        if (request.headers['if-none-match'] === tag) return reply.code(304).send();
        return reply.type('application/json; charset=utf-8').send(json);
      },
    );
  };
}

const TileAddress = Type.Object({
  version: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  z: Type.Integer({ minimum: 0, maximum: 22 }),
  x: Type.Integer({ minimum: 0, maximum: 4194303 }),
  file: Type.String({ pattern: '^\\d{1,7}\\.pbf$' }),
});

/** `GET /peta/{version}/{z}/{x}/{y}.pbf`, outside of `/api/v1`: a version never changes, so it is cached for ever. */
export function tileRoutes(territories: Territories): RouteGroup {
  return (app) => {
    app.get(
      '/peta/:version/:z/:x/:file',
      {
        config: { permission: 'public' },
        schema: { tags: ['map'], summary: 'Vector tile of the territories', hide: true, params: TileAddress },
      },
      async (request, reply) => {
        const { version, z, x, file } = request.params;
        const tile = await territories.tile(version, z, x, Number.parseInt(file, 10));
        if (!tile && version !== territories.version()) {
          throw new ArungError('not-found', 'This version of the territories is no longer served: reload the map.', {
            code: 'territory.version-gone',
          });
        }
        reply.header('cache-control', 'public, max-age=31536000, immutable');
        // Nothing lies there: an empty answer, which MapLibre takes for an empty tile.
        if (!tile) return reply.code(204).send();
        return reply.type('application/x-protobuf').header('content-encoding', 'gzip').send(tile);
      },
    );
  };
}
