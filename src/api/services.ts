import { Type, type Static } from 'typebox';
import { inScope, scopeFor, type Access, type Scope } from '../domain/access.ts';
import { Service } from '../domain/link.ts';
import {
  serviceStates,
  type LostSite,
  type ServiceState,
  type ServiceStatus,
  type ServiceVantage,
} from '../domain/service-state.ts';
import type { TopologySite, TopologySource } from '../domain/topology.ts';
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
  /** Who should have it, and who of them has not. */
  outlookOf(service: Service): { readonly users: readonly TopologySite[]; readonly lost: readonly LostSite[] };
  vantagesOf(service: Service): readonly ServiceVantage[];
}

const Reason = orNull(
  Type.Object({
    code: Type.String({ examples: ['probe.http-status'] }),
    arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  }),
);

const live = {
  state: Type.Unsafe<ServiceState>(Type.Enum([...serviceStates])),
  since: orNull(Type.String({ format: 'date-time' })),
  at: orNull(Type.String({ format: 'date-time', description: 'The last look at it.' })),
  reason: Reason,
  cause: CauseSchema,
  values: Type.Record(Type.String(), Type.Number(), { description: 'Of the last look: `total_ms`, `days_left`, …' }),
  users: Type.Integer({ minimum: 0, description: 'Sites of your regions that should have it.' }),
  lost: Type.Integer({ minimum: 0, description: 'Sites of your regions that should have it and have not.' }),
};
const properties = {
  ...Service.properties,
  siteId: Type.Union([Type.String(), Type.Null()], { description: 'Null when it stands outside your regions.' }),
};
const View = Type.Unsafe<ServiceView>(Type.Object({ ...properties, ...live }));
const Detail = Type.Unsafe<ServiceDetail>(
  Type.Object({
    ...properties,
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
        reason: Reason,
      }),
      { description: 'Sites of your regions that should have it and have not, and why.' },
    ),
    vantages: Type.Array(
      Type.Object({
        agent: Type.String(),
        sites: Type.Integer({ minimum: 0, description: 'Sites of your regions that it speaks for.' }),
        state: live.state,
        since: live.since,
        at: live.at,
        reason: Reason,
      }),
      { description: 'The agents that look at it, and how they see it.' },
    ),
  }),
);

/** A service that stands in the reader's regions is shown whole. */
function isInside(scope: Scope, regionCode: string | null): boolean {
  return scope === 'everywhere' || (regionCode !== null && inScope(scope, regionCode));
}

/** Applications of the government that the backbone carries: what they are, whether they work, and for whom. */
export function serviceRoutes(parts: {
  readonly services: Services;
  readonly states: ServiceStates;
  readonly topology: TopologySource;
}): RouteGroup {
  const { services, states, topology } = parts;
  const toView = (service: Service, access: Access, regionCode: string | null): ServiceView => {
    const scope = scopeFor(access, 'inventory.read');
    return viewOf(service, scope, isInside(scope, regionCode));
  };
  const toDetail = (service: Service, access: Access, regionCode: string | null): ServiceDetail => {
    const scope = scopeFor(access, 'inventory.read');
    const inside = isInside(scope, regionCode);
    const regionOf = (siteId: string): string => topology.current().sites.get(siteId as never)?.regionCode ?? '';
    return {
      ...viewOf(service, scope, inside),
      lostSites: states
        .outlookOf(service)
        .lost.map((one) => lostView(one, scope, inside))
        .filter((one) => one !== null),
      vantages: !inside
        ? []
        : states.vantagesOf(service).map(({ agentName, siteIds, status }) => ({
            agent: agentName,
            sites: siteIds.filter((id) => inScope(scope, regionOf(id))).length,
            state: status.state,
            since: status.since === null ? null : moment(status.since),
            at: status.at === null ? null : moment(status.at),
            reason: status.reason,
          })),
    };
  };

  function viewOf(service: Service, scope: Scope, inside: boolean): ServiceView {
    const status = states.statusOf(service.id);
    const { users, lost } = states.outlookOf(service);
    const own = new Set<string>(users.filter((site) => inScope(scope, site.regionCode)).map((site) => site.id));
    const known = {
      state: status.state,
      since: status.since === null ? null : moment(status.since),
      cause: restCause(causeViewFor(status.cause, scope, topology.current())),
      users: own.size,
      lost: lost.filter((one) => own.has(one.siteId)).length,
    };
    if (inside) {
      const { reason, values, at } = status;
      return { ...service, ...known, at: at === null ? null : moment(at), reason, values };
    }
    const { id, code, name } = service;
    const hidden = { siteId: null, deviceId: null, url: '', checks: [], usedBy: [] };
    return { id, code, name, ...hidden, ...known, at: null, reason: null, values: {} };
  }

  /** `inside`: the service stands in the reader's regions, who may know what a look at it told. */
  function lostView(lost: LostSite, scope: Scope, inside: boolean): LostSiteView | null {
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
      reason: inside ? lost.reason : null,
    };
  }

  return (app) => {
    listRoute(app, words, {
      view: View,
      query,
      list: async (access, { q, ...page }: Static<typeof query>) => {
        const found = await services.list(access, { q, page });
        return {
          ...found,
          items: found.items.map(({ regionCode, ...service }) => toView(service, access, regionCode)),
        };
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
