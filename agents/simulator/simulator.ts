import { whenBrokerListens } from './broker-watch.ts';
import { DeviceMemory } from './device-memory.ts';
import type { SimulatedDevice } from './device.ts';
import type { Inventory } from './inventory.ts';
import type { SimulatedLink } from './link.ts';
import { byHand, type HandRow } from './hand.ts';
import { nearest } from './near.ts';
import { Network } from './network.ts';
import { newCounters, SnmpResponder } from './responder.ts';
import type { Conditions } from './responder.ts';
import { isHosted, ServiceHost } from './service-host.ts';
import type { ServiceItem, ServiceMode } from './service-host.ts';
import type { RouterTimers } from './routeros/router-device.ts';
import { Routers, type RouterPorts } from './routeros/routers.ts';
import { Switches } from './cli/switches.ts';
import { TerminalClock } from './terminal-clock.ts';
import { TerminalBoxes, type TerminalPort } from './zkteco/terminals.ts';
import { Terminal } from './terminal.ts';
import { windowsOf } from './attendance.ts';

export interface SimulatorOptions {
  readonly inventory: Inventory;
  /** Where terminals connect to; null: they stay silent. */
  readonly broker: { readonly host: string; readonly port: number } | null;
  readonly rebootMs?: number;
  readonly publishEveryMs?: number;
  /** Where RouterOS's API and web service listen, each on its device's address; without it nobody can come in. */
  readonly routerPorts?: RouterPorts;
  /** Where switches take SSH, each on its address; without it nobody can come in. */
  readonly switchPort?: number;
  /** Where attendance terminals are set up, each on its address. */
  readonly terminalPort?: TerminalPort;
  /** Where devices hold what was set on them while the simulator does not run; without it they forget it. */
  readonly memory?: string;
  /** Hears what is wrong there. */
  readonly complain?: (sentence: string) => void;
  /** Time of timers on routers and switches; the machine's without it. */
  readonly routerTimers?: RouterTimers;
  /** Milliseconds since 1970 at which the simulated world begins. */
  readonly startedMs: number;
}

export interface LinkItem {
  readonly id: string;
  readonly name: string;
  readonly medium: string;
  readonly state: 'up' | 'cut';
  readonly a: string;
  readonly b: string;
  readonly between: 'sites' | 'inside';
}

/** A name that the network does not have; `near` lists what may have been meant. */
export class UnknownName extends Error {
  readonly near: readonly string[];

  constructor(what: string, name: string, known: Iterable<string>) {
    const near = nearest(name, known);
    super(
      near.length > 0
        ? `There is no ${what} ${name} in the simulated network. Did you mean ${near.join(', ')}?`
        : `There is no ${what} ${name} in the simulated network.`,
    );
    this.name = 'UnknownName';
    this.near = near;
  }
}

/** The running backbone: its agents, its terminals, and what one may do to it. Cuts and faults live in memory only. */
export class Simulator {
  readonly network: Network;
  readonly routers: Routers;
  readonly switches: Switches;
  readonly terminalBoxes: TerminalBoxes;
  readonly #memory: DeviceMemory;
  readonly counters = newCounters();
  readonly terminalCounters = { connects: 0, published: 0, requests: 0, refused: 0 };
  readonly #conditions: Conditions = { lossPercent: 0 };
  readonly #responders: SnmpResponder[] = [];
  readonly #terminals: Terminal[] = [];
  readonly #services = new Map<string, ServiceHost>();
  readonly #feeders: ReadonlyMap<string, readonly string[]>;
  readonly #off = new Set<string>();
  readonly #boots = new Map<SimulatedDevice, NodeJS.Timeout>();
  readonly #rebootMs: number;
  readonly #broker: SimulatorOptions['broker'];
  #stopWaiting: () => void = () => undefined;

