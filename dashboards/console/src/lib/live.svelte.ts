import { io, type Socket } from 'socket.io-client';
import type {
  Counts,
  DeltaMessage,
  EventView,
  LinkView,
  OwnMessage,
  SnapshotMessage,
  StateView,
} from '../../../../src/live/messages.ts';
import type { IncidentView } from '../../../../src/domain/incident-view.ts';
import type { OwnFault } from '../../../../src/domain/own-fault.ts';
import type { BlindnessView } from '../../../../src/domain/own-uplink.ts';
import type { ServiceSummary } from '../../../../src/domain/service-state.ts';
import { api } from './api.ts';
import { backoffMs } from './backoff.ts';
import { LiveState, type Changes } from './live-state.ts';
import { currentTime, followController, now } from './now.svelte.ts';

export type Connection = 'off' | 'connecting' | 'live' | 'lost';
type Message =
  | { readonly kind: 'snapshot'; readonly body: SnapshotMessage }
  | { readonly kind: 'delta'; readonly body: DeltaMessage };

/** How many samples of the uplink's traffic are kept for its sparkline: one each 10 s, an hour. */
const uplinkSamples = 360;

/**
 * The live picture. The maps are plain (cheap); the getters make whatever reads them drawn again when their part
 * changed, at most once a frame. Read `live.sites` inside the template or `$derived` itself, not through a kept copy.
 */
class Live {
  connection: Connection = $state('off');
  /** When the connection was lost; null while it is fine. */
  lostAt: number | null = $state(null);
  /** When the controller last spoke (milliseconds by its clock); null before the first message. */
  lastAt: number | null = $state(null);
  /** What the controller itself lacks: its database, its broker, its store of points. */
  faults: readonly OwnFault[] = $state.raw([]);
  /** Nothing is seen of the network, and it may be for a cut of the controller's own; null while it sees. */
  blindness: BlindnessView | null = $state.raw(null);
  /** Whether a first snapshot has come. */
  ready: boolean = $state(false);
  #version = $state({ states: 0, links: 0, events: 0, counts: 0, services: 0, incidents: 0, topology: 0 });
  readonly #state = new LiveState();
  readonly #listeners = new Set<(changes: Changes) => void>();
  #uplink: { at: number; bps: number | null }[] = [];
  #queue: Message[] = [];
  #scheduled = false;
  #socket: Socket | null = null;

  /** Sites that are not up, by id. Silence means up. */
  get sites(): ReadonlyMap<string, StateView> {
    void this.#version.states;
    return this.#state.sites;
  }
  /** Devices that are not up, by id. */
  get devices(): ReadonlyMap<string, StateView> {
    void this.#version.states;
    return this.#state.devices;
  }
  /** Every link between sites, by id, with state and load. */
  get links(): ReadonlyMap<string, LinkView> {
    void this.#version.links;
    return this.#state.links;
  }
  /** The last events, newest first. */
  get events(): readonly EventView[] {
    void this.#version.events;
    return this.#state.events;
  }
  get counts(): Counts {
    void this.#version.counts;
    return this.#state.counts;
  }
  /** The services of the reader's regions, with how many sites have lost each. */
  get services(): readonly ServiceSummary[] {
    void this.#version.services;
    return this.#state.services;
  }
  /** The incidents that are not over, by id. */
  get incidents(): ReadonlyMap<string, IncidentView> {
    void this.#version.incidents;
    return this.#state.incidents;
  }
  /** Grows when a service, or who can reach one, has changed. */
  get servicesVersion(): number {
    return this.#version.services;
  }
  get uplinkBps(): number | null {
    void this.#version.counts;
    return this.#state.uplinkBps;
  }
  /** The uplink's traffic since the page was opened, oldest first, one value each ten seconds. */
  get uplinkHistory(): readonly (number | null)[] {
    void this.#version.counts;
    return this.#uplink.map((sample) => sample.bps);
  }
  /** Grows when the inventory changed: what was fetched (`/map`, lists) should be fetched again. */
  get topologyVersion(): number {
    void this.#version.topology;
    return this.#state.topologyVersion;
  }
  /** Seconds since the controller last spoke; ticks. */
  get ageS(): number | null {
    return this.lastAt === null ? null : Math.max(0, Math.round((now() - this.lastAt) / 1000));
  }

