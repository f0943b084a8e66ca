import type { Peer } from './peer.ts';
import type { RequestPacket } from './snmp/request.ts';
import type { ResponseReader } from './snmp/response.ts';
import { WheelTimer } from './timer-wheel.ts';

/** An answer as it lies in the receive buffer: valid only while `answered` runs. */
export interface Answer {
  readonly buffer: Buffer;
  readonly reader: ResponseReader;
  readonly rttMs: number;
  /** Monotonic time of its receipt. */
  readonly atMs: number;
}

/** Who started an exchange and is told how it ended. */
export interface ExchangeOwner {
  /**
   * Reads the answer's varbinds; false when they are malformed, and the exchange goes on as if nothing had come.
   * Called for an answer in time, under the right id and from the right place, also one that carries an SNMP error.
   */
  decode(exchange: Exchange, answer: Answer): boolean;
  /** The exchange is over with the answer that was just decoded; it may be begun anew. */
  answered(exchange: Exchange, answer: Answer): void;
  /** No answer in all tries; it may be begun anew. */
  failed(exchange: Exchange): void;
  /**
   * The device answered that it will not (`peer.form.refusal` says why); it may be begun anew. Without this method it
   * counts as failed.
   */
  refused?(exchange: Exchange, answer: { readonly rttMs: number; readonly atMs: number }): void;
  /** An answer came after `failed`: too late for its values, but a sign of life. Never after it was begun anew. */
  late?(exchange: Exchange, answer: Answer): void;
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
 * One request and its tries. Made once per packet of a plan and started again for every poll; each try has an id of its
 * own, and an answer to any of them ends the exchange.
 */
export class Exchange extends WheelTimer {
  readonly peer: Peer;
  readonly owner: ExchangeOwner;
  readonly tries: number;
  /** Probes: sent ahead of polls and outside of the peer's window. */
  readonly urgent: boolean;
  readonly expire: (exchange: Exchange) => void;
  packet: RequestPacket;
  state: ExchangeState = 'idle';
  /** When it was begun, monotonic. */
  startedMs = 0;
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

  constructor(options: {
    readonly peer: Peer;
    readonly packet: RequestPacket;
    readonly owner: ExchangeOwner;
    readonly tries: number;
    readonly urgent: boolean;
    readonly expire: (exchange: Exchange) => void;
  }) {
    super();
    this.peer = options.peer;
    this.packet = options.packet;
    this.owner = options.owner;
    this.tries = options.tries;
    this.urgent = options.urgent;
    this.expire = options.expire;
  }

  /** It goes out under this id. */
  sent(id: number, atMs: number): void {
    if (this.sends > 0) this.#earlier = [...this.#earlier, { id: this.id, atMs: this.#sentMs }];
    this.id = id;
    this.#sentMs = atMs;
    this.sends += 1;
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
    this.expire(this);
  }
}
