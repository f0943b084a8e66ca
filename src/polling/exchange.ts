import type { PollingEngine } from './engine.ts';
import type { Peer } from './peer.ts';
import type { RequestPacket } from './snmp/request.ts';
import type { ResponseReader } from './snmp/response.ts';
import { cacheLineBytes, WheelTimer } from './timer-wheel.ts';

/** An answer as it lies in the receive buffer: valid only while `answered` runs. */
export interface Answer {
  readonly buffer: Buffer;
  readonly reader: ResponseReader;
  readonly rttMs: number;
  /** Monotonic time of its receipt. */
  readonly atMs: number;
}

/** One send of a request. */
interface Try {
  readonly id: number;
  /** Monotonic. */
  readonly atMs: number;
}

const noTries: readonly Try[] = [];

export type ExchangeState = 'idle' | 'waiting' | 'queued' | 'sent' | 'lingering';

/**
 * One request and its tries, and what becomes of the answer. A packet of a plan is one that is started again for every
 * poll; each try has an id of its own, and an answer to any of them ends the exchange.
 */
export abstract class Exchange extends WheelTimer {
  readonly peer: Peer;
  readonly tries: number;
  /** Probes: sent ahead of polls and outside of the peer's window. */
  readonly urgent: boolean;
  request: RequestPacket;
  state: ExchangeState = 'idle';
  /** Sends so far. */
  sends = 0;
  /** How often an SNMPv3 Report had it sent anew since it was begun. */
  resends = 0;
  /** Of the last send, and when that was, monotonic. */
  id = 0;
  #sentMs = 0;
  /** Those before it: seldom any. */
  #earlier: readonly Try[] = noTries;
  /** Whether it holds a place in the peer's window. */
  inWindow = false;
  readonly #engine: PollingEngine;

  constructor(options: {
    readonly engine: PollingEngine;
    readonly peer: Peer;
    readonly request: RequestPacket;
    readonly tries?: number;
    readonly urgent?: boolean;
  }) {
    super();
    this.#engine = options.engine;
    this.peer = options.peer;
    this.request = options.request;
    this.tries = options.tries ?? options.engine.options.tries;
    this.urgent = options.urgent ?? false;
  }

  /**
   * Reads the answer's varbinds; false when they are malformed, and the exchange goes on as if nothing had come.
   * Called for an answer in time, under the right id and from the right place, also one that carries an SNMP error.
   */
  abstract decode(answer: Answer): boolean;

  /** It is over with the answer that was just decoded; it may be begun anew. */
  abstract answered(answer: Answer): void;

  /** No answer in all tries; it may be begun anew. */
  abstract failed(): void;

  /**
   * The device answered that it will not (`peer.form.refusal` says why); it may be begun anew. Without this method it
   * counts as failed.
   */
  refused?(answer: { readonly rttMs: number; readonly atMs: number }): void;

  /** An answer came after `failed`: too late for its values, but a sign of life. Never after it was begun anew. */
  late?(answer: Answer): void;

  /** It goes out under this id. */
  sent(id: number, atMs: number): void {
    if (this.sends > 0) this.#earlier = [...this.#earlier, { id: this.id, atMs: this.#sentMs }];
    this.id = id;
    this.#sentMs = atMs;
    this.sends += 1;
  }

  override prefetch(steps: number): number {
    const { request } = this;
    if (steps === 0) return this.dueTick + this.sends + this.id;
    if (steps === 1) return request.requestIdAt + this.#sentMs;
    const { bytes } = request;
    let read = bytes.buffer.byteLength;
    for (let i = 0; i < bytes.length; i += cacheLineBytes) read += bytes[i] ?? 0;
    return read;
  }

  /** When it went out under this id, monotonic; undefined when it did not. */
  sentAtMs(id: number): number | undefined {
    return id === this.id ? this.#sentMs : this.#earlier.find((one) => one.id === id)?.atMs;
  }

  /** Forgets its sends; the ids of all but the last. */
  forgetSends(): readonly Try[] {
    const earlier = this.#earlier;
    this.#earlier = noTries;
    this.sends = 0;
    return earlier;
  }

  fire(): void {
    this.#engine.timedOut(this);
  }
}
