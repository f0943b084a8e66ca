import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Logger } from 'pino';

export type Receive = (datagram: Buffer, from: RemoteInfo) => void;

/** A family's address is already a literal: nothing is looked up, and the callback comes at once. */
function noLookup(
  address: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  callback(null, address, address.includes(':') ? 6 : 4);
}

const receiveBufferBytes = 4 * 1024 * 1024;

/**
 * The few sockets that carry all requests. Several, so that the kernel's receive buffer is not one queue for all; those
 * of IPv6 are opened when the first device asks for them. A socket that fails is replaced at its next use.
 */
export class UdpSockets {
  readonly #receive: Receive;
  readonly #logger: Logger;
  readonly #perFamily: number;
  readonly #sockets = new Map<number, Socket>();
  #closed = false;

  constructor(options: { readonly perFamily: number; readonly receive: Receive; readonly logger: Logger }) {
    this.#perFamily = options.perFamily;
    this.#receive = options.receive;
    this.#logger = options.logger;
  }

  /**
   * `ordinal` spreads devices over the sockets; a device keeps its own. Answers whether the datagram has left: where the kernel
   * takes no more for now, it waits, and its bytes must stay as they are.
   */
  send(
    datagram: Buffer,
    to: { readonly address: string; readonly port: number; readonly family: 4 | 6; readonly ordinal: number },
    sent: ((error: Error | null) => void) | undefined,
  ): boolean {
    if (this.#closed) return true;
    const key = (to.ordinal % this.#perFamily) * 2 + (to.family === 6 ? 1 : 0);
    try {
      const socket = this.#sockets.get(key) ?? this.#open(key, to.family);
      socket.send(datagram, to.port, to.address, sent);
      return socket.getSendQueueCount() === 0;
    } catch (error) {
      sent?.(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #open(key: number, family: 4 | 6): Socket {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', lookup: noLookup });
    socket.on('message', this.#receive);
    socket.on('error', (error) => {
      this.#logger.warn({ err: error, family }, 'a polling socket failed and is replaced');
      if (this.#sockets.get(key) !== socket) return;
      this.#sockets.delete(key);
      socket.close();
    });
    socket.on('listening', () => {
      try {
        socket.setRecvBufferSize(receiveBufferBytes);
      } catch {
        // The system's limit is lower: it gave what it allows.
      }
    });
    socket.bind(0);
    this.#sockets.set(key, socket);
    return socket;
  }
}
