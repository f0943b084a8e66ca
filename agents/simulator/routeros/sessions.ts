import type { Socket } from 'node:net';

/** What a server needs to know of the device that it stands on. */
export interface Wire {
  /** Milliseconds that an answer takes. */
  delayMs(): number;
  /** Whether a packet of this session arrives now: the device runs, a path exists, the filter lets it through. */
  arrives(remote: string, port: number, state: 'new' | 'established'): boolean;
  /** Grows with every start of the device. */
  boots(): number;
}

/** What the device says, and when it is there. */
interface Outgoing {
  readonly bytes: Buffer | string;
  readonly isLast: boolean;
  readonly atMs: number;
}

/**
 * One TCP session as the network would carry it, each way in order and without a gap. What is said while no path exists is
 * kept and handed on when there is one again, as TCP's retransmissions would; a device that has started anew since knows
 * nothing of the session and resets it.
 */
export class WiredSession {
  readonly socket: Socket;
  readonly #wire: Wire;
  readonly #boots: number;
  readonly #remote: string;
  readonly #port: number;
  readonly #receive: (chunk: Buffer) => void;
  readonly #in: Buffer[] = [];
  readonly #out: Outgoing[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isKnown = false;

  constructor(socket: Socket, wire: Wire, receive: (chunk: Buffer) => void) {
    this.socket = socket;
    this.#wire = wire;
    this.#boots = wire.boots();
    this.#remote = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#port = socket.localPort ?? 0;
    this.#receive = receive;
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // whoever goes away goes away
    socket.on('close', () => this.#forget());
    socket.on('data', (chunk) => {
      this.#in.push(chunk);
      this.pathChanged();
    });
  }

  /** Something changed on the way: what waited may arrive now. */
  pathChanged(): void {
    if (this.socket.destroyed || (this.#in.length === 0 && this.#out.length === 0)) return;
    if (!this.#wire.arrives(this.#remote, this.#port, this.#isKnown ? 'established' : 'new')) return;
    if (this.#wire.boots() !== this.#boots) {
      this.socket.resetAndDestroy();
      return;
    }
    this.#isKnown = true;
    for (const chunk of this.#in.splice(0)) if (!this.socket.destroyed) this.#receive(chunk);
    this.#carry();
  }

  /** Sends after the time that the path takes, behind all that was sent before. */
  send(bytes: Buffer | string, isLast = false): void {
    this.#out.push({ bytes, isLast, atMs: performance.now() + this.#wire.delayMs() });
    this.#wait();
  }

  #carry(): void {
    const nowMs = performance.now();
    for (let next = this.#out[0]; next !== undefined && next.atMs <= nowMs; next = this.#out[0]) {
      this.#out.shift();
      if (next.isLast) this.socket.end(next.bytes);
      else this.socket.write(next.bytes);
    }
    this.#wait();
  }

  #wait(): void {
    const [next] = this.#out;
    if (next === undefined || this.#timer !== null || this.socket.destroyed) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.pathChanged();
      },
      Math.max(0, next.atMs - performance.now()),
    );
  }

  #forget(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#in.length = 0;
    this.#out.length = 0;
  }
}
