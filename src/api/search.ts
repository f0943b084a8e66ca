import { Type } from 'typebox';
import type { Search } from '../inventory/search.ts';
import type { RouteGroup } from './routes.ts';

type Kind = 'region' | 'site' | 'device' | 'link';

/** One word finds places, devices and links. */
export function searchRoutes(search: Search): RouteGroup {
  return (app) => {
    app.get(
      '/search',
      {
        config: { permission: 'inventory.read' },
        schema: {
          tags: ['search'],
          summary: 'Find places, devices (by name, address, MAC, model, serial number) and links',
          querystring: Type.Object({
            q: Type.String({ maxLength: 120, examples: ['kahu'] }),
            limit: Type.Integer({ minimum: 1, maximum: 50, default: 20 }),
          }),
          response: {
            200: Type.Object({
              items: Type.Array(
                Type.Object({
                  kind: Type.Unsafe<Kind>(Type.Enum(['region', 'site', 'device', 'link'])),
                  id: Type.String({ description: 'Id; of a region its code.' }),
                  name: Type.String(),
                  detail: Type.String(),
                }),
              ),
              next: Type.Null(),
            }),
          },
        },
      },
      async (request) => ({
        items: await search.find(request.access, request.query.q, request.query.limit),
        next: null,
      }),
    );
  };
}
