import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { closed, listen } from '../listening.ts';
import { ApiSession } from './api-session.ts';
import { answerRest } from './rest.ts';
import type { RouterDevice } from './router-device.ts';
import type { Wire } from './sessions.ts';

type Service = 'api' | 'www';

/** Listens for one device on its own addresses, on the ports that /ip/service says, and follows when either changes. */
export class RouterServers {
  readonly #device: () => RouterDevice;
  readonly #servicePort: (service: Service) => number | null;
  readonly #addresses: () => readonly string[];
  readonly #wireAt: (address: string) => Wire;
  readonly #firmware: string;
  /** By service and address. */
  readonly #servers = new Map<string, { readonly port: number; readonly server: Server }>();
  readonly #sessions = new Set<ApiSession>();
  readonly #sockets = new Set<Socket>();
  #work: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly device: () => RouterDevice;
    readonly servicePort: (service: Service) => number | null;
    /** Where it listens: those that it may still be asked at among them. */
    readonly addresses: () => readonly string[];
    readonly wireAt: (address: string) => Wire;
    readonly firmware: string;
  }) {
    this.#device = options.device;
    this.#servicePort = options.servicePort;
    this.#addresses = options.addresses;
    this.#wireAt = options.wireAt;
    this.#firmware = options.firmware;
  }

  start(): Promise<void> {
    return this.#settle();
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.close();
    for (const socket of this.#sockets) socket.destroy();
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map(({ server }) => closed(server)));
  }

  /** The configuration, or the way to the device, has changed. */
  pathChanged(): void {
    for (const session of this.#sessions) session.pathChanged();
    // A port that cannot be had is as on a device whose service has failed: it does not answer.
    this.#work = this.#work.then(() => this.#settle()).catch(() => undefined);
  }

  async #settle(): Promise<void> {
    const addresses = this.#addresses();
    const wanted = new Map<string, { readonly service: Service; readonly address: string; readonly port: number }>(
      (['api', 'www'] as const).flatMap((service) => {
        const port = this.#servicePort(service);
        return port === null
          ? []
          : addresses.map((address) => [`${service} ${address}`, { service, address, port }] as const);
      }),
    );
    for (const [key, { port, server }] of this.#servers) {
      if (wanted.get(key)?.port === port) continue;
      this.#servers.delete(key);
      // Sessions that are open go on.
      void closed(server);
    }
    for (const [key, { service, address, port }] of wanted) {
      if (this.#servers.has(key)) continue;
      const wire = this.#wireAt(address);
      const server = service === 'api' ? this.#apiServer(wire) : this.#webServer(wire);
      await listen(server, port, address);
      this.#servers.set(key, { port, server });
    }
  }

  #apiServer(wire: Wire): Server {
    return createServer((socket) => {
      const session = new ApiSession(socket, this.#device(), wire, this.#firmware);
      this.#sessions.add(session);
      socket.on('close', () => this.#sessions.delete(session));
    });
  }

  #webServer(wire: Wire): Server {
    const server = createHttpServer((request, response) => {
      const remote = request.socket.remoteAddress ?? '';
      // A request to a device that is cut off hangs until its client gives up.
      if (!wire.arrives(remote, request.socket.localPort ?? 0, 'new')) return;
      setTimeout(() => {
        answerRest(this.#device(), request, response).catch(() => response.destroy());
      }, wire.delayMs());
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return server;
  }
}
