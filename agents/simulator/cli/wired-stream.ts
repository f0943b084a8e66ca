import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Wire } from '../routeros/sessions.ts';

/**
 * A TCP connection as the network would carry it. Bytes of either side wait while no path exists, as TCP's retransmissions
 * would; a device that has started anew since knows nothing of the connection and resets it.
 */
export class WiredStream extends Duplex {
  readonly remoteAddress: string;
  readonly remoteFamily = 'IPv4';
  /** Of ours, and unique: a library that shows who is connected shows it. */
  readonly remotePort: number;
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly #boots: number;
  readonly #source: string;
  readonly #port: number;
  readonly #in: Buffer[] = [];
  readonly #out: { readonly bytes: Buffer; readonly atMs: number }[] = [];
  #isKnown = false;
  #timer: NodeJS.Timeout | null = null;
  #isEnding = false;

  constructor(socket: Socket, wire: Wire, number: number) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#wire = wire;
    this.#boots = wire.boots();
    this.#source = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#port = socket.localPort ?? 0;
    this.remoteAddress = this.#source;
    this.remotePort = number;
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // whoever goes away goes away
    socket.on('close', () => this.destroy());
    socket.on('data', (bytes) => {
      this.#in.push(bytes);
      this.pathChanged();
    });
  }

  /** Something changed on the way: what waited may arrive now. */
  pathChanged(): void {
    if (this.destroyed || (this.#in.length === 0 && this.#out.length === 0)) return;
    if (!this.#wire.arrives(this.#source, this.#port, this.#isKnown ? 'established' : 'new')) return;
    if (this.#wire.boots() !== this.#boots) {
      this.#socket.resetAndDestroy();
      return;
    }
    this.#isKnown = true;
    for (const bytes of this.#in.splice(0)) this.push(bytes);
    const nowMs = performance.now();
    while (this.#out[0] !== undefined && this.#out[0].atMs <= nowMs) this.#socket.write(this.#out.shift()?.bytes ?? '');
    const next = this.#out[0];
    if (next === undefined && this.#isEnding) this.#socket.end();
    if (next === undefined || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.pathChanged();
    }, next.atMs - nowMs);
  }

  setNoDelay(): this {
    return this;
  }

  override _read(): void {
    // It is pushed when it comes.
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const delayMs = this.#wire.delayMs();
    this.#out.push({ bytes, atMs: delayMs < 2 ? 0 : performance.now() + delayMs });
    this.pathChanged();
    done();
  }

  override _final(done: () => void): void {
    this.#isEnding = true;
    if (this.#out.length === 0) this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.destroy();
    done(error);
  }
}
