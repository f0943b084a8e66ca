import type {
  Counts,
  DeltaMessage,
  EventView,
  LinkView,
  ResumeRequest,
  SnapshotMessage,
  StateView,
} from '../../../../src/live/messages.ts';
import type { ServiceSummary } from '../../../../src/domain/service-state.ts';
import type { IncidentView } from '../../../../src/domain/incident-view.ts';
import type { StatusCounts } from '../../../../src/domain/reachability.ts';

type Kind = 'devices' | 'sites' | 'links';

interface Room {
  epoch: string;
  seq: number;
  topologyVersion: number;
  devices: Map<string, StateView>;
  sites: Map<string, StateView>;
  links: Map<string, LinkView>;
  counts: Counts;
  services: readonly ServiceSummary[];
  incidents: Map<string, IncidentView>;
  uplinkBps: number | null;
}

export interface Changes {
  /** Ids whose state or load is new. */
  readonly devices: Set<string>;
  readonly sites: Set<string>;
  readonly links: Set<string>;
  readonly events: readonly EventView[];
  /** What is known of the services, or of who can reach them, is new. */
  readonly services: boolean;
  readonly incidents: boolean;
  /** True after a snapshot: take everything anew. */
  readonly all: boolean;
}

/** A cut speaks for each device and cable behind it: what explains them must not fall out. */
const keptEvents = 1000;
const zero: StatusCounts = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };

function add(a: StatusCounts, b: StatusCounts): StatusCounts {
  return {
    up: a.up + b.up,
    down: a.down + b.down,
    unreachable: a.unreachable + b.unreachable,
    unknown: a.unknown + b.unknown,
    maintenance: a.maintenance + b.maintenance,
  };
}

/** A service that sites of several rooms use is one row; its sites add up. */
function together(rooms: readonly (readonly ServiceSummary[])[]): ServiceSummary[] {
  const found = new Map<string, ServiceSummary>();
  for (const one of rooms.flat()) {
    const { users = 0, lost = 0 } = found.get(one.id) ?? {};
    found.set(one.id, { ...one, users: users + one.users, lost: lost + one.lost });
  }
  return [...found.values()];
}

/** Of two views of one thing, what tells more: a cause that may be named in full wins. */
function fuller<T extends StateView>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.since !== b.since || a.state !== b.state) return b.since > a.since ? b : a;
  return (b.cause?.kind ?? null) !== null && (a.cause?.kind ?? null) === null ? b : a;
}

const isOver = ({ state }: IncidentView): boolean => state === 'resolved' || state === 'merged';

/** Of an incident that several rooms tell of: the one whose cause may be named in full, with the most that it hurts. */
function tellsMore(a: IncidentView | undefined, b: IncidentView): IncidentView {
  if (a === undefined || b.revision > a.revision) return b;
  const more = (one: IncidentView): number => (one.cause.kind === null ? 0 : 1e6) + one.impact.devices;
  return more(b) > more(a) ? b : a;
}

/**
 * The rooms of the live stream merged into one picture: what is not up, every link, counts, last events. A reader with
 * several regions has several rooms; each counts its own messages.
 */
export class LiveState {
  readonly devices = new Map<string, StateView>();
  readonly sites = new Map<string, StateView>();
  readonly links = new Map<string, LinkView>();
  events: readonly EventView[] = [];
  counts: Counts = { devices: zero, sites: zero };
  services: readonly ServiceSummary[] = [];
  /** Those that are not over, by id. */
  readonly incidents = new Map<string, IncidentView>();
  uplinkBps: number | null = null;
  topologyVersion = 0;
  readonly #rooms = new Map<string, Room>();

