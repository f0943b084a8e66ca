import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Logger } from 'pino';
import type { DeviceNetworks } from '../domain/device-networks.ts';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { Counters } from './counters.ts';
import { syslogOf, type SyslogMessage } from './syslog.ts';

/** A message, and the address that it came from. */
export interface HeardSyslog extends SyslogMessage {
  readonly from: string;
}

export interface SyslogListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Who is in none of these is not listened to. */
  readonly networks: DeviceNetworks;
  readonly counters: Counters;
  readonly logger: Logger;
}

const receiveBufferBytes = 1024 * 1024;

/**
 * Hears what devices say over syslog (RFC 5426: UDP). Nobody signs it, and what is lost stays lost: a hint, never more.
 */
export class SyslogListener implements LongLived {
  readonly name = 'syslog';
  readonly #options: SyslogListenerOptions;
  readonly #listeners = new Set<(heard: HeardSyslog) => void>();
  #socket: Socket | null = null;

  constructor(options: SyslogListenerOptions) {
    this.#options = options;
  }

  /** Where it listens; null before `start`. */
  get port(): number | null {
    return this.#socket?.address().port ?? null;
  }

  /** Listening ends with what it returns. */
  onMessage(listener: (heard: HeardSyslog) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws `syslog.port` where the port cannot be had. */
  async start(): Promise<void> {
    const { host, port, logger } = this.#options;
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    socket.on('message', (datagram, { address }) => this.#take(datagram, address));
    try {
      socket.bind(port, host);
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
      const advice = reason === 'EACCES' ? 'give a port above 1023' : 'give another port, or end who has it';
      throw new ArungError(
        'unavailable',
        `Syslog cannot be heard at ${host}, port ${port} (${reason}): ${advice} (ARUNG_SYSLOG_HOST, ARUNG_SYSLOG_PORT).`,
        { code: 'syslog.port', arguments: { host, port, reason } },
      );
    }
    socket.on('error', (error) => logger.warn({ err: error }, 'syslog was not heard for a moment'));
    try {
      socket.setRecvBufferSize(receiveBufferBytes);
    } catch {
      // The system's limit is lower: it gave what it allows.
    }
    this.#socket = socket;
  }

  async stop(): Promise<void> {
    this.#socket?.close();
    this.#socket = null;
  }

  #take(datagram: Buffer, address: string): void {
    const { networks, counters } = this.#options;
    // A socket for both families shows IPv4 within IPv6 (RFC 4291, section 2.5.5.2).
    const from = address.replace(/^::ffff:(?=[\d.]+$)/, '');
    if (!networks.holds(from)) {
      counters.count('syslog_messages', 'outside-networks');
      return;
    }
    const message = syslogOf(datagram);
    counters.count('syslog_messages', message === null ? 'malformed' : 'heard');
    if (message === null) return;
    for (const listener of this.#listeners) listener({ from, ...message });
  }
}
