import type { AgentId, DeviceId, SiteId } from '../domain/ids.ts';
import type { EntityKind, EntityState } from '../domain/reachability.ts';
import { usesService } from '../domain/service-check.ts';
import type { LostSite, ServiceStatus } from '../domain/service-state.ts';
import type { Topology, TopologyDevice, TopologySite } from '../domain/topology.ts';
import { doorsOf, speakersOf } from './speakers.ts';

/** States of devices, sites and links as they are announced. */
export interface NetworkStates {
  stateOf(kind: EntityKind, id: string): EntityState | null;
}

export interface HostedService {
  readonly siteId: SiteId;
  readonly deviceId: DeviceId | null;
  readonly usedBy: readonly string[];
}

/**
 * Who lost a service and why, through the topology: a site that is cut off from where the service stands cannot use it,
 * whatever the service does. Where both lie in the dark, the links that are left say whether they still see each other.
 */
export class LostSites {
  readonly #topology: Topology;
  readonly #states: NetworkStates;
  readonly #devicesOf: ReadonlyMap<SiteId, readonly TopologyDevice[]>;
  #islands: Map<string, number> | null = null;

  constructor(topology: Topology, states: NetworkStates) {
    this.#topology = topology;
    this.#states = states;
    this.#devicesOf = Map.groupBy(topology.devices.values(), ({ siteId }) => siteId);
  }

  users(service: Pick<HostedService, 'usedBy'>): readonly TopologySite[] {
    return [...this.#topology.sites.values()].filter((site) => usesService(site, service.usedBy));
  }

  /** The device that carries the service, or its site where none is named; null when neither is watched. */
  hostState(service: HostedService): EntityState | null {
    const device = service.deviceId === null ? null : this.#states.stateOf('device', service.deviceId);
    return device ?? this.#states.stateOf('site', service.siteId);
  }

  /**
   * Sites that should have it and have not; none while it is up or degraded and every way to it is there. `seenBy` is
   * how an Agent at another place sees it, null where that is not known: then what `status` says holds there, too.
   */
  of(
    service: HostedService,
    status: ServiceStatus,
    seenBy: (agentId: AgentId) => ServiceStatus | null = () => null,
  ): readonly LostSite[] {
    const host = this.hostState(service);
    const speakers = speakersOf(this.#topology);
    const lost: LostSite[] = [];
    for (const site of this.users(service)) {
      const agent = speakers.get(site.id);
      const seen = agent === undefined ? null : seenBy(agent);
      const found = this.#lost(site, service, host, { status: seen ?? status, isFromThere: seen !== null });
      if (found !== null) lost.push(found);
    }
    return lost;
  }

  #lost(
    site: TopologySite,
    service: HostedService,
    host: EntityState | null,
    seen: { readonly status: ServiceStatus; readonly isFromThere: boolean },
  ): LostSite | null {
    const own = this.#states.stateOf('site', site.id);
    // A site in which nothing is watched tells nothing: it is not counted as lost.
    if (own === null) return null;
    const { status, isFromThere } = seen;
    const gone = (state: LostSite['state'], why: EntityState | null): LostSite => ({
      siteId: site.id,
      state,
      since: why?.since ?? null,
      cause: why?.cause ?? null,
      reason: null,
    });
    if (site.id !== service.siteId) {
      if (isDark(own) && isDark(host)) {
        return this.#together(site.id, service) ? gone('unknown', host) : gone('unreachable', own);
      }
      if (isDark(own)) return gone('unreachable', own);
      if (isDark(host)) return gone('unreachable', host);
      // Whoever looks from there knows better.
      if (own.state === 'unknown' && !isFromThere) return gone('unknown', own);
    }
    if (status.state !== 'down') return null;
    const { since, cause, reason } = status;
    return { siteId: site.id, state: 'down', since, cause, reason };
  }

  #together(siteId: SiteId, service: HostedService): boolean {
    this.#islands ??= islandsOf(this.#topology, this.#states);
    const islands = this.#islands;
    const host = service.deviceId === null ? this.#doors(service.siteId) : [service.deviceId];
    const there = new Set(host.map((id) => islands.get(id)));
    there.delete(undefined);
    return this.#doors(siteId).some((id) => there.has(islands.get(id)));
  }

  #doors(siteId: SiteId): readonly DeviceId[] {
    return doorsOf(this.#devicesOf.get(siteId) ?? []).map((device) => device.id);
  }
}

function isDark(state: EntityState | null): boolean {
  return state?.state === 'down' || state?.state === 'unreachable';
}

/** Devices by the number of the island that they are on: joined by links that are not down, over devices that are not. */
function islandsOf(topology: Topology, states: NetworkStates): Map<string, number> {
  const neighbours = new Map<string, string[]>();
  for (const device of topology.devices.keys()) {
    if (states.stateOf('device', device)?.state !== 'down') neighbours.set(device, []);
  }
  for (const link of topology.links.values()) {
    if (states.stateOf('link', link.id)?.state === 'down') continue;
    neighbours.get(link.a.deviceId)?.push(link.b.deviceId);
    neighbours.get(link.b.deviceId)?.push(link.a.deviceId);
  }
  const islands = new Map<string, number>();
  let count = 0;
  for (const start of neighbours.keys()) {
    if (islands.has(start)) continue;
    const open = [start];
    islands.set(start, ++count);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of neighbours.get(at) ?? []) {
        if (islands.has(next) || !neighbours.has(next)) continue;
        islands.set(next, count);
        open.push(next);
      }
    }
  }
  return islands;
}
