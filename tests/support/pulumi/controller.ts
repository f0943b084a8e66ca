import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import {
  catalyst,
  smallBackbone,
  type SmallBackbone,
} from '../../../agents/simulator/routeros/testing/small-backbone.ts';
import type { RouteFact } from '../../../src/api/app.ts';
import type { RouteGroup } from '../../../src/api/routes.ts';
import { ApiTokens } from '../../../src/auth/api-tokens.ts';
import { readConfig } from '../../../src/config.ts';
import { systemAccess, type Role } from '../../../src/domain/access.ts';
import { startController, type Controller } from '../../../src/main.ts';
import type { TerminalBox } from '../../../agents/simulator/zkteco/terminal-box.ts';
import { managedInventory } from '../managed-inventory.ts';
import { RouterHands } from '../router-hands.ts';
import { SwitchHands } from '../switch-hands.ts';

const system = systemAccess('test');

/** A whole controller, and a small network of simulated routers, switches and terminals that it may configure. */
export class ManagedNetwork {
  readonly backbone: SmallBackbone;
  readonly hands: RouterHands;
  readonly switches: SwitchHands;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #log: string[] = [];
  #controller: Controller | null = null;
  #app: Pick<FastifyInstance, 'routeFacts'> | null = null;
  #elsewhere: string | null = null;
  token = '';

  private constructor(folder: string, backbone: SmallBackbone, settings: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#settings = settings;
    this.backbone = backbone;
    this.hands = new RouterHands(backbone);
    this.switches = new SwitchHands(backbone);
  }

  /** @param settings more of them, as the environment has them. */
  static async start(net: number, settings: Readonly<Record<string, string>> = {}): Promise<ManagedNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'arung-managed-'));
    chmodSync(folder, 0o711);
    const network = new ManagedNetwork(folder, await smallBackbone(net, { as: { 'sw-c-01': catalyst } }), settings);
    await network.startController('0');
    await network.#fill();
    network.token = await network.tokenOf('administrator');
    return network;
  }

  /** What the controller is started with. */
  settings(port: string): Readonly<Record<string, string>> {
    return {
      ARUNG_DATA_DIR: this.dataDir,
      ARUNG_KEY_FILE: join(this.#folder, 'key'),
      ARUNG_PORT: port,
      ARUNG_ADMIN_PASSWORD: 'palattae-kahu-1',
      HOME: this.#folder,
      ...this.#settings,
    };
  }

  async startController(port: string): Promise<void> {
    const env = this.settings(port);
    const { config } = readConfig({ env, cwd: this.#folder });
    const logger = pino({ level: 'debug' }, { write: (line: string) => void this.#log.push(line) });
    const capture: RouteGroup = (scope) => {
      this.#app = scope as unknown as FastifyInstance;
    };
    this.#controller = await startController({ config, logger, moreRoutes: [capture] });
  }

  async stopController(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = null;
  }

  get controller(): Controller {
    if (this.#controller === null) throw new Error('the controller is not running');
    return this.#controller;
  }

  /** Where questions go: to a controller that the test has started apart (null: to our own again). */
  at(url: string | null): void {
    this.#elsewhere = url;
  }

  get url(): string {
    return this.#elsewhere ?? this.controller.localUrl;
  }

  /** Every route of its API. */
  get routes(): readonly RouteFact[] {
    return this.#app?.routeFacts ?? [];
  }

  get dataDir(): string {
    return join(this.#folder, 'data');
  }

  /** Everything that the controller has logged. */
  get log(): string {
    return this.#log.join('');
  }

  async tokenOf(role: Role, regionCode: string | null = null): Promise<string> {
    const { database, audit } = this.controller;
    const tokens = new ApiTokens({ db: database.db, audit });
    const name = `${role} ${Math.random()}`;
    return (await tokens.create(system, { name, role, regionCode, expiresAt: null })).token;
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  /** A simulated attendance terminal. */
  terminal(name: string): TerminalBox {
    const box = this.backbone.simulator.terminalBoxes.box(name);
    if (box === undefined) throw new Error(`there is no terminal ${name}`);
    return box;
  }

  async stop(): Promise<void> {
    await this.stopController();
    await this.backbone.simulator.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }

  async #fill(): Promise<void> {
    const text = JSON.stringify(managedInventory(this.backbone, true));
    const { inventory } = this.controller;
    await inventory.catalogue.import(system, '73.08');
    const plan = await inventory.importer.apply(system, { format: 'json', text });
    if (plan.errors.length > 0) throw new Error(JSON.stringify(plan.errors));
    await inventory.topology.refresh();
  }
}
