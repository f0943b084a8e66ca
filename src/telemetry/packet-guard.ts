import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * A connection that knows how long each MQTT packet says it is (section 2.2.3, Remaining Length) and ends before a
 * packet that is longer than allowed is gathered in memory. A client that is not signed in gets little room.
 */
export class GuardedConnection extends Duplex {
  /** Bytes that one packet may have. */
  limit: number;
  readonly #socket: Socket;
  readonly #onViolation: (reason: 'too-large' | 'malformed') => void;
  /** Bytes of the current packet that are still to come. */
  #rest = 0;
  /** -1: the next byte starts a packet; otherwise the bytes of its length that were read. */
  #lengthBytes = -1;
  #length = 0;
  #peerLeft = false;

  constructor(socket: Socket, limit: number, onViolation: (reason: 'too-large' | 'malformed') => void) {
    super({ autoDestroy: true });
    this.#socket = socket;
    this.limit = limit;
    this.#onViolation = onViolation;
    socket.on('data', (chunk: Buffer) => {
      const violation = this.#scan(chunk);
      if (violation !== null) {
        this.#onViolation(violation);
        this.destroy(new Error(violation === 'too-large' ? 'MQTT packet too large' : 'not MQTT'));
      } else if (!this.push(chunk)) {
        socket.pause();
      }
    });
    socket.on('end', () => {
      this.#peerLeft = true;
      this.push(null);
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** The peer has ended the connection, though not all that it said may have been read. */
  get peerLeft(): boolean {
    return this.#peerLeft || this.destroyed;
  }

  /** The parser of the broker runs inside this event: what it throws ends this connection and not the program. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'readable') return super.emit(event, ...args);
    try {
      return super.emit(event, ...args);
    } catch (error) {
      this.#onViolation('malformed');
      this.destroy(error instanceof Error ? error : new Error('not MQTT'));
      return true;
    }
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.writable) this.#socket.write(chunk, done);
    else done(new Error('connection closed'));
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #scan(chunk: Buffer): 'too-large' | 'malformed' | null {
    let at = 0;
    while (at < chunk.length) {
      if (this.#rest > 0) {
        const skip = Math.min(this.#rest, chunk.length - at);
        this.#rest -= skip;
        at += skip;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (this.#lengthBytes < 0) {
        this.#lengthBytes = 0;
        this.#length = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 0x80 ** this.#lengthBytes++;
      if (byte >= 0x80) {
        if (this.#lengthBytes === 4) return 'malformed';
        continue;
      }
      if (this.#length > this.limit) return 'too-large';
      this.#rest = this.#length;
      this.#lengthBytes = -1;
    }
    return null;
  }
}
