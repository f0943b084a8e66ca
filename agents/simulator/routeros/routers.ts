import type { DeviceMemory } from '../device-memory.ts';
import type { DevicePaths, SimulatedDevice } from '../device.ts';
import type { InventoryCredential } from '../inventory.ts';
import type { Network } from '../network.ts';
import { SyslogSender } from '../syslog-sender.ts';
import { setUp } from './first-configuration.ts';
import { wayAsSetUp, type ManagementPath, type OtherPaths } from './management.ts';
import { heldRouter, RouterDevice, type RouterTimers } from './router-device.ts';
import { RouterServers } from './router-servers.ts';
import { privateKeyOf, surroundingsOf } from './surroundings.ts';

/** Ports of `/ip/service` that are listened at. */
export interface RouterPorts {
  readonly api: number;
  readonly www: number;
}

/** The API's own, and for the web one that a program without rights may listen at. */
const usualPorts: RouterPorts = { api: 8728, www: 8080 };

export const machineTimers: RouterTimers = {
  after: (seconds, run) => {
    const timer = setTimeout(run, seconds * 1_000);
    return () => clearTimeout(timer);
  },
  aheadS: () => 0,
};

/** Every device of the network that runs RouterOS, as those meet it who configure it. */
export class Routers {
  readonly #slots = new Map<string, Slot>();
  readonly #listens: boolean;
  readonly #memory: DeviceMemory;
  readonly #syslog = new SyslogSender();

