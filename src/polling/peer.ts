import { isIP, SocketAddress } from 'node:net';
import { ArungError } from '../domain/errors.ts';
import type { PollTarget } from '../domain/plan.ts';
import { RoundTrip } from '../domain/round-trip.ts';
import { DeviceLimits } from './device-limits.ts';
import type { Exchange } from './exchange.ts';
import type { PollingOptions } from './options.ts';
import { PacketSize } from './packet-size.ts';
import { messageForm } from './snmp/message-form.ts';
import type { MessageForm } from './snmp/request.ts';

const snmpPort = 161;
let peers = 0;

/** One SNMP agent as the engine sees it: where it is, how it is spoken to, and what was learned of it. */
export class Peer {
  name: string;
  /** As the socket reports it, so that sources can be compared as text. */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  readonly form: MessageForm;
  readonly rtt: RoundTrip;
  readonly size: PacketSize;
  readonly limits = new DeviceLimits();
  /** Counts the peers: spreads them over the sockets, and those that came after one another are polled together. */
  readonly ordinal: number;
  /** Requests that may be under way; grows with answers, falls to one with a timeout. */
  window = 2;
  inFlight = 0;
  /** Tries without an answer. */
  timeouts = 0;
  readonly waiting: Exchange[] = [];
  /** Since this program began. */
  hasAnswered = false;
  /** The kernel's last complaint about a send, until one succeeds. */
  lastSendError: NodeJS.ErrnoException | null = null;
  /** Another address that answered a request to this peer (an agent that answers from another of its addresses). */
  stranger: string | null = null;
  /** Handed to the socket with every send; made once. */
  readonly onSent: (error: Error | null) => void;
  readonly #opening: string;
  readonly #widest: number;

  constructor(target: PollTarget, options: PollingOptions, sendFailed: (peer: Peer) => void) {
    const family = isIP(target.address);
    if (family !== 4 && family !== 6) {
      throw new ArungError(
        'invalid',
        `${target.name} has the management address '${target.address}', which is no IPv4 or IPv6 address: mend it in the inventory.`,
        { code: 'polling.address', arguments: { device: target.name, address: target.address } },
      );
    }
    this.name = target.name;
    this.#opening = openingOf(target);
    this.family = family;
    this.address =
      family === 4 ? target.address : new SocketAddress({ address: target.address, family: 'ipv6' }).address;
    this.port = target.port === 0 ? snmpPort : target.port;
    this.form = messageForm(target.name, target.secret);
    this.rtt = new RoundTrip({ minMs: options.minTimeoutMs, maxMs: options.maxTimeoutMs, firstMs: 1000 });
    this.size = new PacketSize(
      { varbinds: options.maxVarbinds, bytes: options.maxBytes },
      { varbinds: options.grownVarbinds, bytes: options.grownBytes },
    );
    this.#widest = options.window;
    this.window = Math.min(2, options.window);
    this.ordinal = peers;
    peers += 1;
    this.onSent = (error) => {
      this.lastSendError = error;
      if (error !== null) sendFailed(this);
    };
  }

  /** Most requests under way at a time: one for a device whose CPU is slow. */
  get maxWindow(): number {
    return this.limits.slow ? 1 : this.#widest;
  }

  /** Whether the target is still reached and opened the same way. */
  fits(target: PollTarget): boolean {
    return this.#opening === openingOf(target);
  }

  /** See `WheelTimer.prefetch`. */
  prefetch(steps: number): number {
    if (steps === 0) return this.port + this.inFlight + (this.hasAnswered ? 1 : 0) + this.#widest;
    const { address, rtt, size, limits, waiting } = this;
    return address.charCodeAt(0) + rtt.timeoutMs + size.revision + (limits.slow ? 1 : 0) + waiting.length;
  }

  /** `10.73.8.2`, with the port where it is not SNMP's own. */
  get place(): string {
    if (this.port === snmpPort) return this.address;
    return this.family === 6 ? `[${this.address}]:${this.port}` : `${this.address}:${this.port}`;
  }
}

function openingOf(target: PollTarget): string {
  return JSON.stringify([target.address, target.port, target.secret]);
}
