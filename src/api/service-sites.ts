import { Type } from 'typebox';
import { inScope, scopeFor } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { Service } from '../domain/link.ts';
import { serviceStates, type ServiceState } from '../domain/service-state.ts';
import type { TopologySource } from '../domain/topology.ts';
import { causeViewFor } from '../live/cause-view.ts';
import { pastMoments, siteServices, type PastStates, type ServiceMoment } from '../services/site-services.ts';
import { moment, restCause } from './moments.ts';
import type { RouteGroup } from './routes.ts';
import type { ServiceStates } from './services.ts';
import { CauseSchema, Moment } from './status-schemas.ts';
import type { ServiceSitesView } from './views.ts';

const config = { permission: 'status.read' } as const;
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Since = orNull(Type.String({ format: 'date-time' }));

const View = Type.Unsafe<ServiceSitesView>(
  Type.Object({
    at: Type.String({ format: 'date-time' }),
    services: Type.Array(
      Type.Object({
        id: Type.String(),
        code: Type.String(),
        name: Type.String(),
        state: Type.Unsafe<ServiceState>(Type.Enum([...serviceStates])),
        since: Since,
      }),
    ),
    sites: Type.Array(
      Type.Object({
        id: Type.String(),
        state: Type.Enum([...serviceStates, 'unreachable'], {
          description: 'The worst that it has. `down`: the service itself; `unreachable`: the way to it.',
        }),
        since: Since,
        cause: CauseSchema,
        lost: Type.Array(
          Type.Object({ serviceId: Type.String(), state: Type.Enum(['down', 'unreachable', 'unknown']) }),
        ),
      }),
    ),
  }),
);

/** `GET /api/v1/status/services`: which site has the services that it uses, now or at a moment of the past. */
export function serviceSiteRoutes(parts: {
  readonly states: ServiceStates & { watched(): readonly Service[] };
  readonly past: { statesAt(at: Date): Promise<PastStates> };
  readonly topology: TopologySource;
  readonly clock: Clock;
}): RouteGroup {
  const { states, past, topology, clock } = parts;

  const now = (services: readonly Service[]): ServiceMoment[] =>
    services.map((service) => ({ service, ...states.statusOf(service.id), ...states.outlookOf(service) }));

  return (app) => {
    app.get(
      '/status/services',
      {
        config,
        schema: {
          tags: ['status'],
          summary: 'Which site has the services that it uses',
          description:
            'Of your regions, every site that uses one of the services, with the worst that it has and why. `service` names ' +
            'one, by id or code; without it all count. `at` asks for a moment of the past.',
          querystring: Type.Object({
            service: Type.Optional(Type.String({ maxLength: 40, examples: ['e-planning'] })),
            at: Type.Optional(Moment),
          }),
          response: { 200: View },
        },
      },
      async (request) => {
        const { service: key, at } = request.query;
        const scope = scopeFor(request.access, config.permission);
        const current = topology.current();
        const isSeen = ({ service, users }: ServiceMoment): boolean => {
          const host = current.sites.get(service.siteId);
          return (
            (host !== undefined && inScope(scope, host.regionCode)) ||
            users.some((site) => inScope(scope, site.regionCode))
          );
        };
        const services = states.watched().filter((one) => key === undefined || one.id === key || one.code === key);
        const then = at === undefined ? null : await past.statesAt(new Date(at));
        const moments = then === null ? now(services) : pastMoments(services, then, current);
        const seen = moments.filter(isSeen);
        // One that was not there at that moment is no mistake of who asks.
        if (key !== undefined && !now(services).some(isSeen)) {
          throw new ArungError('not-found', `There is no service ${key} in your regions.`, {
            code: 'service.not-found',
            arguments: { key },
          });
        }
        return {
          at: (then?.at ?? new Date(clock.now())).toISOString(),
          services: seen.map(({ service: { id, code, name }, state, since }) => ({
            id,
            code,
            name,
            state,
            since: since === null ? null : moment(since),
          })),
          sites: siteServices(seen)
            .filter((site) => inScope(scope, site.regionCode))
            .map((site) => ({
              id: site.siteId,
              state: site.state,
              since: site.since === null ? null : moment(site.since),
              cause: restCause(causeViewFor(site.cause, scope, current)),
              lost: site.lost,
            })),
        };
      },
    );
  };
}
