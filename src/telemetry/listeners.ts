import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ArungError } from '../domain/errors.ts';

/**
 * One port with several listening sockets. libuv accepts one connection of a listening socket in a turn of the event
 * loop (since 1.45): when a turn takes a third of a second because the machine is overcommitted, a thousand terminals
 * that connect again wait for minutes in the kernel's queue, give up there, try again, and the queue never empties.
 * With SO_REUSEPORT the kernel spreads them over the sockets, and as many are accepted in a turn.
 */
export class Listeners {
  readonly #onConnection: (socket: Socket) => void;
  #servers: readonly Server[] = [];

  constructor(onConnection: (socket: Socket) => void) {
    this.#onConnection = onConnection;
  }

  /** The port in use; null before `listen`. */
  get port(): number | null {
    const address = this.#servers[0]?.address();
    return typeof address === 'object' && address !== null ? (address satisfies AddressInfo).port : null;
  }

  /** Rejects with the system's error when the port is in use or may not be used. Port 0 takes a free one. */
  async listen(options: { readonly host: string; readonly port: number; readonly sockets: number }): Promise<void> {
    const { host } = options;
    // Sockets that share a port also share it with a stranger's that does: alone first, which fails then.
    const alone = this.#server();
    await opened(alone, { host, port: options.port });
    const { port } = alone.address() as AddressInfo;
    await closed(alone);
    const servers: Server[] = [];
    this.#servers = servers;
    try {
      for (let n = 0; n < options.sockets; n++) {
        const server = this.#server();
        await opened(server, { host, port, reusePort: true });
        servers.push(server);
      }
    } catch (error) {
      await this.close();
      if (!isUnsupported(error)) throw error;
      const server = this.#server();
      await opened(server, { host, port });
      this.#servers = [server];
    }
  }

  /** Accepts no more; resolves when every connection that was accepted is closed, too. */
  async close(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(servers.map(closed));
  }

  #server(): Server {
    return createServer((socket) => this.#onConnection(socket));
  }
}

function opened(
  server: Server,
  options: { readonly host: string; readonly port: number; readonly reusePort?: boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ backlog: 511, ...options }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Systems without SO_REUSEPORT, or without its spreading of connections. */
function isUnsupported(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTSUP' || error.code === 'ENOPROTOOPT');
}

/** Opens the port, or says in a sentence why it cannot. */
export async function openPort(
  listeners: Listeners,
  { host, port, sockets }: { readonly host: string; readonly port: number; readonly sockets: number },
): Promise<void> {
  try {
    await listeners.listen({ host, port, sockets });
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArungError(
      inUse ? 'conflict' : 'unavailable',
      inUse
        ? `The MQTT broker cannot listen on ${host}:${port}: another program uses the port. Stop it, or set another one (0 takes a free one).`
        : `The MQTT broker cannot listen on ${host}:${port}: ${reason}.`,
      { code: inUse ? 'mqtt.port-in-use' : 'mqtt.cannot-listen', cause: error },
    );
  }
}
