import { randomUUID } from 'node:crypto';
import { inScope, type Scope } from '../domain/access.ts';
import { seesCause } from '../domain/cause-regions.ts';
import type { IncidentView } from '../domain/incident-view.ts';
import type { ServiceSummary } from '../domain/service-state.ts';
import type { EntityKind, EntityState, LinkLoad, StatusCounts } from '../domain/reachability.ts';
import type { PlacedEvent, StatusChange } from '../domain/status-change.ts';
import { inwardLinks, type InwardLink } from '../domain/inward-links.ts';
import type { Topology, TopologyLink, TopologySource } from '../domain/topology.ts';
import { causeView, causeViewFor } from './cause-view.ts';
import { isOpen, TellChanges } from './tell-changes.ts';
import type { DeltaMessage, EventView, LinkView, SnapshotMessage, StateView } from './messages.ts';

/** Where the live stream reads states. */
export interface LiveBoard {
  stateOf(kind: EntityKind, id: string): EntityState | null;
  states(kind: EntityKind): IterableIterator<[string, EntityState]>;
  linkLoad(id: string): LinkLoad | null;
  counts(scope: Scope): { readonly devices: StatusCounts; readonly sites: StatusCounts };
  onChange(listener: (change: StatusChange) => void): () => void;
}

const servicesEveryMs = 1_000;

interface RoomOptions {
  readonly name: string;
  readonly board: LiveBoard;
  readonly topology: TopologySource;
  readonly services: (scope: Scope) => readonly ServiceSummary[];
  /** Those that are not over, and those that ended a moment ago. */
  readonly incidents: (scope: Scope) => readonly IncidentView[];
  readonly now: () => number;
  /** Deltas that are kept for clients that come back. */
  readonly kept: number;
}

/**
 * What the readers of one region (or of everywhere) get: its own sequence, the deltas of the last while, and nothing that
 * lies outside. A message is built once, however many read it.
 */
export class Room {
  readonly name: string;
  readonly scope: Scope;
  #epoch = randomUUID();
  #seq = 0;
  readonly #options: RoomOptions;
  readonly #kept: DeltaMessage[] = [];
  readonly #devices = new Set<string>();
  readonly #sites = new Set<string>();
  readonly #links = new Set<string>();
  #events: EventView[] = [];
  #snapshot: SnapshotMessage | null = null;
  #lastAt = 0;
  #services = { told: '', stale: true, at: 0 };
  readonly #incidents: TellChanges<IncidentView>;
  /** Links inside the room, and those that carry traffic into it, by the inventory's version. */
  #inside: { version: number; links: readonly TopologyLink[]; inward: readonly InwardLink[] } | null = null;

  constructor(options: RoomOptions) {
    this.name = options.name;
    this.scope = options.name === 'everywhere' ? 'everywhere' : { regionCodes: [options.name] };
    this.#options = options;
    this.#incidents = new TellChanges(() => options.incidents(this.scope));
    this.#lastAt = options.now();
  }

