import type { Clock } from '../domain/clock.ts';
import { causeRegionCodes, commonRegionCode } from '../domain/cause-regions.ts';
import type { EventKey, NetworkEvent } from '../domain/event.ts';
import { newId, type AgentId, type EventId, type LinkId, type SiteId } from '../domain/ids.ts';
import { ownUplinkId } from '../domain/own-uplink.ts';
import type { Cause, EntityKind, EntityState, Transition } from '../domain/reachability.ts';
import type { PlacedEvent, PlacedTransition, StatusChange } from '../domain/status-change.ts';
import type { TopologyDevice } from '../domain/topology.ts';
import type { DeviceWatch } from './device-watch.ts';
import type { Evidence } from './evidence.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import type { Away } from './intake.ts';
import type { LinkFinding } from './link-state.ts';
import { Finding, type Explanation } from './root-cause.ts';
import type { Blind } from './sight.ts';
import { gatewaysBySite, siteState } from './site-state.ts';
import type { BookChange, StateBook } from './state-book.ts';

export interface AnnouncerOptions {
  readonly graph: NetworkGraph;
  readonly book: StateBook;
  readonly clock: Clock;
  readonly emit: (change: StatusChange) => void;
}

export interface Findings {
  readonly watch: DeviceWatch;
  readonly evidence: Evidence;
  readonly explanation: Explanation;
  readonly links: readonly LinkFinding[];
  readonly away: Away;
  /** We see nothing of these. */
  readonly blind: Blind | null;
}

interface Draft {
  readonly transitions: PlacedTransition[];
  readonly events: PlacedEvent[];
}

/** Turns findings into announced states, their transitions and events: what is told of one graph. */
export class Announcer {
  readonly #graph: NetworkGraph;
  readonly #book: StateBook;
  readonly #clock: Clock;
  readonly #emit: (change: StatusChange) => void;
  readonly #gateways: ReadonlyMap<SiteId, readonly TopologyDevice[]>;
  readonly #ports: ReadonlyMap<string, { readonly device: number; readonly name: string }>;
  #sitesTold = false;

