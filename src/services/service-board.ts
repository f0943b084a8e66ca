import type { Logger } from 'pino';
import { inScope, type Scope } from '../domain/access.ts';
import { causeRegionCodes } from '../domain/cause-regions.ts';
import type { Clock } from '../domain/clock.ts';
import type { NetworkEvent } from '../domain/event.ts';
import { newId, type AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { Service } from '../domain/link.ts';
import type { PointBus } from '../domain/point.ts';
import type { LookReason, LostSite, ServiceStatus, ServiceSummary, ServiceVantage } from '../domain/service-state.ts';
import type { PlacedEvent, ServiceTransition } from '../domain/status-change.ts';
import type { TopologySite, TopologySource } from '../domain/topology.ts';
import { lookEveryMs } from './agent-plans.ts';
import { LostSites, type NetworkStates } from './lost-sites.ts';
import { lookAt, type ProbeChecks } from './service-look.ts';
import { ServicePoints } from './service-points.ts';
import { ServiceWatch } from './service-watch.ts';
import { speakersOf } from './speakers.ts';
import { Vantages } from './vantages.ts';

export interface ServiceBoardOptions {
  /** Every service of the inventory. */
  readonly services: () => Promise<readonly Service[]>;
  readonly topology: TopologySource;
  readonly states: NetworkStates & { onChange(listener: () => void): () => void };
  /** The Agent of this program, as whom it looks. */
  readonly agentId: AgentId;
  /** Where what was measured goes, and what other Agents measured comes from. */
  readonly bus: PointBus;
  readonly probe: ProbeChecks;
  readonly journal: {
    recordService(transition: ServiceTransition): void;
    record(event: NetworkEvent, causeRegionCodes: readonly string[]): void;
  };
  /** Hears of every event beside the journal. */
  readonly tell: (event: PlacedEvent) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
  /** After a first failure. */
  readonly againMs?: number;
}

interface Watched {
  readonly service: Service;
  readonly watch: ServiceWatch;
}

/** Who should have a service, and who of them has not. */
export interface Outlook {
  readonly service: Service;
  readonly users: readonly TopologySite[];
  readonly lost: readonly LostSite[];
}

function isSameHosting(one: Service, other: Service): boolean {
  const same = one.siteId === other.siteId && one.deviceId === other.deviceId;
  return same && one.usedBy.join('\n') === other.usedBy.join('\n');
}

const nothing: ServiceStatus = { state: 'unknown', since: null, at: null, reason: null, cause: null, values: {} };

/**
 * Looks at every service from where the Agent stands, decides its state, and says which sites cannot use it. A loop that
 * reads the inventory anew each time: what a crash or an edit left undone, the next round does.
 */
export class ServiceBoard implements LongLived {
  readonly name = 'services';
  readonly #options: ServiceBoardOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  readonly #points: ServicePoints;
  readonly #vantages: Vantages;
  readonly #listeners = new Set<() => void>();
  #stops: (() => void)[] = [];
  /** Who uses and who lost each service, as long as nothing changes. */
  readonly #outlooks = new Map<string, Outlook>();

  constructor(options: ServiceBoardOptions) {
    this.#options = options;
    this.#points = new ServicePoints(options.agentId);
    this.#vantages = new Vantages({
      own: options.agentId,
      clock: options.clock,
      changed: (serviceId, agent, before) => this.#seenDifferently(serviceId, agent, before),
    });
  }

  async start(): Promise<void> {
    const { bus, states } = this.#options;
    this.#stops = [bus.to(this.#vantages), states.onChange(() => this.#changed())];
    this.#later(0);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const stop of this.#stops) stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  statusOf(serviceId: string): ServiceStatus {
    return this.#watched.get(serviceId)?.watch.status ?? nothing;
  }

  /** The services that are watched, in the order of their codes. */
  watched(): readonly Service[] {
    return [...this.#watched.values()].map(({ service }) => service);
  }

  /** Sites that should have it, and those of them that have not. */
  outlookOf(service: Service): Outlook {
    const known = this.#outlooks.get(service.id);
    if (known !== undefined && isSameHosting(known.service, service)) return known;
    const { topology, states } = this.#options;
    const network = new LostSites(topology.current(), states);
    const lost = network.of(service, this.statusOf(service.id), (agent) => this.#vantages.seenBy(agent, service.id));
    const outlook = { service, users: network.users(service), lost };
    this.#outlooks.set(service.id, outlook);
    return outlook;
  }

  /** What a reader of these regions may know of every service: those that stand there, and those that sites there use. */
  summaries(scope: Scope): readonly ServiceSummary[] {
    const { sites } = this.#options.topology.current();
    return this.watched().flatMap((service) => {
      const { users, lost } = this.outlookOf(service);
      const own = new Set(users.filter((site) => inScope(scope, site.regionCode)).map((site) => site.id as string));
      const host = sites.get(service.siteId)?.regionCode;
      if (own.size === 0 && (host === undefined || !inScope(scope, host))) return [];
      const { id, code, name } = service;
      const { state, since } = this.statusOf(id);
      return [
        { id, code, name, state, since, users: own.size, lost: lost.filter((one) => own.has(one.siteId)).length },
      ];
    });
  }

  /** From where it is looked at, and for which sites: an Agent that does not look itself is spoken for by this program. */
  vantagesOf(service: Service): readonly ServiceVantage[] {
    const { topology, agentId } = this.#options;
    const speakers = speakersOf(topology.current());
    const sites = new Map<AgentId, string[]>([[agentId, []]]);
    for (const site of this.outlookOf(service).users) {
      const speaker = speakers.get(site.id);
      if (speaker === undefined) continue;
      const looks = this.#vantages.seenBy(speaker, service.id) === null ? agentId : speaker;
      const found = sites.get(looks);
      if (found === undefined) sites.set(looks, [site.id]);
      else found.push(site.id);
    }
    return [...sites].map(([id, siteIds]) => ({
      agentId: id,
      agentName: topology.current().agents.get(id)?.name ?? 'local',
      siteIds,
      status: this.#vantages.seenBy(id, service.id) ?? this.statusOf(service.id),
    }));
  }

  /** Why looks of an Agent at another place were not up; told before the points of these looks. */
  explain(agent: AgentId, reasons: readonly LookReason[]): void {
    this.#vantages.explain(agent, reasons);
  }

  /** Calls back when a service, or who can reach one, may have changed; returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One look at everything; runs by itself, tests call it. */
  async look(): Promise<void> {
    const { probe, clock, topology, states } = this.#options;
    this.#keep(await this.#options.services());
    const signal = this.#stopped.signal;
    const looks = await lookAt(this.watched(), probe, signal);
    if (signal.aborted) return;
    const measured = looks.flatMap(({ checked }) => checked);
    if (measured.length > 0) this.#options.bus.publish(this.#points.batchOf(measured, clock.now()));
    const network = new LostSites(topology.current(), states);
    for (const { service, outcomes } of looks) {
      const watch = this.#watched.get(service.id)?.watch;
      if (watch === undefined) continue;
      const before = watch.status;
      const host = network.hostState(service);
      const device = service.deviceId === null ? undefined : topology.current().devices.get(service.deviceId);
      const changed = watch.looked(outcomes, { host, maintenance: device?.maintenance === true }, clock.now());
      if (!changed) continue;
      this.#record(service, watch.status);
      this.#tell(service, { before, now: watch.status, agent: null });
    }
    this.#changed();
  }

  #keep(services: readonly Service[]): void {
    const ids = new Set<string>(services.map((service) => service.id));
    this.#vantages.keepOnly(ids);
    for (const [id, { service, watch }] of this.#watched) {
      if (ids.has(id)) continue;
      this.#watched.delete(id);
      // What is no longer watched has no state: its history ends here.
      this.#record(service, { ...watch.status, state: 'up', since: this.#options.clock.now(), cause: null });
    }
    for (const service of services) {
      const watch = this.#watched.get(service.id)?.watch ?? new ServiceWatch();
      this.#watched.set(service.id, { service, watch });
    }
  }

  #changed(): void {
    this.#outlooks.clear();
    for (const listener of this.#listeners) listener();
  }

  #seenDifferently(serviceId: string, agent: AgentId, before: ServiceStatus): void {
    const service = this.#watched.get(serviceId)?.service;
    const now = this.#vantages.seenBy(agent, serviceId);
    if (service !== undefined && now !== null) {
      const name = this.#options.topology.current().agents.get(agent)?.name ?? '';
      this.#tell(service, { before, now, agent: name });
    }
    this.#changed();
  }

  /** `agent`: whose eyes they were, when not our own. */
  #tell(service: Service, change: { before: ServiceStatus; now: ServiceStatus; agent: string | null }): void {
    const { before, now, agent } = change;
    const { clock, journal, logger, topology, tell } = this.#options;
    // The first look after a start finds what was so before: only what is wrong is news.
    const quiet = before.state === now.state || (before.since === null && now.state === 'up');
    if (quiet || now.state === 'maintenance') return;
    const regionCode = this.#regionOf(service);
    logger.info(
      { service: service.code, state: now.state, reason: now.reason?.code, agent },
      'a service changed its state',
    );
    const event: NetworkEvent = {
      id: newId(),
      at: clock.now(),
      key: `service.${now.state}`,
      entityKind: 'service',
      entityId: service.id,
      entityName: service.name,
      siteId: service.siteId,
      regionCode,
      cause: now.cause,
      arguments: {
        ...now.reason?.arguments,
        reason: now.reason?.code ?? '',
        since: now.since,
        ...(agent === null ? {} : { agent }),
      },
    };
    const causeRegions = now.cause === null ? [] : causeRegionCodes(now.cause, topology.current());
    journal.record(event, causeRegions);
    tell({ event, causeRegionCodes: causeRegions });
  }

  #record(service: Service, status: ServiceStatus): void {
    const topology = this.#options.topology.current();
    this.#options.journal.recordService({
      id: service.id,
      to: status.state,
      since: status.since ?? this.#options.clock.now(),
      cause: status.cause,
      topologyVersion: topology.version,
      siteId: service.siteId,
      regionCode: this.#regionOf(service) ?? '',
      causeRegionCodes: status.cause === null ? [] : causeRegionCodes(status.cause, topology),
    });
  }

  #regionOf(service: Service): string | null {
    return this.#options.topology.current().sites.get(service.siteId)?.regionCode ?? null;
  }

  #later(delayMs: number): void {
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#lookAndGoOn();
    }, delayMs);
  }

  async #lookAndGoOn(): Promise<void> {
    const { everyMs = lookEveryMs, againMs = 2_000, logger } = this.#options;
    try {
      await this.look();
    } catch (error) {
      logger.warn({ err: error }, 'the services could not be looked at; tried again');
    }
    const doubtful = [...this.#watched.values()].some(({ watch }) => watch.doubtful);
    this.#later(doubtful ? againMs : everyMs);
  }
}
