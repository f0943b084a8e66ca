import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { closed, listen } from '../listening.ts';
import { ApiSession } from './api-session.ts';
import { answerRest } from './rest.ts';
import type { RouterDevice } from './router-device.ts';
import type { Wire } from './sessions.ts';

type Service = 'api' | 'www';

/** Listens for one device on its own address, on the ports that /ip/service says, and follows when they change. */
export class RouterServers {
  readonly #device: () => RouterDevice;
  readonly #servicePort: (service: Service) => number | null;
  readonly #address: string;
  readonly #wire: Wire;
  readonly #firmware: string;
  readonly #servers = new Map<Service, { readonly port: number; readonly server: Server }>();
  readonly #sessions = new Set<ApiSession>();
  readonly #sockets = new Set<Socket>();
  #work: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly device: () => RouterDevice;
    readonly servicePort: (service: Service) => number | null;
    readonly address: string;
    readonly wire: Wire;
    readonly firmware: string;
  }) {
    this.#device = options.device;
    this.#servicePort = options.servicePort;
    this.#address = options.address;
    this.#wire = options.wire;
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
    for (const service of ['api', 'www'] as const) {
      const wanted = this.#servicePort(service);
      const has = this.#servers.get(service);
      if (has?.port === wanted) continue;
      if (has !== undefined) {
        this.#servers.delete(service);
        // Sessions that are open go on.
        void closed(has.server);
      }
      if (wanted === null) continue;
      const server = service === 'api' ? this.#apiServer() : this.#webServer();
      await listen(server, wanted, this.#address);
      this.#servers.set(service, { port: wanted, server });
    }
  }

  #apiServer(): Server {
    return createServer((socket) => {
      const session = new ApiSession(socket, this.#device(), this.#wire, this.#firmware);
      this.#sessions.add(session);
      socket.on('close', () => this.#sessions.delete(session));
    });
  }

  #webServer(): Server {
    const server = createHttpServer((request, response) => {
      const remote = request.socket.remoteAddress ?? '';
      // A request to a device that is cut off hangs until its client gives up.
      if (!this.#wire.arrives(remote, request.socket.localPort ?? 0, 'new')) return;
      setTimeout(() => {
        answerRest(this.#device(), request, response).catch(() => response.destroy());
      }, this.#wire.delayMs());
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return server;
  }
}