  constructor(options: {
    readonly network: Network;
    readonly credentials: readonly InventoryCredential[];
    readonly reboot: (name: string) => void;
    readonly timers?: RouterTimers;
    /** Where their services listen, each on its device's address; null: nobody can come in. */
    readonly ports: RouterPorts | null;
    readonly memory: DeviceMemory;
  }) {
    this.#listens = options.ports !== null;
    this.#memory = options.memory;
    const given = options.credentials.find(({ kind }) => kind === 'routeros');
    const user = { name: given?.user ?? 'admin', password: typeof given?.secret === 'string' ? given.secret : '' };
    for (const device of options.network.devices.values()) {
      if (device.kind.name !== 'mikrotik' || device.address === '') continue;
      const slot = new Slot({
        network: options.network,
        device,
        user,
        reboot: () => options.reboot(device.name),
        timers: options.timers ?? machineTimers,
        ports: options.ports ?? usualPorts,
        others: (name) => this.#slots.get(name)?.opened() ?? null,
        settled: () => this.#settled(options.network, device),
        listens: this.#listens,
        memory: options.memory,
        syslog: this.#syslog,
      });
      this.#slots.set(device.name, slot);
    }
    options.network.onChange(() => {
      for (const slot of this.#slots.values()) slot.pathChanged();
    });
  }

  async start(): Promise<void> {
    if (!this.#listens) return;
    for (const slot of this.#slots.values()) await slot.start();
    const held = this.#memory.heldOf(this.#slots);
    for (const slot of held) slot.router();
    for (const slot of held) slot.settle();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
    this.#syslog.stop();
  }

  /**
   * What a router is configured to is felt at the other ends of its links. Says whether anybody's paths are others now:
   * most of what is configured changes none, and to find all paths anew takes long in a large network.
   */
  #settled(network: Network, device: SimulatedDevice): boolean {
    const near = network.linksOf(device).map(({ a, b }) => (a.device === device ? b : a).device.name);
    const slots = [device.name, ...near].flatMap((name) => this.#slots.get(name) ?? []);
    for (const slot of slots) slot.heed();
    return slots.map((slot) => slot.hasOtherPaths()).includes(true);
  }

  /** The router of a device; undefined where it runs another system. */
  router(name: string): RouterDevice | undefined {
    return this.#slots.get(name)?.router();
  }
}

/** A device whose configuration is made when somebody opens it: most of a thousand are never. */
class Slot {
  readonly #options: ConstructorParameters<typeof Slot>[0];
  readonly #servers: RouterServers;
  #router: RouterDevice | null = null;
  #wasOn = true;
  /** What was found of its paths last. */
  #paths: string;
  /** How far a driven time was ahead when the device started. */
  #startedAheadS = 0;

  constructor(options: {
    readonly network: Network;
    readonly device: SimulatedDevice;
    readonly user: { readonly name: string; readonly password: string };
    readonly reboot: () => void;
    readonly timers: RouterTimers;
    readonly ports: RouterPorts;
    readonly others: OtherPaths;
    /** Something was set on it; whether paths are others now. */
    readonly settled: () => boolean;
    readonly listens: boolean;
    readonly memory: DeviceMemory;
    readonly syslog: SyslogSender;
  }) {
    this.#options = options;
    const { device, ports } = options;
    this.#paths = asSetUp(device);
    this.#servers = new RouterServers({
      device: () => this.router(),
      servicePort: (name) => (this.#router === null ? ports[name] : this.#router.servicePort(name)),
      addresses: () => [...new Set([device.address, ...(device.paths?.addresses() ?? [])])],
      firmware: device.firmware,
      wireAt: (destination) => ({
        delayMs: () => device.latencyMs + device.faults.slowMs,
        boots: () => device.boots,
        arrives: (source, port, state) => {
          const { paths } = device;
          if (!device.isReachedBy({ source, protocol: 'tcp', port, state, destination })) return false;
          if (paths === null) return true;
          return (
            paths.addresses().includes(destination) &&
            paths.admits({ source, protocol: 'tcp', port, state, destination })
          );
        },
      }),
    });
  }

  start(): Promise<void> {
    return this.#servers.start();
  }

  async stop(): Promise<void> {
    this.#router?.stop();
    await this.#servers.stop();
  }

  pathChanged(): void {
    const { device } = this.#options;
    const wasOn = this.#wasOn;
    this.#wasOn = device.on;
    if (wasOn !== device.on) {
      if (device.on) this.#startedAheadS = this.#options.timers.aheadS();
      if (device.on) this.#router?.switchedOn();
      else this.#router?.switchedOff();
    }
    if (this.#options.listens) this.#servers.pathChanged();
  }

  router(): RouterDevice {
    if (this.#router !== null) return this.#router;
    const { network, device, timers, ports, user, memory, syslog } = this.#options;
    const around = surroundingsOf(network, device);
    const router = new RouterDevice({
      around,
      others: this.#options.others,
      timers,
      host: {
        name: device.name,
        model: device.model,
        serial: device.serial,
        firmware: device.firmware,
        ports: device.ports.map((port) => ({
          name: port.name,
          mac: [...port.mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':').toUpperCase(), // prettier-ignore
          isUp: () => port.up,
          rxBytes: () => Math.floor(port.octetsIn(device.now())),
          txBytes: () => Math.floor(port.octetsOut(device.now())),
        })),
        uptimeS: () => device.uptimeTicks() / 100 + timers.aheadS() - this.#startedAheadS,
        clockS: () => device.clock.wallS() + timers.aheadS(),
        cpuPercent: () => device.drifting('cpu', 3, 25),
        changed: () => {
          this.settle();
          this.#keep();
        },
        written: () => this.#keep(),
        tell: (to, text) => syslog.send(device, to, text),
        reboot: () => this.#options.reboot(),
      },
    });
    setUp(router.configuration, {
      name: device.name,
      ports: device.ports
        .filter(({ name }) => name !== 'lo' && name !== 'bridge')
        .map(({ name, alias }) => ({ name, comment: alias })),
      around,
      user,
      community: device.community,
      services: ports,
      tunnelKeys: around.tunnels.map(() => privateKeyOf(device.name)),
      hubKey: privateKeyOf(device.name),
    });
    const held = memory.read(device.name, heldRouter);
    if (held !== null) router.resume(held);
    this.#router = router;
    return router;
  }

  #keep(): void {
    const { memory, device } = this.#options;
    const router = this.#router;
    if (router !== null) memory.keep(device.name, () => router.held());
  }

  /** Its paths as it is configured; null while nobody has opened it, and for a switch, which is no gateway of anybody. */
  opened(): ManagementPath | null {
    return this.#options.device.role === 'router' ? (this.#router?.path ?? null) : null;
  }

  /** The other end of one of its links is no more as it was set up. */
  heed(): void {
    const { device, network, others } = this.#options;
    if (device.paths !== null) return;
    if (this.#router !== null) {
      device.paths = pathsOf(this.#router);
      return;
    }
    const around = surroundingsOf(network, device);
    const hasWay = (): boolean => wayAsSetUp(around, others);
    device.paths = {
      reaches: hasWay,
      forwards: hasWay,
      addresses: () => (hasWay() ? [device.address] : []),
      admits: () => true,
      carries: () => true,
      answersSnmp: true,
      filter: '',
    };
  }

  /** Whether its paths are others than at the last look. */
  hasOtherPaths(): boolean {
    const { device } = this.#options;
    const { paths } = device;
    const found = paths === null ? asSetUp(device) : stateOf(paths);
    const isOther = found !== this.#paths;
    this.#paths = found;
    return isOther;
  }

  /** What was set may cut paths, or give them back. */
  settle(): void {
    const { device, network, settled } = this.#options;
    const router = this.router();
    const ethernet = router.configuration.menu('/interface/ethernet');
    let portsChanged = false;
    for (const entry of ethernet.entries) {
      const port = device.port(entry.values.get('default-name') ?? '');
      if (port === undefined) continue;
      const disabled = ethernet.value(entry, 'disabled') === 'true';
      portsChanged ||= port.disabled !== disabled;
      port.disabled = disabled;
    }
    device.paths = pathsOf(router);
    if (this.#options.listens) this.#servers.pathChanged();
    if (settled() || portsChanged) network.changed();
  }
}

/** Paths of a device that is as it was set up. */
function asSetUp({ address }: SimulatedDevice): string {
  return stateOf({ forwards: () => true, addresses: () => [address], answersSnmp: true, filter: '' });
}

function stateOf(paths: Pick<DevicePaths, 'forwards' | 'addresses' | 'answersSnmp' | 'filter'>): string {
  return `${paths.forwards()} ${paths.answersSnmp} ${paths.filter} ${[...paths.addresses()].sort().join()}`;
}

/** What decides about packets of others, in words. */
function filterOf({ configuration }: RouterDevice): string {
  const rules = configuration
    .menu('/ip/firewall/filter')
    .entries.filter(({ values }) => values.get('chain') !== 'input');
  if (rules.length === 0) return '';
  const lists = ['/ip/firewall/address-list', '/interface/list/member'].flatMap((path) => configuration.menu(path).entries); // prettier-ignore
  return JSON.stringify([...rules, ...lists].map(({ values }) => [...values]));
}

function pathsOf(router: RouterDevice): DevicePaths {
  const filter = filterOf(router);
  const snmp = router.configuration.menu('/snmp');
  return {
    reaches: () => router.path.reaches(),
    addresses: () => router.path.addresses(),
    forwards: () => router.path.forwards(),
    admits: (packet) => router.path.admits(packet),
    // Each packet of the backbone comes by: a router without such rules is not asked.
    carries: (packet, way) => filter === '' || router.path.carries(packet, way),
    filter,
    answersSnmp: snmp.entries.every((entry) => snmp.value(entry, 'enabled') === 'true'),
  };
}