  /** Notes what of a change concerns this room. */
  note(change: StatusChange): void {
    for (const { transition, regionCode, otherRegionCode } of change.transitions) {
      if (regionCode === null || !inScope(this.scope, regionCode)) continue;
      if (otherRegionCode !== null && !inScope(this.scope, otherRegionCode)) continue;
      const noted = { device: this.#devices, site: this.#sites, link: this.#links }[transition.kind];
      noted.add(transition.id);
    }
    for (const id of change.loads) this.#links.add(id);
    for (const placed of change.events) {
      if (this.#mayRead(placed)) this.#events.push(eventView(placed, this.scope));
    }
  }

  /** A service, or who can reach one, may have changed. */
  noteServices(): void {
    this.#services.stale = true;
  }

  noteIncidents(): void {
    this.#incidents.stale = true;
  }

  /** The inventory changed: what was sent no longer holds, everyone starts over. */
  startOver(): void {
    this.#epoch = randomUUID();
    this.#seq = 0;
    this.#kept.length = 0;
    this.#snapshot = null;
    this.#inside = null;
    this.#devices.clear();
    this.#sites.clear();
    this.#links.clear();
  }

  /** The next delta, or null when there is nothing to tell; after a silence of `silenceMs` it tells that we are here. */
  next(silenceMs: number): DeltaMessage | null {
    const { board, topology, now } = this.#options;
    const current = topology.current();
    const links = this.#linksInside(current).links.filter((link) => this.#links.has(link.id));
    const services = this.#changedServices();
    const incidents = this.#incidents.next();
    const changes = this.#devices.size + this.#sites.size + links.length + this.#events.length + incidents.length;
    const silent = changes === 0 && services === null;
    this.#links.clear();
    if (silent && now() - this.#lastAt < silenceMs) return null;
    this.#lastAt = now();
    const delta: DeltaMessage = {
      room: this.name,
      epoch: this.#epoch,
      seq: ++this.#seq,
      at: now(),
      topologyVersion: current.version,
      devices: this.#statesOf('device', this.#devices, current),
      sites: this.#statesOf('site', this.#sites, current),
      links: links.map((link) => this.#linkView(link, current)),
      events: this.#events,
      counts: board.counts(this.scope),
      services,
      incidents,
      uplinkBps: this.#uplinkBps(current),
    };
    this.#devices.clear();
    this.#sites.clear();
    this.#events = [];
    this.#snapshot = null;
    this.#kept.push(delta);
    if (this.#kept.length > this.#options.kept) this.#kept.shift();
    return delta;
  }

  /** The deltas that a client missed, or null when they are no longer there. */
  missedSince(epoch: string, seq: number): readonly DeltaMessage[] | null {
    if (epoch !== this.#epoch || !Number.isInteger(seq) || seq > this.#seq || seq < 0) return null;
    const missed = this.#seq - seq;
    return missed > this.#kept.length ? null : this.#kept.slice(this.#kept.length - missed);
  }

  /** All that is not up, and every link with its load; made once for each state of the sequence. */
  snapshot(): SnapshotMessage {
    if (this.#snapshot !== null) return this.#snapshot;
    const { board, topology, now } = this.#options;
    const current = topology.current();
    const notUp = (kind: 'device' | 'site', regionOf: (id: string) => string | undefined): StateView[] => {
      const found: StateView[] = [];
      for (const [id, state] of board.states(kind)) {
        const region = regionOf(id);
        if (state.state === 'up' || region === undefined || !inScope(this.scope, region)) continue;
        found.push(stateView(id, state, this.scope, current));
      }
      return found;
    };
    this.#snapshot = {
      room: this.name,
      epoch: this.#epoch,
      seq: this.#seq,
      at: now(),
      topologyVersion: current.version,
      devices: notUp('device', (id) => deviceRegion(current, id)),
      sites: notUp('site', (id) => current.sites.get(id as never)?.regionCode),
      links: this.#linksInside(current).links.map((link) => this.#linkView(link, current)),
      counts: board.counts(this.scope),
      services: this.#options.services(this.scope),
      incidents: this.#options.incidents(this.scope).filter(isOpen),
      uplinkBps: this.#uplinkBps(current),
    };
    return this.#snapshot;
  }

  /** The services when they differ from what was told; looked at once a second at most, since every change may touch them. */
  #changedServices(): readonly ServiceSummary[] | null {
    const now = this.#options.now();
    if (!this.#services.stale || Math.abs(now - this.#services.at) < servicesEveryMs) return null;
    const found = this.#options.services(this.scope);
    const text = JSON.stringify(found);
    const isNew = text !== this.#services.told;
    this.#services = { told: text, stale: false, at: now };
    return isNew ? found : null;
  }

  #mayRead({ event }: PlacedEvent): boolean {
    return this.scope === 'everywhere' || (event.regionCode !== null && inScope(this.scope, event.regionCode));
  }

  #statesOf(kind: 'device' | 'site', ids: ReadonlySet<string>, topology: Topology): StateView[] {
    const found: StateView[] = [];
    for (const id of ids) {
      const state = this.#options.board.stateOf(kind, id);
      if (state !== null) found.push(stateView(id, state, this.scope, topology));
    }
    return found;
  }

  #linkView(link: TopologyLink, topology: Topology): LinkView {
    const state = this.#options.board.stateOf('link', link.id) ?? { state: 'unknown', since: 0, cause: null };
    const load = this.#options.board.linkLoad(link.id);
    const busier = load === null ? null : Math.max(load.abBps ?? 0, load.baBps ?? 0);
    return {
      ...stateView(link.id, state, this.scope, topology),
      abBps: rounded(load?.abBps ?? null),
      baBps: rounded(load?.baBps ?? null),
      loadPercent: busier === null ? null : Math.round((busier / link.capacityBps) * 1000) / 10,
    };
  }

  /** Links between sites with both ends in the room. */
  #linksInside(topology: Topology): {
    readonly links: readonly TopologyLink[];
    readonly inward: readonly InwardLink[];
  } {
    if (this.#inside?.version !== topology.version) {
      const between = [...topology.links.values()].filter((link) => link.a.siteId !== link.b.siteId);
      const isInside = (siteId: string): boolean => {
        const site = topology.sites.get(siteId as never);
        return site !== undefined && inScope(this.scope, site.regionCode);
      };
      this.#inside = {
        version: topology.version,
        links: between.filter((link) => isInside(link.a.siteId) && isInside(link.b.siteId)),
        inward: inwardLinks(topology, isInside),
      };
    }
    return this.#inside;
  }

  #uplinkBps(topology: Topology): number | null {
    let sum: number | null = null;
    for (const { link, inward } of this.#linksInside(topology).inward) {
      const load = this.#options.board.linkLoad(link.id);
      const bps = load === null ? null : inward === 'ab' ? load.abBps : load.baBps;
      if (bps !== null) sum = (sum ?? 0) + bps;
    }
    return rounded(sum);
  }
}

function stateView(id: string, state: EntityState, scope: Scope, topology: Topology): StateView {
  return { id, state: state.state, since: state.since, cause: causeViewFor(state.cause, scope, topology) };
}

function deviceRegion(topology: Topology, id: string): string | undefined {
  const device = topology.devices.get(id as never);
  return device === undefined ? undefined : topology.sites.get(device.siteId)?.regionCode;
}

export function eventView(placed: PlacedEvent, scope: Scope): EventView {
  const { event, causeRegionCodes } = placed;
  return {
    id: event.id,
    at: event.at,
    key: event.key,
    entityKind: event.entityKind,
    entityId: event.entityId,
    entityName: event.entityName,
    siteId: event.siteId,
    cause: causeView(event.cause, seesCause(scope, causeRegionCodes)),
    arguments: event.arguments,
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
