import { Type, type Static } from 'typebox';
import { Service } from '../domain/link.ts';
import { ServiceDraft, type Services } from '../inventory/services.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = { path: '/services', tag: 'services', noun: 'service', keyIs: 'id or code' } as const;
const query = Type.Object({ ...PageQuery, q: Text });

/** Applications of the government that the backbone carries. */
export function serviceRoutes(services: Services): RouteGroup {
  const toView = (service: Service) => service;
  return (app) => {
    listRoute(app, words, {
      view: Service,
      query,
      list: (access, { q, ...page }: Static<typeof query>) => services.list(access, { q, page }),
    });
    getRoute(app, words, { view: Service, collection: services, toView });
    writeRoutes(app, words, {
      view: Service,
      draft: ServiceDraft,
      collection: services,
      toView,
      // An example has made-up ids; the schema's brands are for the program.
      example: { code: 'e-planning', name: 'e-Planning', siteId: '01939f2e-0000-7000-8000-000000000001' } as never,
    });
  };
}
