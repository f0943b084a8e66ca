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

/**
 * One TCP session as the network would carry it. What comes while no path exists is kept and handed on when there is one
 * again, as TCP's retransmissions would; a device that has started anew since knows nothing of the session and resets it.
 */
export class WiredSession {
  readonly socket: Socket;
  readonly #wire: Wire;
  readonly #boots: number;
  readonly #remote: string;
  readonly #port: number;
  readonly #receive: (chunk: Buffer) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #held: Buffer[] = [];
  #isKnown = false;
  #lastOutMs = 0;

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
      this.#held.push(chunk);
      this.pathChanged();
    });
  }

  /** Something changed on the way: what waited may arrive now. */
  pathChanged(): void {
    if (this.#held.length === 0 || this.socket.destroyed) return;
    if (!this.#wire.arrives(this.#remote, this.#port, this.#isKnown ? 'established' : 'new')) return;
    if (this.#wire.boots() !== this.#boots) {
      this.socket.resetAndDestroy();
      return;
    }
    this.#isKnown = true;
    const held = this.#held;
    this.#held = [];
    for (const chunk of held) if (!this.socket.destroyed) this.#receive(chunk);
  }

  /** Sends after the time that the path takes, in order. What a device says that is cut off meanwhile is lost with it. */
  send(bytes: Buffer | string, end = false): void {
    const nowMs = performance.now();
    this.#lastOutMs = Math.max(this.#lastOutMs, nowMs + this.#wire.delayMs());
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.socket.destroyed || !this.#wire.arrives(this.#remote, this.#port, 'established')) return;
      if (end) this.socket.end(bytes);
      else this.socket.write(bytes);
    }, this.#lastOutMs - nowMs);
    this.#timers.add(timer);
  }

  #forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held = [];
  }
}
