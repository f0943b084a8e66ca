import type { IncomingHttpHeaders, Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server, type Socket } from 'socket.io';
import { scopeFor, type Access, type Scope } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import type { IncidentView } from '../domain/incident-view.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { OwnFault } from '../domain/own-fault.ts';
import { blindnessView, type Blindness } from '../domain/own-uplink.ts';
import { isWithin } from '../domain/region.ts';
import type { PlacedEvent } from '../domain/status-change.ts';
import type { ServiceSummary } from '../domain/service-state.ts';
import type { TopologySource } from '../domain/topology.ts';
import type { DeltaMessage, OwnMessage, SnapshotMessage } from './messages.ts';
import { Room, type LiveBoard } from './room.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface LiveOptions {
  readonly httpServer: HttpServer;
  /** Recognises the caller by the handshake's headers; null for a stranger. */
  readonly authenticate: (headers: IncomingHttpHeaders) => Promise<Access | null>;
  /** Whether the handshake comes from our own pages, or from no browser at all. */
  readonly isSameOrigin: (headers: IncomingHttpHeaders) => boolean;
  /** Calls back when rights were withdrawn or sessions ended. */
  readonly onAccessRevoked: (listener: () => void) => () => void;
  readonly board: LiveBoard & { readonly blindness: Blindness | null };
  readonly topology: TopologySource;
  readonly services: {
    summaries(scope: Scope): readonly ServiceSummary[];
    onChange(listener: () => void): () => void;
  };
  readonly incidents: {
    views(scope: Scope): readonly IncidentView[];
    onChange(listener: () => void): () => void;
  };
  /** How the controller itself is. */
  readonly own: { readonly faults: readonly OwnFault[]; onChange(listener: () => void): () => void };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly flushMs?: number;
  /** Deltas that are kept for clients that come back. */
  readonly keptDeltas?: number;
  readonly mostSockets?: number;
  readonly mostSocketsOfOne?: number;
  /** Connections of one address that have not signed in yet. */
  readonly mostStrangersOfOne?: number;
  /** Messages that wait for a reader who takes none; beyond it the reader is disconnected and starts over. */
  readonly mostUnread?: number;
  /** Every socket is asked again so often whether it still may read: sessions end by themselves. */
  readonly recheckMs?: number;
}

interface ServerEvents {
  snapshot: (message: SnapshotMessage) => void;
  delta: (message: DeltaMessage) => void;
  own: (message: OwnMessage) => void;
}
interface SocketData {
  reader: string;
  rooms: readonly string[];
}
/** What is used of engine.io's own connection, below a socket. */
interface EngineConnection {
  readonly remoteAddress: string;
  /** Packets that the peer has not taken off its line yet. */
  readonly writeBuffer: readonly unknown[];
  once(event: 'close', listener: () => void): unknown;
  /** With true at once, whatever waits. */
  close(discard: boolean): void;
}
type ClientEvents = Record<string, never>;
type Reader = Socket<ClientEvents, ServerEvents, ClientEvents, SocketData>;

const silenceMs = 5_000;
const emptyRoomMs = 600_000;
const largestMessage = 8_192;

