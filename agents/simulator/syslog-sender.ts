import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import type { SimulatedDevice } from './device.ts';

/** Where a device sends what it has to say. */
export interface LogServer {
  readonly address: string;
  readonly port: number;
}

/** Of syslog over UDP (RFC 5426). */
export const syslogPort = 514;

/** A socket that nobody has sent from for so long is closed. */
const idleMs = 5_000;

const isOnLoopback = (address: string): boolean => isIPv4(address) && address.startsWith('127.');

interface Open {
  readonly socket: Socket;
  readonly idle: NodeJS.Timeout;
}

/**
 * Sends what devices say to their log servers, each from its own address. Nothing leaves loopback, whatever an inventory or a
 * configuration says, and nothing leaves a device that is off or cut off. Nobody is told when a datagram is lost: it is UDP.
 */
export class SyslogSender {
  /** By the address that they send from. */
  readonly #open = new Map<string, Open>();

  send(device: SimulatedDevice, to: LogServer, text: string): void {
    const source = sourceOf(device);
    if (!isOnLoopback(source) || !isOnLoopback(to.address) || to.port < 1 || to.port > 65_535) return;
    if (!device.tellsAgent({ source, destination: to.address, port: to.port })) return;
    const { socket, idle } = this.#open.get(source) ?? this.#opened(source);
    idle.refresh();
    socket.send(text, to.port, to.address, () => undefined);
  }

  stop(): void {
    for (const source of this.#open.keys()) this.#close(source);
  }

  #opened(source: string): Open {
    // Addresses are literal: no lookup, so that binding and sending stay in the same turn of the event loop.
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
    socket.on('error', () => this.#close(source)); // an address that cannot be had sends nothing
    socket.bind({ address: source, port: 0, exclusive: true });
    socket.unref();
    const open = { socket, idle: setTimeout(() => this.#close(source), idleMs).unref() };
    this.#open.set(source, open);
    return open;
  }

  #close(source: string): void {
    const open = this.#open.get(source);
    if (open === undefined) return;
    this.#open.delete(source);
    clearTimeout(open.idle);
    open.socket.close();
  }
}

/** The address that it was set up with while it has it, else the first that it was given since. */
function sourceOf({ address, paths }: SimulatedDevice): string {
  const has = paths?.addresses() ?? [address];
  return has.includes(address) ? address : (has[0] ?? '');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Sep  5 14:03:09` of seconds since 1970, as the clock shows them (RFC 3164, section 4.1.2). */
export function bsdTime(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return `${months[at.getUTCMonth()] ?? ''} ${String(at.getUTCDate()).padStart(2)} ${at.toISOString().slice(11, 19)}`;
}
