import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { SimulatedDevice } from './device.ts';

export type ServiceMode = 'up' | 'slow' | 'down';

export interface ServiceItem {
  readonly code: string;
  readonly url: string;
  readonly mode: ServiceMode;
  readonly listening: boolean;
}

const slowMs = 3_000;

/**
 * An application of the government on an address of its server: a page that names it. Where no path leads to the server
 * it takes the connection and says nothing, since loopback itself is never cut; when it is down its port is closed.
 */
export class ServiceHost {
  readonly code: string;
  readonly url: string;
  readonly #name: string;
  readonly #device: SimulatedDevice | null;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #server: Server | null = null;
  #mode: ServiceMode = 'up';

  constructor(service: { code: string; name: string; url: string }, device: SimulatedDevice | null) {
    this.code = service.code;
    this.url = service.url;
    this.#name = service.name;
    this.#device = device;
  }

  get item(): ServiceItem {
    return { code: this.code, url: this.url, mode: this.#mode, listening: this.#server !== null };
  }

  /** A port that somebody else has leaves it closed: the backbone runs without it. */
  async start(): Promise<void> {
    const { hostname, port } = new URL(this.url);
    const server = createServer((_request, response) => this.#answer(response));
    await new Promise<void>((resolve) => {
      server.once('error', () => resolve());
      server.listen(Number(port), hostname, () => {
        server.removeAllListeners('error');
        server.on('error', () => undefined);
        this.#server = server;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async set(mode: ServiceMode): Promise<ServiceItem> {
    this.#mode = mode;
    if (mode === 'down') await this.stop();
    else if (this.#server === null) await this.start();
    return this.item;
  }

  #answer(response: ServerResponse): void {
    if (this.#device !== null && !(this.#device.on && this.#device.reachable)) return;
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer);
        const name = this.#name.replace(/[<&]/g, ' ');
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(`<!doctype html><title>${name}</title><h1>${name}</h1>`);
      },
      this.#mode === 'slow' ? slowMs : 0,
    );
    this.#waiting.add(timer);
  }
}

/** Whether an address is one that we may listen on: plain HTTP with a port on loopback. */
export function isHosted(url: string | undefined): url is string {
  const parsed = url === undefined ? null : URL.parse(url);
  return (
    parsed !== null &&
    parsed.protocol === 'http:' &&
    Number(parsed.port) > 0 &&
    /^127\.\d+\.\d+\.\d+$/.test(parsed.hostname)
  );
}