/** The live stream: a snapshot, then deltas, to everyone by the regions that they may read. Nothing comes back. */
export class Live implements LongLived {
  readonly name = 'live';
  readonly #options: LiveOptions;
  readonly #rooms = new Map<string, { readonly room: Room; emptySince: number | null }>();
  #io: Server<ClientEvents, ServerEvents, ClientEvents, SocketData> | null = null;
  #timers: NodeJS.Timeout[] = [];
  #stops: (() => void)[] = [];
  #rechecking = false;
  #recheckAgain = false;
  /** What the machine showed last of its way while nothing was seen; empty while it sees. */
  #sight = '';

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { httpServer, board, onAccessRevoked, flushMs, recheckMs } = this.#options;
    const strangers = new WaitingRoom(this.#options.mostStrangersOfOne ?? 200);
    const io: Server<ClientEvents, ServerEvents, ClientEvents, SocketData> = new Server(httpServer, {
      serveClient: false,
      maxHttpBufferSize: largestMessage,
      connectTimeout: 10_000,
      pingInterval: 20_000,
      pingTimeout: 15_000,
      allowRequest: (request, answer) => {
        if (!this.#options.isSameOrigin(request.headers)) answer('cross-origin', false);
        else if (strangers.isFull(request.socket.remoteAddress ?? '')) answer('too many', false);
        else if (io.engine.clientsCount < (this.#options.mostSockets ?? 2_000)) answer(null, true);
        else if (strangers.showOutOldest()) answer(null, true);
        else answer('too many', false);
      },
    });
    this.#io = io;
    io.use((socket, next) => void this.#admitOrRefuse(socket, next));
    io.engine.on('connection', (connection: EngineConnection) => {
      strangers.enter(connection, connection.remoteAddress);
      connection.once('close', () => strangers.leave(connection));
    });
    io.on('connection', (socket) => {
      strangers.leave(socket.conn);
      this.#welcome(socket);
    });
    this.#stops = [
      board.onChange((change) => {
        if (change.topologyChanged) this.#startOver();
        for (const { room } of this.#rooms.values()) room.note(change);
      }),
      this.#options.services.onChange(() => {
        for (const { room } of this.#rooms.values()) room.noteServices();
      }),
      this.#options.incidents.onChange(() => {
        for (const { room } of this.#rooms.values()) room.noteIncidents();
      }),
      this.#options.own.onChange(() => io.emit('own', this.#ownMessage())),
      onAccessRevoked(() => void this.#recheck()),
    ];
    this.#timers = [
      setInterval(() => this.#flush(), flushMs ?? 250),
      setInterval(() => void this.#recheck(), recheckMs ?? 60_000),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const stop of this.#stops) stop();
    // Not io.close(): it would close the HTTP server, which is not ours.
    this.#io?.disconnectSockets(true);
    this.#io?.engine.close();
    this.#io = null;
  }

  /** Sends an event that did not come from the status board (an import, an identified device). */
  tell(event: PlacedEvent): void {
    const change = { transitions: [], events: [event], loads: [], topologyChanged: false };
    for (const { room } of this.#rooms.values()) room.note(change);
  }

  /** For /metrics. */
  get statistics(): { readonly sockets: number; readonly rooms: number } {
    return { sockets: this.#io?.sockets.sockets.size ?? 0, rooms: this.#rooms.size };
  }

  async #admitOrRefuse(socket: Reader, next: (refusal?: Error) => void): Promise<void> {
    let refusal: Error | undefined;
    try {
      await this.#admit(socket);
    } catch (error) {
      refusal = error instanceof Error ? error : new Error('unavailable');
    }
    next(refusal);
  }

  async #admit(socket: Reader): Promise<void> {
    const access = await this.#identify(socket);
    if (access === null) throw new Error('unauthenticated');
    const rooms = roomsOf(access);
    if (rooms.length === 0) throw new Error('forbidden');
    const reader = readerName(access);
    let others = 0;
    for (const other of this.#io?.sockets.sockets.values() ?? []) if (other.data.reader === reader) others++;
    if (others >= (this.#options.mostSocketsOfOne ?? 50)) throw new Error('too many connections');
    socket.data.reader = reader;
    socket.data.rooms = rooms;
  }

  async #identify(socket: Reader): Promise<Access | null> {
    try {
      return await this.#options.authenticate(socket.handshake.headers);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'a reader of the live stream could not be recognised');
      throw new Error('unavailable', { cause: error });
    }
  }

  #welcome(socket: Reader): void {
    // Nothing is taken from clients: whoever sends is not our console.
    socket.onAny(() => socket.disconnect(true));
    const stopped = positions(socket.handshake.auth);
    for (const name of socket.data.rooms) {
      const room = this.#room(name);
      void socket.join(name);
      const position = stopped.get(name);
      const missed = position === undefined ? null : room.missedSince(position.epoch, position.seq);
      if (missed === null) socket.emit('snapshot', room.snapshot());
      else for (const delta of missed) socket.emit('delta', delta);
    }
    socket.emit('own', this.#ownMessage());
    // Rights may have been withdrawn between admission and now.
    void this.#recheckOne(socket);
  }

  #ownMessage(): OwnMessage {
    const { clock, own, board } = this.#options;
    const { blindness } = board;
    return { at: clock.now(), faults: own.faults, blindness: blindness === null ? null : blindnessView(blindness) };
  }

  /** The board sees nothing any more, or again, or something else shows why. */
  #noteSight(): void {
    const { blindness } = this.#options.board;
    const sight = blindness === null ? '' : JSON.stringify(blindness.sign);
    if (sight === this.#sight) return;
    this.#sight = sight;
    this.#io?.emit('own', this.#ownMessage());
  }

  #room(name: string): Room {
    const known = this.#rooms.get(name);
    if (known !== undefined) {
      known.emptySince = null;
      return known.room;
    }
    const { board, topology, services, incidents, clock, keptDeltas } = this.#options;
    const room = new Room({
      name,
      board,
      topology,
      services: (scope) => services.summaries(scope),
      incidents: (scope) => incidents.views(scope),
      now: () => clock.now(),
      kept: keptDeltas ?? 600,
    });
    this.#rooms.set(name, { room, emptySince: null });
    return room;
  }

  /** Who pings and reads nothing would have the controller keep the whole stream for it. */
  #dropWhoReadsNothing(): void {
    for (const socket of this.#io?.sockets.sockets.values() ?? []) {
      const connection: unknown = socket.conn;
      const { writeBuffer } = connection as EngineConnection;
      if (writeBuffer.length <= (this.#options.mostUnread ?? 240)) continue;
      this.#options.logger.warn({ reader: socket.data.reader }, 'a reader of the live stream reads nothing');
      (connection as EngineConnection).close(true);
    }
  }

  #flush(): void {
    this.#dropWhoReadsNothing();
    this.#noteSight();
    const now = this.#options.clock.monotonic();
    for (const [name, entry] of this.#rooms) {
      const isEmpty = (this.#io?.sockets.adapter.rooms.get(name)?.size ?? 0) === 0;
      if (!isEmpty) entry.emptySince = null;
      else entry.emptySince ??= now;
      if (entry.emptySince !== null && now - entry.emptySince > emptyRoomMs) {
        this.#rooms.delete(name);
        continue;
      }
      const delta = entry.room.next(isEmpty ? Number.POSITIVE_INFINITY : silenceMs);
      if (delta !== null) this.#io?.to(name).emit('delta', delta);
    }
  }

  #startOver(): void {
    for (const [name, { room }] of this.#rooms) {
      room.startOver();
      this.#io?.to(name).emit('snapshot', room.snapshot());
    }
  }

  async #recheck(): Promise<void> {
    this.#recheckAgain = true;
    if (this.#rechecking) return;
    this.#rechecking = true;
    while (this.#recheckAgain) {
      this.#recheckAgain = false;
      for (const socket of this.#io?.sockets.sockets.values() ?? []) await this.#recheckOne(socket);
    }
    this.#rechecking = false;
  }

  /** Disconnects a socket that is no longer what it was. While nobody can say, it stays: rights are asked again soon. */
  async #recheckOne(socket: Reader): Promise<void> {
    let access: Access | null;
    try {
      access = await this.#identify(socket);
    } catch {
      return;
    }
    const rooms = access === null ? [] : roomsOf(access);
    if (rooms.join(' ') !== socket.data.rooms.join(' ')) socket.disconnect(true);
  }
}

/** `everywhere`, or the granted regions without those that lie in another granted one. */
function roomsOf(access: Access): string[] {
  const scope = scopeFor(access, 'status.read');
  if (scope === 'everywhere') return ['everywhere'];
  const codes = [...new Set(scope.regionCodes)].sort();
  return codes.filter((code) => !codes.some((other) => other !== code && isWithin(code, other)));
}

function readerName(access: Access): string {
  return `${access.kind}:${access.id ?? access.name}`;
}

/** Where a client says that it stopped; whatever it says is checked by the room. */
function positions(auth: unknown): Map<string, { readonly epoch: string; readonly seq: number }> {
  const found = new Map<string, { epoch: string; seq: number }>();
  const rooms: unknown = typeof auth === 'object' && auth !== null && 'rooms' in auth ? auth.rooms : null;
  if (typeof rooms !== 'object' || rooms === null) return found;
  for (const [name, position] of Object.entries(rooms).slice(0, 100)) {
    if (typeof position !== 'object' || position === null) continue;
    const { epoch, seq } = position as { readonly epoch?: unknown; readonly seq?: unknown };
    if (typeof epoch === 'string' && typeof seq === 'number') found.set(name, { epoch, seq });
  }
  return found;
}