  constructor(options: SimulatorOptions) {
    const { inventory } = options;
    this.#rebootMs = options.rebootMs ?? 35_000;
    this.#broker = options.broker;
    const memory = new DeviceMemory(options.memory ?? null, options.complain);
    this.#memory = memory;
    this.network = new Network(inventory, options.startedMs);
    this.routers = new Routers({
      network: this.network,
      credentials: inventory.credentials,
      reboot: (name) => this.reboot(name),
      ports: options.routerPorts ?? null,
      memory,
      ...(options.routerTimers === undefined ? {} : { timers: options.routerTimers }),
    });
    this.switches = new Switches({
      network: this.network,
      credentials: inventory.credentials,
      reboot: (name) => this.reboot(name),
      port: options.switchPort ?? null,
      memory,
      ...(options.routerTimers === undefined ? {} : { timers: options.routerTimers }),
    });
    const clocks = new Map<SimulatedDevice, TerminalClock>();
    const clockOf = (device: SimulatedDevice): TerminalClock => {
      const clock = clocks.get(device) ?? new TerminalClock(device);
      clocks.set(device, clock);
      return clock;
    };
    this.terminalBoxes = new TerminalBoxes({
      network: this.network,
      credentials: inventory.credentials,
      clocks: clockOf,
      port: options.terminalPort ?? null,
      memory,
    });
    this.#feeders = new Map(
      inventory.sharedRisks.filter((risk) => risk.kind === 'power-feeder').map((risk) => [risk.name, risk.sites ?? []]),
    );
    const credentials = new Map(inventory.credentials.map((credential) => [credential.name, credential]));
    for (const item of inventory.devices) {
      const device = this.network.devices.get(item.name);
      if (device === undefined) continue;
      const protocol = item.protocol ?? 'snmp';
      if (protocol === 'snmp') this.#responders.push(new SnmpResponder(device, this.#conditions, this.counters));
      if (protocol === 'mqtt' && options.broker !== null) {
        const credential = credentials.get(item.credential ?? '');
        this.#terminals.push(
          new Terminal(
            device,
            {
              broker: options.broker,
              user: credential?.user ?? device.serial,
              password: typeof credential?.secret === 'string' ? credential.secret : '',
              windows: windowsOf(inventory.calendars),
              publishEveryMs: options.publishEveryMs ?? 60_000,
              clock: clockOf(device),
            },
            this.terminalCounters,
          ),
        );
      }
    }
    for (const service of inventory.services) {
      if (!isHosted(service.url)) continue;
      const device = this.network.devices.get(service.device ?? '') ?? null;
      this.#services.set(service.code, new ServiceHost({ ...service, url: service.url }, device));
    }
    this.network.onChange(() => {
      for (const responder of this.#responders) responder.pathChanged();
      for (const terminal of this.#terminals) terminal.pathChanged();
    });
  }

  async start(): Promise<void> {
    try {
      for (const responder of this.#responders) await responder.start();
      await this.routers.start();
      await this.switches.start();
      await this.terminalBoxes.start();
      for (const service of this.#services.values()) await service.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#broker !== null && this.#terminals.length > 0) {
      this.#stopWaiting = whenBrokerListens(this.#broker, () => this.#startTerminals());
    }
  }

  #startTerminals(): void {
    // A few a millisecond: terminals that all start at once would be a storm that no real network sees.
    const each = Math.min(4, 2000 / Math.max(1, this.#terminals.length));
    this.#terminals.forEach((terminal, i) => {
      const timer = setTimeout(() => terminal.start(), i * each);
      this.#starting.push(timer);
    });
  }

  readonly #starting: NodeJS.Timeout[] = [];

  async stop(): Promise<void> {
    this.#stopWaiting();
    for (const timer of this.#starting) clearTimeout(timer);
    for (const timer of this.#boots.values()) clearTimeout(timer);
    this.flush();
    await Promise.all([
      ...this.#responders.map((responder) => responder.stop()),
      this.routers.stop(),
      this.switches.stop(),
      this.terminalBoxes.stop(),
      ...this.#terminals.map((terminal) => terminal.stop()),
      ...[...this.#services.values()].map((service) => service.stop()),
    ]);
  }

  /** Writes down what devices hold, for whoever has no time to stop. */
  flush(): void {
    this.#memory.flush();
  }

  links(): LinkItem[] {
    return this.network.links.map(itemOf);
  }

  cut(name: string, cut: boolean): LinkItem {
    const link = this.#link(name);
    if (link.cut !== cut) {
      link.cut = cut;
      this.network.changed();
    }
    return itemOf(link);
  }

  /** Off at once; back after the time that the device takes to start, with uptime and counters at zero. */
  reboot(name: string): void {
    const device = this.#device(name);
    device.on = false;
    this.network.changed();
    this.#startLater(device, this.#rebootMs);
  }

  /** What somebody does who sits at a router. Throws a Trap. */
  hand(name: string, path: string, words: readonly string[]): readonly HandRow[] {
    const router = this.routers.router(name);
    if (router === undefined) {
      const known = [...this.network.devices.values()].filter((one) => this.routers.router(one.name) !== undefined);
      throw new UnknownName(
        'router that can be configured',
        name,
        known.map((one) => one.name),
      );
    }
    return byHand(router, path, words);
  }

  slow(name: string, ms: number): void {
    this.#device(name).faults.slowMs = Math.max(0, ms);
  }

  garble(name: string): void {
    this.#device(name).faults.garble = true;
  }

  heal(name: string): void {
    const { faults } = this.#device(name);
    faults.slowMs = 0;
    faults.garble = false;
  }

  loss(percent: number, link?: string): void {
    const bounded = Math.min(100, Math.max(0, percent));
    if (link === undefined) {
      this.#conditions.lossPercent = bounded;
      return;
    }
    this.#link(link).lossPercent = bounded;
    this.network.changed();
  }

  /** Breaks or mends an application on its server. */
  service(code: string, mode: ServiceMode): Promise<ServiceItem> {
    const service = this.#services.get(code);
    if (service === undefined) throw new UnknownName('service', code, this.#services.keys());
    return service.set(mode);
  }

  /** A feeder of the power company: sites with a UPS go on by battery, the others go dark. */
  power(feeder: string, on: boolean): void {
    const sites = this.#feeders.get(feeder);
    if (sites === undefined) throw new UnknownName('power feeder', feeder, this.#feeders.keys());
    const affected = new Set(sites);
    const devices = [...this.network.devices.values()].filter((device) => affected.has(device.site));
    const backed = new Set(devices.filter((device) => device.role === 'ups').map((device) => device.site));
    for (const device of devices) {
      if (backed.has(device.site)) {
        device.onBattery = !on;
      } else if (on) {
        if (!device.on) this.#startLater(device, this.#rebootMs * (0.6 + device.character * 0.6));
      } else {
        clearTimeout(this.#boots.get(device));
        this.#boots.delete(device);
        device.on = false;
      }
    }
    if (on) this.#off.delete(feeder);
    else this.#off.add(feeder);
    this.network.changed();
  }

  state(): Record<string, unknown> {
    const devices = [...this.network.devices.values()];
    return {
      devices: devices.length,
      snmpAgents: this.#responders.length,
      terminals: this.#terminals.length,
      terminalsConnected: this.#terminals.filter((terminal) => terminal.connected).length,
      links: this.network.links.length,
      cut: this.network.links.filter((link) => link.cut).map((link) => link.name),
      off: devices.filter((device) => !device.on).map((device) => device.name),
      dark: devices.filter((device) => device.on && !device.reachable).length,
      slow: devices
        .filter((device) => device.faults.slowMs > 0)
        .map((device) => ({ name: device.name, ms: device.faults.slowMs })),
      garbled: devices.filter((device) => device.faults.garble).map((device) => device.name),
      lossPercent: this.#conditions.lossPercent,
      feedersOff: [...this.#off],
      services: [...this.#services.values()].map((service) => service.item),
      counters: { ...this.counters },
      terminalCounters: { ...this.terminalCounters },
    };
  }

  #startLater(device: SimulatedDevice, ms: number): void {
    clearTimeout(this.#boots.get(device));
    this.#boots.set(
      device,
      setTimeout(() => {
        this.#boots.delete(device);
        device.on = true;
        this.network.boot(device);
        this.network.changed();
      }, ms),
    );
  }

  #link(name: string): SimulatedLink {
    const found = this.network.links.find((link) => link.name === name);
    if (found === undefined) {
      throw new UnknownName(
        'link',
        name,
        this.network.links.map((link) => link.name),
      );
    }
    return found;
  }

  #device(name: string): SimulatedDevice {
    const found = this.network.devices.get(name);
    if (found === undefined) throw new UnknownName('device', name, this.network.devices.keys());
    return found;
  }
}

function itemOf(link: SimulatedLink): LinkItem {
  return {
    id: link.id,
    name: link.name,
    medium: link.medium,
    state: link.cut ? 'cut' : 'up',
    a: `${link.a.device.name}:${link.a.name}`,
    b: `${link.b.device.name}:${link.b.name}`,
    between: link.place,
  };
}