  snapshot(message: SnapshotMessage): Changes {
    const before = this.#rooms.get(message.room);
    this.#rooms.set(message.room, {
      epoch: message.epoch,
      seq: message.seq,
      topologyVersion: message.topologyVersion,
      devices: new Map(message.devices.map((view) => [view.id, view])),
      sites: new Map(message.sites.map((view) => [view.id, view])),
      links: new Map(message.links.map((view) => [view.id, view])),
      counts: message.counts,
      services: message.services,
      incidents: new Map(message.incidents.map((incident) => [incident.id, incident])),
      uplinkBps: message.uplinkBps,
    });
    const touched = (kind: Kind): Set<string> =>
      new Set([...(before?.[kind].keys() ?? []), ...message[kind].map((view) => view.id)]);
    const changes = { devices: touched('devices'), sites: touched('sites'), links: touched('links') };
    this.#merge(changes);
    return { ...changes, events: [], services: true, incidents: true, all: true };
  }

  /** Applies a delta. Null: it does not follow what is known (a message was lost), so a fresh snapshot is needed. */
  delta(message: DeltaMessage): Changes | null {
    const room = this.#rooms.get(message.room);
    if (!room || room.epoch !== message.epoch || message.seq > room.seq + 1) return null;
    const none = {
      devices: new Set<string>(),
      sites: new Set<string>(),
      links: new Set<string>(),
      events: [],
      services: false,
      incidents: false,
      all: false,
    };
    if (message.seq <= room.seq) return none; // a repeat
    room.seq = message.seq;
    room.topologyVersion = message.topologyVersion;
    room.counts = message.counts;
    room.uplinkBps = message.uplinkBps;
    if (message.services !== null) room.services = message.services;
    for (const kind of ['devices', 'sites'] as const) {
      for (const view of message[kind]) {
        if (view.state === 'up') room[kind].delete(view.id);
        else room[kind].set(view.id, view);
      }
    }
    for (const view of message.links) room.links.set(view.id, view);
    for (const incident of message.incidents) {
      if (isOver(incident)) room.incidents.delete(incident.id);
      else room.incidents.set(incident.id, incident);
    }
    const changes = {
      devices: new Set(message.devices.map((view) => view.id)),
      sites: new Set(message.sites.map((view) => view.id)),
      links: new Set(message.links.map((view) => view.id)),
    };
    this.#merge(changes);
    return {
      ...changes,
      events: this.addEvents(message.events),
      services: message.services !== null,
      incidents: message.incidents.length > 0,
      all: false,
    };
  }

  /** Adds events (newest first in `events`), each once, and returns the new ones. */
  addEvents(events: readonly EventView[]): readonly EventView[] {
    const known = new Set(this.events.map((event) => event.id));
    const fresh = events.filter((event) => !known.has(event.id));
    if (fresh.length > 0) {
      this.events = [...fresh, ...this.events]
        .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
        .slice(0, keptEvents);
    }
    return fresh;
  }

  /** Where it stopped, for the handshake. */
  position(): ResumeRequest {
    return { rooms: Object.fromEntries([...this.#rooms].map(([name, { epoch, seq }]) => [name, { epoch, seq }])) };
  }

  clear(): void {
    this.#rooms.clear();
    for (const map of [this.devices, this.sites, this.links, this.incidents]) map.clear();
    this.events = [];
    this.counts = { devices: zero, sites: zero };
    this.services = [];
    this.uplinkBps = null;
  }

  #merge(changes: Readonly<Record<Kind, Set<string>>>): void {
    const rooms = [...this.#rooms.values()];
    for (const kind of ['devices', 'sites'] as const) {
      for (const id of changes[kind]) {
        const view = rooms.map((room) => room[kind].get(id)).reduce(fuller, undefined);
        if (view === undefined) this[kind].delete(id);
        else this[kind].set(id, view);
      }
    }
    for (const id of changes.links) {
      const view = rooms.map((room) => room.links.get(id)).reduce(fuller, undefined);
      if (view === undefined) this.links.delete(id);
      else this.links.set(id, view);
    }
    // A room that lies inside another one is already counted there.
    const outer = [...this.#rooms].filter(
      ([name]) =>
        ![...this.#rooms.keys()].some(
          (other) => other !== name && (other === 'everywhere' || name.startsWith(other + '.')),
        ),
    );
    this.counts = {
      devices: outer.reduce((sum, [, room]) => add(sum, room.counts.devices), zero),
      sites: outer.reduce((sum, [, room]) => add(sum, room.counts.sites), zero),
    };
    this.incidents.clear();
    for (const room of rooms) {
      for (const [id, incident] of room.incidents) this.incidents.set(id, tellsMore(this.incidents.get(id), incident));
    }
    this.services = together(outer.map(([, room]) => room.services));
    const known = outer.flatMap(([, room]) => (room.uplinkBps === null ? [] : [room.uplinkBps]));
    this.uplinkBps = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
    this.topologyVersion = Math.max(0, ...rooms.map((room) => room.topologyVersion));
  }
}
