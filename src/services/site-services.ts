import type { Service } from '../domain/link.ts';
import type { Cause, EntityState, Reachability } from '../domain/reachability.ts';
import type { LostSite, ServiceState } from '../domain/service-state.ts';
import type { Topology, TopologySite } from '../domain/topology.ts';
import { LostSites, type NetworkStates } from './lost-sites.ts';

/** A service at a moment: its state, who should have it, and who of them has not. */
export interface ServiceMoment {
  readonly service: Service;
  readonly state: ServiceState;
  readonly since: number | null;
  readonly cause: Cause | null;
  readonly users: readonly TopologySite[];
  readonly lost: readonly LostSite[];
}

/** What a site has of the services that it uses: the worst of them. `unreachable`: the way to it; `down`: the service itself. */
export interface SiteServices {
  readonly siteId: string;
  readonly regionCode: string;
  readonly state: ServiceState | 'unreachable';
  readonly since: number | null;
  readonly cause: Cause | null;
  readonly lost: readonly { readonly serviceId: string; readonly state: LostSite['state'] }[];
}

const badness: readonly SiteServices['state'][] = ['up', 'maintenance', 'degraded', 'unknown', 'unreachable', 'down'];

/** Each site that uses one of the services, with the worst that it has. */
export function siteServices(moments: readonly ServiceMoment[]): readonly SiteServices[] {
  const sites = new Map<string, SiteServices>();
  for (const { service, state, since, cause, users, lost } of moments) {
    const losers = new Map(lost.map((one) => [one.siteId, one]));
    for (const site of users) {
      const own = losers.get(site.id);
      // It is down, and this site has it all the same: an Agent there says so.
      const seen =
        own ?? (state === 'down' ? { state: 'up' as const, since: null, cause: null } : { state, since, cause });
      const before = sites.get(site.id);
      const isWorse = before === undefined || badness.indexOf(seen.state) > badness.indexOf(before.state);
      const worst = isWorse ? seen : before;
      const gone = own === undefined ? [] : [{ serviceId: service.id as string, state: own.state }];
      sites.set(site.id, {
        siteId: site.id,
        regionCode: site.regionCode,
        state: worst.state,
        since: worst.since,
        cause: worst.cause,
        lost: [...(before?.lost ?? []), ...gone],
      });
    }
  }
  return [...sites.values()];
}

/** All that was not up at a moment, as history has it. */
export interface PastStates {
  readonly at: Date;
  readonly gapSince: Date | null;
  readonly states: ReadonlyMap<
    string,
    { readonly state: Reachability | 'degraded'; readonly since: number; readonly cause: Cause | null }
  >;
  readonly services: ReadonlySet<string>;
}

/**
 * The services as they were, out of the states of that moment and the ways that the inventory has now. What was not there
 * yet is left out; while no controller ran nothing is known.
 */
export function pastMoments(services: readonly Service[], past: PastStates, topology: Topology): ServiceMoment[] {
  const states: NetworkStates = {
    stateOf: (kind, id): EntityState => {
      const found = past.states.get(`${kind} ${id}`);
      return found === undefined || found.state === 'degraded'
        ? { state: 'up', since: 0, cause: null }
        : { ...found, state: found.state };
    },
  };
  const network = new LostSites(topology, states);
  return services.flatMap((service): ServiceMoment[] => {
    if (!past.services.has(service.id)) return [];
    const users = network.users(service);
    if (past.gapSince !== null) {
      const since = past.gapSince.getTime();
      return [{ service, state: 'unknown', since, cause: null, users, lost: [] }];
    }
    const own = past.states.get(`service ${service.id}`);
    const state = own === undefined || own.state === 'unreachable' ? 'up' : own.state;
    const { since = null, cause = null } = own ?? {};
    const status = { state, since, at: past.at.getTime(), reason: null, cause, values: {} };
    return [{ service, state, since, cause, users, lost: network.of(service, status) }];
  });
}
