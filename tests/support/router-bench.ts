import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { user } from '../../agents/simulator/routeros/testing/small-backbone.ts';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import type { DeviceTarget } from '../../src/provisioning/drivers/driver.ts';
import { RouterOsDriver } from '../../src/provisioning/drivers/routeros/driver.ts';
import { DeviceBench, type BenchParts } from './device-bench.ts';
import { RouterHands } from './router-hands.ts';
import { hastened } from './hastened.ts';

export { fragment } from './device-bench.ts';

export const transportNames = ['api', 'rest'] as const;
export type TransportName = (typeof transportNames)[number];

export const documentOf = (...fragments: IntentFragment[]): IntentDocument => ({ driver: 'routeros', fragments });

const volatile: ReadonlySet<string> = new Set(['/file', '/log']);

/** Simulated routers, and the driver that is tried against them. */
export class RouterBench extends DeviceBench {
  readonly driver: RouterOsDriver;
  readonly hands: RouterHands;

  private constructor(parts: BenchParts) {
    super(parts);
    this.hands = new RouterHands(parts.backbone);
    this.driver = new RouterOsDriver(parts.clock, hastened(parts.timers));
  }

  static async start(net: number, options: { readonly isDriven: boolean }): Promise<RouterBench> {
    return new RouterBench(await DeviceBench.parts(net, options));
  }

  target(device: string, transport = 'api', port?: number): DeviceTarget {
    const { ports } = this.backbone;
    return {
      address: port === undefined ? this.backbone.addressOf(device) : '127.0.0.1',
      port: port ?? (transport === 'api' ? ports.api : ports.www),
      transport,
      credential: { user: user.name, password: user.password },
    };
  }

  answers(device: string): boolean {
    const found = this.backbone.simulator.network.devices.get(device);
    const { api, www } = this.backbone.ports;
    return (
      this.isOn(device) &&
      [api, www].some((port) => {
        const packet = { source: '127.0.0.1', protocol: 'tcp', port, state: 'new' } as const;
        return found?.isReachedBy(packet) === true && (found.paths?.admits(packet) ?? true);
      })
    );
  }

  byHand(device: string, path: string, values: Readonly<Record<string, string>> = {}): void {
    this.hands.byHand(device, path, values);
  }

  rows(device: string, menu: string): readonly Readonly<Record<string, string>>[] {
    return this.hands.rows(device, menu);
  }

  idOf(device: string, menu: string, of: Readonly<Record<string, string>>): string {
    return this.hands.idOf(device, menu, of);
  }

  files(device: string): readonly string[] {
    return [...this.hands.router(device).storage.files].map(({ name }) => name);
  }

  /** Everything that is set on a device, as one text: two that are equal are configured alike, ids included. */
  stateOf(device: string): string {
    return JSON.stringify(this.hands.router(device).configuration.state());
  }

  /** What is set, whatever id it has and whether it was said or is so by default: equal after an undo, too. */
  contentOf(device: string): string {
    const menus = [...this.hands.router(device).configuration.menus].filter(({ kind }) => !volatile.has(kind.path));
    return JSON.stringify(
      menus.map((menu) => {
        const rows = menu.entries.map((entry) => JSON.stringify(Object.entries(menu.rowOf(entry)).sort()));
        return [menu.kind.path, menu.kind.ordered === true ? rows : rows.sort()];
      }),
    );
  }
}

/** Stands before a router's port and cuts connections where a test wants it. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How many pieces a client sent so far: one for each command, since the driver waits for each answer. */
  sent = 0;
  /** Called with the number of a piece, from 1: what becomes of it. */
  cut: (piece: number) => 'pass' | 'before' | 'after' | 'dead' = () => 'pass';
  #isDead = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(to: { readonly host: string; readonly port: number }): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on('connection', (near) => proxy.#carry(near, to));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(near: Socket, to: { readonly host: string; readonly port: number }): void {
    const far = connect(to);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    if (this.#isDead) near.destroy();
    near.on('data', (bytes) => {
      this.sent += 1;
      const fate = this.#isDead ? 'before' : this.cut(this.sent);
      if (fate === 'dead') this.#isDead = true;
      if (fate === 'before' || fate === 'dead') near.destroy();
      else if (fate === 'pass') far.write(bytes);
      else {
        // The device gets it and does it; nobody hears of it.
        far.write(bytes);
        far.once('data', () => near.destroy());
        return;
      }
    });
    far.on('data', (bytes) => {
      if (!near.destroyed) near.write(bytes);
    });
  }
}
