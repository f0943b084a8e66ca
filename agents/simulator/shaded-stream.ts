import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/**
 * A TCP connection over a path that can go dark. In the dark nothing is sent and nothing is read, yet the connection
 * stays: as with a real cut, neither end is told. In the light again it goes on where it was, unless the peer gave up.
 */
export class ShadedStream extends Duplex {
  readonly #open: () => Socket;
  readonly #held: { readonly chunk: Buffer; readonly done: (error?: Error | null) => void }[] = [];
  #socket: Socket | null = null;
  #dark: boolean;

  constructor(open: () => Socket, dark: boolean) {
    super({ allowHalfOpen: false });
    this.#open = open;
    this.#dark = dark;
    if (!dark) this.#connect();
  }

  shade(dark: boolean): void {
    if (dark === this.#dark || this.destroyed) return;
    this.#dark = dark;
    if (dark) {
      this.#socket?.pause();
      return;
    }
    if (this.#socket === null) this.#connect();
    for (const { chunk, done } of this.#held.splice(0)) this.#socket?.write(chunk, done);
    this.#socket?.resume();
  }

  override _read(): void {
    if (!this.#dark) this.#socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#dark || this.#socket === null) this.#held.push({ chunk, done });
    else this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#dark) this.#socket?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#held.length = 0;
    if (socket !== null) {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      // In the dark our goodbye would not arrive: leave the connection to the peer's own patience.
      if (this.#dark) socket.on('end', () => socket.destroy()).resume();
      else socket.destroy();
      socket.unref();
    }
    done(error);
  }

  #connect(): void {
    const socket = this.#open();
    this.#socket = socket;
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }
}
