import { writeFileSync } from 'node:fs';
import {
  catalyst,
  smallBackbone,
  type SmallBackbone,
} from '../../../agents/simulator/routeros/testing/small-backbone.ts';
import { Demo } from '../demo.ts';
import { freePort } from '../free-port.ts';
import { managedInventory } from '../managed-inventory.ts';
import { RouterHands } from '../router-hands.ts';
import { SwitchHands } from '../switch-hands.ts';

/**
 * A controller that is a process of its own and may be killed, always at the same address; the small network that it
 * configures is in this one, and outlives it.
 */
export class ControllerProcess {
  readonly backbone: SmallBackbone;
  readonly hands: RouterHands;
  readonly switches: SwitchHands;
  readonly #demo: Demo;
  token = '';

  private constructor(demo: Demo, backbone: SmallBackbone) {
    this.#demo = demo;
    this.backbone = backbone;
    this.hands = new RouterHands(backbone);
    this.switches = new SwitchHands(backbone);
  }

  static async start(net: number, options: { readonly rebootMs?: number } = {}): Promise<ControllerProcess> {
    const backbone = await smallBackbone(net, { as: { 'sw-c-01': catalyst }, ...options });
    const demo = new Demo({
      ARUNG_PORT: String(await freePort()),
      ARUNG_MQTT_PORT: String(await freePort()),
      ARUNG_LOG_LEVEL: 'debug',
    });
    await demo.start('serve');
    const controller = new ControllerProcess(demo, backbone);
    await demo.cli('regions', 'import', '73.08');
    const file = `${demo.dataDir}/network.json`;
    writeFileSync(file, JSON.stringify(managedInventory(backbone, true)), { mode: 0o600 });
    await demo.cli('inventory', 'import', file);
    controller.token = await demo.token();
    return controller;
  }

  get url(): string {
    return this.#demo.url;
  }

  /** What it has said since it was started last. */
  get log(): string {
    return this.#demo.output;
  }

  get pid(): number {
    return this.#demo.pid;
  }

  get dataDir(): string {
    return this.#demo.dataDir;
  }

  kill(): Promise<void> {
    return this.#demo.kill();
  }

  again(): Promise<void> {
    return this.#demo.start('serve');
  }

  reboot(device: string): void {
    this.backbone.simulator.reboot(device);
  }

  /** Answers of a device come so many milliseconds late: steps take long enough to be met. */
  slow(device: string, ms: number): void {
    const found = this.backbone.simulator.network.devices.get(device);
    if (found !== undefined) found.faults.slowMs = ms;
  }

  isOn(device: string): boolean {
    const found = this.backbone.simulator.network.devices.get(device);
    return found?.on === true && found.reachable;
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

  async stop(): Promise<void> {
    await this.#demo.remove();
    await this.backbone.simulator.stop();
  }
}