  /** Calls back once a frame with the ids that changed (for feature states of the map); returns the way to stop. */
  onChange(listener: (changes: Changes) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(): void {
    if (this.#socket) return;
    this.connection = 'connecting';
    const socket = io({
      transports: ['websocket', 'polling'],
      auth: (give) => give(this.#state.position()),
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
    });
    this.#socket = socket;
    let refusals = 0;
    socket.on('connect', () => {
      refusals = 0;
      this.connection = 'live';
      this.lostAt = null;
    });
    socket.on('snapshot', (body: SnapshotMessage) => this.#enqueue({ kind: 'snapshot', body }));
    socket.on('delta', (body: DeltaMessage) => this.#enqueue({ kind: 'delta', body }));
    socket.on('own', ({ at, faults, blindness }: OwnMessage) => {
      followController(at);
      this.faults = faults;
      this.blindness = blindness;
    });
    const lost = (): void => {
      if (this.#socket !== socket) return;
      this.lostAt ??= currentTime();
      this.connection = 'lost';
    };
    socket.on('disconnect', (reason) => {
      lost();
      // The controller ended it on purpose (rights changed): it will say on the next try whether we may.
      if (reason === 'io server disconnect') setTimeout(() => this.#socket === socket && socket.connect(), 1000);
    });
    socket.on('connect_error', () => {
      lost();
      if (socket.active) return;
      // A refusal is final for socket.io. Either the session has ended, which the answer tells, or the controller could
      // not ask its database, which passes.
      api.get('/session').catch(() => undefined);
      setTimeout(() => this.#socket === socket && socket.connect(), backoffMs(++refusals));
    });
  }

  /** Ends the stream and forgets everything; at sign-out. */
  disconnect(): void {
    this.#socket?.disconnect();
    this.#socket = null;
    this.#queue = [];
    this.#uplink = [];
    this.#state.clear();
    this.connection = 'off';
    this.lostAt = null;
    this.lastAt = null;
    this.faults = [];
    this.blindness = null;
    this.ready = false;
    this.#bump({
      devices: new Set(),
      sites: new Set(),
      links: new Set(),
      events: [],
      services: true,
      incidents: true,
      all: true,
    });
  }

  /** Events fetched over REST at the start, so that the list is not empty. */
  addEvents(events: readonly EventView[]): void {
    if (this.#state.addEvents(events).length > 0) this.#version.events++;
  }

  #enqueue(message: Message): void {
    this.#queue.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A hidden page gets no frames; it still has to know when somebody comes back to it.
    if (document.hidden) setTimeout(() => this.#flush(), 250);
    else requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const messages = this.#queue;
    this.#queue = [];
    const total = { devices: new Set<string>(), sites: new Set<string>(), links: new Set<string>() };
    const events: EventView[] = [];
    let all = false;
    let services = false;
    let incidents = false;
    for (const { kind, body } of messages) {
      followController(body.at);
      this.lastAt = Math.max(this.lastAt ?? 0, body.at);
      const changes = kind === 'snapshot' ? this.#state.snapshot(body) : this.#state.delta(body);
      if (changes === null) {
        this.#startOver();
        continue;
      }
      for (const part of ['devices', 'sites', 'links'] as const) for (const id of changes[part]) total[part].add(id);
      events.push(...changes.events);
      all ||= changes.all;
      services ||= changes.services;
      incidents ||= changes.incidents;
      this.ready = true;
      this.#sampleUplink(body.at);
    }
    this.#bump({ ...total, events, services, incidents, all });
  }

  /** A message was lost: connect again, which brings what is missing. */
  #startOver(): void {
    const socket = this.#socket;
    if (!socket?.connected) return;
    socket.disconnect();
    socket.connect();
  }

  #sampleUplink(at: number): void {
    const last = this.#uplink.at(-1);
    if (last && at - last.at < 10_000) return;
    this.#uplink.push({ at, bps: this.#state.uplinkBps });
    if (this.#uplink.length > uplinkSamples) this.#uplink.shift();
  }

  #bump(changes: Changes): void {
    if (changes.all || changes.sites.size > 0 || changes.devices.size > 0) this.#version.states++;
    if (changes.all || changes.links.size > 0) this.#version.links++;
    if (changes.all || changes.events.length > 0) this.#version.events++;
    if (changes.services) this.#version.services++;
    if (changes.incidents) this.#version.incidents++;
    this.#version.counts++;
    if (this.#version.topology !== this.#state.topologyVersion) this.#version.topology = this.#state.topologyVersion;
    for (const listener of this.#listeners) listener(changes);
  }
}

export const live = new Live();
