import { Type, type Static } from 'typebox';
import { MaintenanceDraft, MaintenanceWindow, type Maintenance } from '../inventory/maintenance.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = { path: '/maintenance', tag: 'maintenance', noun: 'maintenance window', keyIs: 'id' } as const;
const query = Type.Object({
  ...PageQuery,
  current: Type.Optional(Type.Boolean({ description: 'Leaves out what is over.' })),
});

/** Planned work: its devices are shown as `maintenance` while their measured state goes on beneath. */
export function maintenanceRoutes(maintenance: Maintenance): RouteGroup {
  const toView = (window: MaintenanceWindow) => window;
  return (app) => {
    listRoute(app, words, {
      view: MaintenanceWindow,
      query,
      list: (access, { current, ...page }: Static<typeof query>) => maintenance.list(access, { current, page }),
    });
    getRoute(app, words, { view: MaintenanceWindow, collection: maintenance, toView });
    writeRoutes(app, words, {
      view: MaintenanceWindow,
      draft: MaintenanceDraft,
      collection: maintenance,
      toView,
      // An example has made-up ids; the schema's brands are for the program.
      example: {
        siteId: '01939f2e-0000-7000-8000-000000000001',
        from: '2026-11-25T14:00:00Z',
        to: '2026-11-25T16:00:00Z',
        reason: 'Ganti UPS',
      } as never,
    });
  };
}