  constructor(options: AnnouncerOptions) {
    this.#graph = options.graph;
    this.#book = options.book;
    this.#clock = options.clock;
    this.#emit = options.emit;
    this.#gateways = gatewaysBySite(options.graph);
    this.#ports = new Map(
      options.graph.links.flatMap((link, e) => [
        [link.a.interfaceId, { device: options.graph.edgeA[e] ?? -1, name: link.a.interfaceName }],
        [link.b.interfaceId, { device: options.graph.edgeB[e] ?? -1, name: link.b.interfaceName }],
      ]),
    );
  }

  announce(findings: Findings): void {
    const draft: Draft = { transitions: [], events: [] };
    const causes = this.#causes(findings.explanation);
    for (const [e, finding] of findings.links.entries()) {
      const isHidden = [this.#graph.edgeA[e], this.#graph.edgeB[e]].some((n) => findings.blind?.devices.has(n ?? -1));
      if (!isHidden) this.#link(e, finding, causes, draft);
    }
    const before = draft.transitions.length;
    for (let device = 0; device < this.#graph.root; device++) this.#device(device, findings, causes, draft);
    // A site is what its gateways are: it changes with them alone.
    if (draft.transitions.length > before || !this.#sitesTold) this.#sites(draft);
    this.#sitesTold = true;
    if (draft.transitions.length > 0) this.#emit({ ...draft, loads: [], topologyChanged: false });
  }

  /** Brings the book in line with the inventory. */
  topologyChanged(): void {
    const { topology, links } = this.#graph;
    const now = this.#clock.now();
    for (const device of topology.devices.values()) this.#book.add('device', device.id, now);
    for (const id of this.#gateways.keys()) if (topology.sites.has(id)) this.#book.add('site', id, now);
    for (const link of links) this.#book.add('link', link.id, now);
    const gone: Draft = { transitions: [], events: [] };
    const kept: Record<EntityKind, { has(id: string): boolean }> = {
      device: topology.devices as ReadonlyMap<string, unknown>,
      site: this.#gateways as ReadonlyMap<string, unknown>,
      link: this.#graph.linkIndex as ReadonlyMap<string, unknown>,
    };
    for (const kind of ['device', 'site', 'link'] as const) {
      for (const id of this.#book.keepOnly(kind, kept[kind])) {
        if (kind === 'device') this.#book.measured.delete(id);
        // What is no longer watched has no state: its history ends here.
        gone.transitions.push(
          this.#place(kind, id, { from: 'unknown', to: upSince(now), quiet: true, outageSince: null }),
        );
      }
    }
    this.#emit({ ...gone, loads: [], topologyChanged: true });
  }

  /** What nobody has spoken of since it should have been heard is told to be unknown, once. */
  overdue(olderThan: number): void {
    const transitions = this.#book
      .overdue(olderThan)
      .map(({ kind, id, state }) =>
        this.#place(kind, id, { from: 'unknown', to: state, quiet: true, outageSince: null }),
      );
    if (transitions.length > 0) this.#emit({ transitions, events: [], loads: [], topologyChanged: false });
  }

  loads(loads: readonly LinkId[]): void {
    if (loads.length > 0) this.#emit({ transitions: [], events: [], loads, topologyChanged: false });
  }

  /** `silentMs`: how long it had missed; NaN when it had not. Shorter than that, its uptime says why it was silent. */
  restarted(device: number, uptimeS: number, silentMs: number): void {
    const silentS = Number.isNaN(silentMs) ? null : Math.round(silentMs / 1000);
    this.#ownEvent('device.restarted', device, {
      uptimeS: Math.round(uptimeS),
      silentS,
      explainsSilence: silentS !== null && uptimeS < silentS + 30,
    });
  }

  portChanged(interfaceId: string, up: boolean): void {
    const port = this.#ports.get(interfaceId);
    if (port !== undefined)
      this.#ownEvent(up ? 'interface.up' : 'interface.down', port.device, { interface: port.name });
  }

  agent(id: AgentId, silent: boolean): void {
    const event: NetworkEvent = {
      id: newId<EventId>(),
      at: this.#clock.now(),
      key: silent ? 'agent.silent' : 'agent.back',
      entityKind: 'agent',
      entityId: id,
      entityName: this.#graph.topology.agents.get(id)?.name ?? id,
      siteId: null,
      regionCode: null,
      cause: null,
      arguments: {},
    };
    this.#emit({ transitions: [], events: [{ event, causeRegionCodes: [] }], loads: [], topologyChanged: false });
  }

  #ownEvent(key: EventKey, index: number, args: NetworkEvent['arguments']): void {
    const device = this.#graph.devices[index];
    if (device === undefined) return;
    const event: NetworkEvent = {
      id: newId<EventId>(),
      at: this.#clock.now(),
      key,
      entityKind: 'device',
      entityId: device.id,
      entityName: device.name,
      siteId: device.siteId,
      regionCode: this.#graph.siteOf(index)?.regionCode ?? null,
      cause: null,
      arguments: args,
    };
    this.#emit({ transitions: [], events: [{ event, causeRegionCodes: [] }], loads: [], topologyChanged: false });
  }

  #causes(explanation: Explanation): Cause[] {
    return explanation.verdicts.map((verdict) => {
      const thing = verdict.kind === 'device' ? this.#graph.devices[verdict.index] : this.#graph.links[verdict.index];
      return {
        kind: verdict.kind,
        id: thing?.id ?? '',
        name: thing?.name ?? '',
        since: this.#wall(verdict.since),
        certainty: verdict.certainty,
      };
    });
  }

  #link(e: number, finding: LinkFinding, causes: readonly Cause[], draft: Draft): void {
    const link = this.#graph.links[e];
    if (link === undefined || finding.state === 'hold') return;
    if (finding.isUndecided === true && this.#book.get('link', link.id)?.state === 'down') return;
    // Most are up and were: nothing to tell, and nothing to make of it.
    if (finding.state === 'up' && this.#book.get('link', link.id)?.state === 'up') return;
    const since = Number.isNaN(finding.since) ? this.#clock.now() : this.#wall(finding.since);
    let cause: Cause | null = causes[finding.verdict] ?? null;
    if (finding.state === 'down') {
      cause ??= { kind: 'link', id: link.id, name: link.name, since, certainty: 0.97 };
    }
    if (finding.state === 'up') cause = null;
    this.#set('link', link.id, { state: finding.state, since, cause }, draft);
  }

  #device(index: number, findings: Findings, causes: readonly Cause[], draft: Draft): void {
    const device = this.#graph.devices[index];
    if (device === undefined || this.#isUpAsBefore(index, device, findings)) return;
    const measured = this.#measure(index, device, findings, causes);
    if (measured !== null) this.#book.measured.set(device.id, measured);
    const beneath = measured ?? this.#book.measured.get(device.id) ?? null;
    if (device.maintenance) {
      this.#set('device', device.id, { state: 'maintenance', since: this.#clock.now(), cause: null }, draft);
    } else if (beneath !== null) this.#set('device', device.id, beneath, draft);
  }

  /** It answers, and was told to be up for that: of most devices, at most times, there is no more to say. */
  #isUpAsBefore(index: number, { id, agentId, protocol, maintenance }: TopologyDevice, findings: Findings): boolean {
    if (maintenance || findings.watch.reach(index).phase !== 'answering') return false;
    if (findings.blind?.devices.has(index) === true) return false;
    if (findings.away.agents.has(agentId) || findings.away.channels.has(protocol)) return false;
    return this.#book.get('device', id)?.state === 'up' && this.#book.measured.get(id)?.state === 'up';
  }

  /** Null: it stays what it was. */
  #measure(index: number, device: TopologyDevice, findings: Findings, causes: readonly Cause[]): EntityState | null {
    const agentAway = findings.away.agents.get(device.agentId);
    if (agentAway !== undefined) {
      const name = this.#graph.topology.agents.get(device.agentId)?.name ?? '';
      const cause: Cause = { kind: 'agent', id: device.agentId, name, since: agentAway, certainty: 1 };
      return { state: 'unknown', since: agentAway, cause };
    }
    const channelAway = findings.away.channels.get(device.protocol);
    if (channelAway !== undefined) return { state: 'unknown', since: channelAway, cause: null };
    if (findings.blind?.devices.has(index) === true) {
      const since = this.#wall(findings.blind.since);
      const cause: Cause = { kind: 'controller', id: ownUplinkId, name: 'Arung', since, certainty: 1 };
      return { state: 'unknown', since, cause };
    }
    const reach = findings.watch.reach(index);
    const finding = findings.explanation.deviceFinding[index];
    const cause = causes[findings.explanation.deviceCause[index] ?? -1] ?? null;
    switch (reach.phase) {
      case 'answering':
        return { state: 'up', since: this.#wall(reach.since), cause: null };
      case 'silent':
        if (finding === Finding.down) return { state: 'down', since: this.#wall(reach.since), cause };
        if (finding === Finding.unreachable) return { state: 'unreachable', since: this.#wall(reach.since), cause };
        return null;
      case 'unheard': {
        // Nobody asks a device without management; that every way to it is cut is known all the same.
        const cut = device.protocol === 'none' && finding === Finding.unreachable && cause !== null;
        if (cut) return { state: 'unreachable', since: cause.since, cause };
        const before = this.#book.measured.get(device.id);
        return before?.state === 'unknown' ? null : { state: 'unknown', since: this.#clock.now(), cause: null };
      }
      default:
        return null;
    }
  }

  #sites(draft: Draft): void {
    const { sites } = this.#graph.topology;
    for (const [id, gateways] of this.#gateways) {
      if (!sites.has(id)) continue;
      const states = gateways.map((gateway) => this.#book.get('device', gateway.id));
      const state = siteState(states.filter((found) => found !== null));
      if (state !== null) this.#set('site', id, state, draft);
    }
  }

  #set(kind: EntityKind, id: string, next: EntityState, draft: Draft): void {
    const change = this.#book.set(kind, id, next);
    if (change === null) return;
    const placed = this.#place(kind, id, change);
    draft.transitions.push(placed);
    const key = change.quiet ? undefined : eventKeyOf(kind, change.to.state);
    if (key === undefined) return;
    const { transition } = placed;
    draft.events.push({
      event: {
        id: newId<EventId>(),
        at: transition.at,
        key,
        entityKind: kind,
        entityId: id,
        entityName: placed.name,
        siteId: placed.siteId,
        regionCode:
          placed.otherRegionCode === null || placed.regionCode === null
            ? placed.regionCode
            : commonRegionCode(placed.regionCode, placed.otherRegionCode),
        cause: transition.cause,
        arguments:
          change.outageSince === null
            ? { since: transition.since }
            : {
                since: transition.since,
                outageS: Math.max(0, Math.round((transition.since - change.outageSince) / 1000)),
              },
      },
      causeRegionCodes: placed.causeRegionCodes,
    });
  }

  #place(kind: EntityKind, id: string, change: BookChange): PlacedTransition {
    const { topology } = this.#graph;
    const transition: Transition = {
      kind,
      id: id as Transition['id'],
      from: change.from,
      to: change.to.state,
      since: change.to.since,
      at: this.#clock.now(),
      cause: change.to.cause,
      topologyVersion: topology.version,
    };
    const device = kind === 'device' ? topology.devices.get(id as never) : undefined;
    const link = kind === 'link' ? topology.links.get(id as never) : undefined;
    const siteId = kind === 'site' ? (id as SiteId) : (device?.siteId ?? link?.a.siteId ?? null);
    const site = siteId === null ? undefined : topology.sites.get(siteId);
    return {
      transition,
      name: device?.name ?? link?.name ?? site?.name ?? '',
      siteId: link === undefined ? siteId : null,
      regionCode: site?.regionCode ?? null,
      otherRegionCode: link === undefined ? null : (topology.sites.get(link.b.siteId)?.regionCode ?? null),
      causeRegionCodes: change.to.cause === null ? [] : causeRegionCodes(change.to.cause, topology),
    };
  }

  #wall(monotonic: number): number {
    return Math.round(this.#clock.now() - (this.#clock.monotonic() - monotonic));
  }
}

function upSince(now: number): EntityState {
  return { state: 'up', since: now, cause: null };
}

function eventKeyOf(kind: EntityKind, state: EntityState['state']): EventKey | undefined {
  switch (state) {
    case 'up':
      return `${kind}.up`;
    case 'down':
      return `${kind}.down`;
    case 'unreachable':
    case 'unknown':
      return kind === 'link' ? undefined : `${kind}.${state}`;
    case 'maintenance':
      return undefined;
  }
}
