import type { Logger } from 'pino';
import { causeRegionCodes } from '../domain/cause-regions.ts';
import type { Clock } from '../domain/clock.ts';
import type { NetworkEvent } from '../domain/event.ts';
import { newId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { Service } from '../domain/link.ts';
import { checksOf, type ServiceCheck } from '../domain/service-check.ts';
import type { LostSite, ServiceStatus } from '../domain/service-state.ts';
import type { ServiceTransition } from '../domain/status-change.ts';
import type { TopologySource } from '../domain/topology.ts';
import { LostSites, type NetworkStates } from './lost-sites.ts';
import { ServiceWatch, type CheckOutcome } from './service-watch.ts';

export interface ServiceBoardOptions {
  /** Every service of the inventory. */
  readonly services: () => Promise<readonly Service[]>;
  readonly topology: TopologySource;
  readonly states: NetworkStates;
  /** Looks at all of these; outcomes in their order, never rejecting for what the other side does. */
  readonly probe: (
    checks: readonly { readonly check: ServiceCheck; readonly url: string }[],
    budget: { readonly timeoutMs: number; readonly concurrency: number; readonly signal: AbortSignal },
  ) => Promise<readonly CheckOutcome[]>;
  readonly journal: {
    recordService(transition: ServiceTransition): void;
    record(event: NetworkEvent, causeRegionCodes: readonly string[]): void;
  };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two looks; 30,000 when not given. */
  readonly everyMs?: number;
  /** After a first failure. */
  readonly againMs?: number;
}

interface Watched {
  readonly service: Service;
  readonly watch: ServiceWatch;
}

const timeoutMs = 10_000;
const concurrency = 16;
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

  constructor(options: ServiceBoardOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#later(0);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  statusOf(serviceId: string): ServiceStatus {
    return this.#watched.get(serviceId)?.watch.status ?? nothing;
  }

  /** Sites that should have it and have not. */
  lostBy(service: Service): readonly LostSite[] {
    const { topology, states } = this.#options;
    return new LostSites(topology.current(), states).of(service, this.statusOf(service.id));
  }

  /** How many sites should have it. */
  usersOf(service: Service): number {
    return new LostSites(this.#options.topology.current(), this.#options.states).users(service).length;
  }

  /** One look at everything; runs by itself, tests call it. */
  async look(): Promise<void> {
    const { probe, clock, topology, states } = this.#options;
    this.#keep(await this.#options.services());
    const asked = [...this.#watched.values()].map((one) => ({
      one,
      checks: checksOf(one.service).map((check) => ({ check, url: one.service.url })),
    }));
    const signal = this.#stopped.signal;
    const outcomes = await probe(
      asked.flatMap(({ checks }) => checks),
      { timeoutMs, concurrency, signal },
    );
    if (signal.aborted) return;
    const network = new LostSites(topology.current(), states);
    let at = 0;
    for (const { one, checks } of asked) {
      const own = outcomes.slice(at, (at += checks.length));
      const before = one.watch.status;
      const host = network.hostState(one.service);
      const device = one.service.deviceId === null ? undefined : topology.current().devices.get(one.service.deviceId);
      const changed = one.watch.looked(own, { host, maintenance: device?.maintenance === true }, clock.now());
      if (changed) this.#tell(one.service, before, one.watch.status);
    }
  }

  #keep(services: readonly Service[]): void {
    const ids = new Set<string>(services.map((service) => service.id));
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

  #tell(service: Service, before: ServiceStatus, now: ServiceStatus): void {
    this.#record(service, now);
    const { clock, journal, logger, topology } = this.#options;
    // The first look after a start finds what was so before: only what is wrong is news.
    const quiet = before.state === now.state || (before.since === null && now.state === 'up');
    if (quiet || now.state === 'maintenance') return;
    const regionCode = this.#regionOf(service);
    logger.info({ service: service.code, state: now.state, reason: now.reason?.code }, 'a service changed its state');
    journal.record(
      {
        id: newId(),
        at: clock.now(),
        key: `service.${now.state}`,
        entityKind: 'service',
        entityId: service.id,
        entityName: service.name,
        siteId: service.siteId,
        regionCode,
        cause: now.cause,
        arguments: { ...now.reason?.arguments, reason: now.reason?.code ?? '', since: now.since },
      },
      now.cause === null ? [] : causeRegionCodes(now.cause, topology.current()),
    );
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
    const { everyMs = 30_000, againMs = 2_000, logger } = this.#options;
    try {
      await this.look();
    } catch (error) {
      logger.warn({ err: error }, 'the services could not be looked at; tried again');
    }
    const doubtful = [...this.#watched.values()].some(({ watch }) => watch.doubtful);
    this.#later(doubtful ? againMs : everyMs);
  }
}
