import { Type, type Static } from 'typebox';
import { inScope, scopeFor, type Access, type Scope } from '../domain/access.ts';
import { Service } from '../domain/link.ts';
import { serviceStates, type LostSite, type ServiceState, type ServiceStatus } from '../domain/service-state.ts';
import type { TopologySource } from '../domain/topology.ts';
import { ServiceDraft, type Services } from '../inventory/services.ts';
import { causeViewFor } from '../live/cause-view.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import { moment, restCause } from './moments.ts';
import type { RouteGroup } from './routes.ts';
import { CauseSchema } from './status-schemas.ts';
import type { LostSiteView, ServiceDetail, ServiceView } from './views.ts';

const words = { path: '/services', tag: 'services', noun: 'service', keyIs: 'id or code' } as const;
const query = Type.Object({ ...PageQuery, q: Text });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** What the watch over the services knows; it knows nothing of rights. */
export interface ServiceStates {
  statusOf(serviceId: string): ServiceStatus;
  lostBy(service: Service): readonly LostSite[];
  usersOf(service: Service): number;
}

const live = {
  state: Type.Unsafe<ServiceState>(Type.Enum([...serviceStates])),
  since: orNull(Type.String({ format: 'date-time' })),
  at: orNull(Type.String({ format: 'date-time', description: 'The last look at it.' })),
  reason: orNull(
    Type.Object({
      code: Type.String({ examples: ['probe.http-status'] }),
      arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
    }),
  ),
  cause: CauseSchema,
  values: Type.Record(Type.String(), Type.Number(), { description: 'Of the last look: `total_ms`, `days_left`, …' }),
  users: Type.Integer({ minimum: 0, description: 'Sites that should have it, in your regions or not.' }),
  lost: Type.Integer({ minimum: 0, description: 'Sites that should have it and have not.' }),
};
const View = Type.Unsafe<ServiceView>(Type.Object({ ...Service.properties, ...live }));
const Detail = Type.Unsafe<ServiceDetail>(
  Type.Object({
    ...Service.properties,
    ...live,
    lostSites: Type.Array(
      Type.Object({
        id: Type.String(),
        code: Type.String(),
        name: Type.String(),
        regionCode: Type.String(),
        state: Type.Enum(['down', 'unreachable', 'unknown']),
        since: orNull(Type.String({ format: 'date-time' })),
        cause: CauseSchema,
      }),
      { description: 'Sites of your regions that should have it and have not, and why.' },
    ),
  }),
);

/** Applications of the government that the backbone carries: what they are, whether they work, and for whom. */
export function serviceRoutes(parts: {
  readonly services: Services;
  readonly states: ServiceStates;
  readonly topology: TopologySource;
}): RouteGroup {
  const { services, states, topology } = parts;
  const toView = (service: Service, access: Access): ServiceView => {
    const scope = scopeFor(access, 'inventory.read');
    return viewOf(service, states.statusOf(service.id), scope, states.lostBy(service).length);
  };
  const toDetail = (service: Service, access: Access): ServiceDetail => {
    const scope = scopeFor(access, 'inventory.read');
    const lost = states.lostBy(service);
    return {
      ...viewOf(service, states.statusOf(service.id), scope, lost.length),
      lostSites: lost.map((one) => lostView(one, scope)).filter((one) => one !== null),
    };
  };

  function viewOf(service: Service, status: ServiceStatus, scope: Scope, lost: number): ServiceView {
    return {
      ...service,
      state: status.state,
      since: status.since === null ? null : moment(status.since),
      at: status.at === null ? null : moment(status.at),
      reason: status.reason,
      cause: restCause(causeViewFor(status.cause, scope, topology.current())),
      values: status.values,
      users: states.usersOf(service),
      lost,
    };
  }

  function lostView(lost: LostSite, scope: Scope): LostSiteView | null {
    const site = topology.current().sites.get(lost.siteId as never);
    if (site === undefined || !inScope(scope, site.regionCode)) return null;
    return {
      id: site.id,
      code: site.code,
      name: site.name,
      regionCode: site.regionCode,
      state: lost.state,
      since: lost.since === null ? null : moment(lost.since),
      cause: restCause(causeViewFor(lost.cause, scope, topology.current())),
    };
  }

  return (app) => {
    listRoute(app, words, {
      view: View,
      query,
      list: async (access, { q, ...page }: Static<typeof query>) => {
        const found = await services.list(access, { q, page });
        return { ...found, items: found.items.map((service) => toView(service, access)) };
      },
    });
    getRoute(app, words, { view: Detail, collection: services, toView: toDetail });
    writeRoutes(app, words, {
      view: View,
      draft: ServiceDraft,
      collection: services,
      toView,
      // An example has made-up ids; the schema's brands are for the program.
      example: { code: 'e-planning', name: 'e-Planning', siteId: '01939f2e-0000-7000-8000-000000000001' } as never,
    });
  };
}
