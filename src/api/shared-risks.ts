import { Type, type Static } from 'typebox';
import { SharedRisk } from '../domain/link.ts';
import { SharedRiskDraft, type SharedRisks } from '../inventory/shared-risks.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = { path: '/shared-risks', tag: 'shared risks', noun: 'shared risk', keyIs: 'id or name' } as const;
const query = Type.Object({ ...PageQuery, q: Text });

/** Ducts, poles and power feeders: what fails together. */
export function sharedRiskRoutes(sharedRisks: SharedRisks): RouteGroup {
  const toView = (risk: SharedRisk) => risk;
  return (app) => {
    listRoute(app, words, {
      view: SharedRisk,
      query,
      list: (access, { q, ...page }: Static<typeof query>) => sharedRisks.list(access, { q, page }),
    });
    getRoute(app, words, { view: SharedRisk, collection: sharedRisks, toView });
    writeRoutes(app, words, {
      view: SharedRisk,
      draft: SharedRiskDraft,
      collection: sharedRisks,
      toView,
      example: { name: 'Penyulang Libureng', kind: 'power-feeder' },
    });
  };
}
