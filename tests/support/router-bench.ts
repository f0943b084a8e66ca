import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { DrivenTimers } from '../../agents/simulator/routeros/testing/driven-timers.ts';
import { smallBackbone, user, type SmallBackbone } from '../../agents/simulator/routeros/testing/small-backbone.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import type { ConfigurationSession, DeviceTarget, SessionOptions } from '../../src/provisioning/drivers/driver.ts';
import { RouterOsDriver } from '../../src/provisioning/drivers/routeros/driver.ts';
import { RouterHands } from './router-hands.ts';

export const transportNames = ['api', 'rest'] as const;
export type TransportName = (typeof transportNames)[number];

/** A fragment in one line; what names it as secret is a word after it. */
export function fragment(
  key: string,
  subject: string,
  values: Readonly<Record<string, string>> = {},
  secret: readonly string[] = [],
): IntentFragment {
  return { key, subject, values, secret };
}

export const documentOf = (...fragments: IntentFragment[]): IntentDocument => ({ driver: 'routeros', fragments });

const volatile: ReadonlySet<string> = new Set(['/file', '/log']);

/** Simulated routers, and the driver that is tried against them; time of both is the test's where it is driven. */
export class RouterBench {
  readonly backbone: SmallBackbone;
  readonly driver: RouterOsDriver;
  readonly clock: Clock;
  readonly hands: RouterHands;
  readonly #timers: DrivenTimers | null;

  private constructor(backbone: SmallBackbone, timers: DrivenTimers | null) {
    this.backbone = backbone;
    this.hands = new RouterHands(backbone);
    this.#timers = timers;
    const aheadMs = (): number => (timers?.aheadS() ?? 0) * 1_000;
    this.clock = { now: () => Date.now() + aheadMs(), monotonic: () => performance.now() + aheadMs() };
    this.driver = new RouterOsDriver(this.clock);
  }

  static async start(net: number, options: { readonly isDriven: boolean }): Promise<RouterBench> {
    const timers = options.isDriven ? new DrivenTimers() : null;
    return new RouterBench(await smallBackbone(net, { rebootMs: 150, ...(timers === null ? {} : { timers }) }), timers);
  }

  stop(): Promise<void> {
    return this.backbone.simulator.stop();
  }

  target(device: string, transport: TransportName = 'api', port?: number): DeviceTarget {
    const { ports } = this.backbone;
    return {
      address: port === undefined ? this.backbone.addressOf(device) : '127.0.0.1',
      port: port ?? (transport === 'api' ? ports.api : ports.www),
      transport,
      credential: { user: user.name, password: user.password },
    };
  }

  /** A session that the callback has to itself. */
  async with<T>(
    target: DeviceTarget,
    use: (session: ConfigurationSession) => Promise<T>,
    options: SessionOptions = {},
  ): Promise<T> {
    const session = await this.driver.open(target, { commandTimeoutMs: 5_000, ...options });
    try {
      return await use(session);
    } finally {
      session.close();
    }
  }

  /** Lets time pass for the routers and for the driver. */
  pass(seconds: number): void {
    this.#timers?.pass(seconds);
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

  isOn(device: string): boolean {
    return this.backbone.simulator.network.devices.get(device)?.on ?? false;
  }

  isReached(device: string): boolean {
    return this.backbone.simulator.network.devices.get(device)?.reachable ?? false;
  }

  reboot(device: string): void {
    this.backbone.simulator.reboot(device);
  }

  /** Waits, in the machine's time, until a device is up and reached. */
  async untilReached(device: string): Promise<void> {
    const isBack = (): boolean => this.isReached(device) && this.isOn(device);
    for (let tries = 0; !isBack(); tries += 1) {
      if (tries > 500) throw new Error(`${device} is not reached again`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
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
