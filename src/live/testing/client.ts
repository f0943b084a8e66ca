import { io, type Socket } from 'socket.io-client';
import type { DeltaMessage, OwnMessage, SnapshotMessage } from '../messages.ts';

/** A reader of the stream, with all that it was sent. */
export class Client {
  readonly socket: Socket;
  readonly raw: string[] = [];
  readonly snapshots: SnapshotMessage[] = [];
  readonly deltas: DeltaMessage[] = [];
  readonly own: OwnMessage[] = [];
  error: string | null = null;

  constructor(url: string, user: string, auth: object = {}, headers: Record<string, string> = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { 'x-user': user, ...headers },
      auth,
    });
    this.socket.on('snapshot', (message: SnapshotMessage) => this.snapshots.push(message));
    this.socket.on('delta', (message: DeltaMessage) => this.deltas.push(message));
    this.socket.on('own', (message: OwnMessage) => this.own.push(message));
    this.socket.on('connect_error', (error) => (this.error = error.message));
    this.socket.onAny((...message: unknown[]) => this.raw.push(JSON.stringify(message)));
  }
}
