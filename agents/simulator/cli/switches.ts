import { createServer, type Server } from 'node:net';
import { closed, listen } from '../listening.ts';
import type { DeviceMemory } from '../device-memory.ts';
import type { SimulatedDevice } from '../device.ts';
import type { InventoryCredential } from '../inventory.ts';
import type { Network } from '../network.ts';
import type { RouterTimers } from '../routeros/router-device.ts';
import type { Surroundings } from '../routeros/management.ts';
import { machineTimers } from '../routeros/routers.ts';
import { SyslogSender, type LogServer } from '../syslog-sender.ts';
import type { Wire } from '../routeros/sessions.ts';
import { surroundingsOf } from '../routeros/surroundings.ts';
import { ciscoBusiness, ciscoIos } from './cisco.ts';
import { CliConfig, HeldConfig } from './config.ts';
import { firstConfig } from './first-config.ts';
import { h3cComware } from './h3c.ts';
import { huaweiVrp } from './huawei.ts';
import type { Maker } from './maker.ts';
import { SwitchPath } from './management.ts';
import { dLink, noName } from './no-name.ts';
import { SshServer } from './ssh-server.ts';
import { SwitchDevice } from './switch-device.ts';
import { tpLink } from './tp-link.ts';
import { WiredStream } from './wired-stream.ts';

/** Null where the command line of a make is not played. */
function makerOf({ vendor, model }: SimulatedDevice): Maker | null {
  if (/huawei/i.test(vendor)) return huaweiVrp;
  if (/h3c/i.test(vendor)) return h3cComware;
  if (/tp-link/i.test(vendor)) return tpLink;
  if (/d-link/i.test(vendor)) return dLink;
  if (/no name/i.test(vendor)) return noName;
  if (!/cisco/i.test(vendor)) return null;
  return /^(CBS|SG|SF|SX)/i.test(model) ? ciscoBusiness : ciscoIos;
}

export interface SwitchesOptions {
  readonly network: Network;
  readonly credentials: readonly InventoryCredential[];
  readonly reboot: (name: string) => void;
  readonly timers?: RouterTimers;
  /** TCP port of SSH, on each switch's address; null: nobody can come in. */
  readonly port: number | null;
  readonly memory: DeviceMemory;
}

/** Every switch of the network whose command line is played, as those meet it who configure it. */
export class Switches {
  readonly #slots = new Map<string, Slot>();
  readonly #listens: boolean;
  readonly #network: Network;
  readonly #memory: DeviceMemory;
  readonly #syslog = new SyslogSender();

  constructor(options: SwitchesOptions) {
    const { network, credentials, port } = options;
    this.#network = network;
    this.#memory = options.memory;
    this.#listens = port !== null;
    const given = credentials.find(({ kind }) => kind === 'ssh');
    const user = { name: given?.user ?? 'admin', password: typeof given?.secret === 'string' ? given.secret : 'admin' };
    const ssh = new SshServer(user.password);
    for (const device of network.devices.values()) {
      const maker = makerOf(device);
      if (maker === null || device.role !== 'switch' || device.address === '') continue;
      this.#slots.set(
        device.name,
        new Slot({ ...options, port: port ?? 22, device, maker, user, ssh, syslog: this.#syslog }),
      );
    }
    network.onChange(() => {
      for (const slot of this.#slots.values()) slot.pathChanged();
    });
  }

  async start(): Promise<void> {
    if (!this.#listens) return;
    for (const slot of this.#slots.values()) await slot.start();
    const held = this.#memory.heldOf(this.#slots);
    for (const slot of held) slot.resume();
    if (held.length > 0) this.#network.changed();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
    this.#syslog.stop();
  }

  get names(): Iterable<string> {
    return this.#slots.keys();
  }

  /** Undefined where a device runs another system. */
  device(name: string): SwitchDevice | undefined {
    return this.#slots.get(name)?.box();
  }
}

/** A switch whose configuration is made when somebody opens it: most of a hundred are never. */
class Slot {
  readonly #options: SlotOptions;
  readonly #streams = new Set<WiredStream>();
  /** By address. */
  readonly #servers = new Map<string, Server>();
  #work: Promise<void> = Promise.resolve();
  #box: SwitchDevice | null = null;
  #around: Surroundings | null = null;
  #wasOn = true;
  static #lastStream = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return this.#listen();
  }

  async stop(): Promise<void> {
    this.#box?.stop();
    for (const stream of this.#streams) stream.destroy();
    await this.#work;
    await Promise.all([...this.#servers.values()].map(closed));
  }

  /** Listens at the address that it was set up with, and at those that it was given since. */
  async #listen(): Promise<void> {
    const { device, port } = this.#options;
    const wanted = new Set([device.address, ...(device.paths?.addresses() ?? [])]);
    for (const [address, server] of this.#servers) {
      if (wanted.has(address)) continue;
      this.#servers.delete(address);
      // Sessions that are open go on.
      void closed(server);
    }
    for (const address of wanted) {
      if (this.#servers.has(address)) continue;
      const server = this.#serverAt(address);
      await listen(server, port, address);
      this.#servers.set(address, server);
    }
  }

  #serverAt(address: string): Server {
    const { device, ssh } = this.#options;
    const wire: Wire = {
      delayMs: () => device.latencyMs + device.faults.slowMs,
      boots: () => device.boots,
      arrives: (source, port, state) =>
        device.isReachedBy({ source, protocol: 'tcp', port, state, destination: address }) &&
        (device.paths?.addresses().includes(address) ?? true),
    };
    return createServer((socket) => {
      Slot.#lastStream += 1;
      const stream = new WiredStream(socket, wire, Slot.#lastStream);
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
      stream.on('error', () => undefined);
      ssh.take(stream, this.box()).catch(() => stream.destroy());
    });
  }

  pathChanged(): void {
    const { device } = this.#options;
    const wasOn = this.#wasOn;
    this.#wasOn = device.on;
    if (wasOn && !device.on) this.#box?.switchedOff();
    if (!wasOn && device.on) this.#box?.switchedOn();
    for (const stream of this.#streams) stream.pathChanged();
    // An address that cannot be had is as one at which nobody answers.
    if (this.#servers.size > 0) this.#work = this.#work.then(() => this.#listen()).catch(() => undefined);
  }

  box(): SwitchDevice {
    if (this.#box !== null) return this.#box;
    const { network, device, maker, user, memory, syslog } = this.#options;
    const timers = this.#options.timers ?? machineTimers;
    const around = surroundingsOf(network, device);
    const host = {
      name: device.name,
      model: device.model,
      serial: device.serial,
      firmware: device.firmware,
      ports: device.ports.filter(({ name }) => /\d/.test(name) && !/loop|null|vlan|console|^lo\d|^\d+$/i.test(name)).map(({ name }) => name), // prettier-ignore
      clockS: () => device.clock.wallS() + timers.aheadS(),
      uptimeS: () => device.uptimeTicks() / 100,
      changed: () => this.#settle(),
      tell: (to: LogServer, text: string) => syslog.send(device, to, text),
      reboot: () => this.#options.reboot(device.name),
    };
    const held = memory.read(device.name, HeldConfig);
    const first = held !== null ? CliConfig.of(held) : firstConfig(maker, { host: { ...host, changed: () => undefined }, around, user, community: device.community }); // prettier-ignore
    this.#around = around;
    const box = new SwitchDevice({
      maker,
      host,
      timers,
      first,
      saved: () => memory.keep(device.name, () => box.startup.held()),
    });
    this.#box = box;
    return box;
  }

  /** It starts with what it saved. */
  resume(): void {
    this.box();
    this.#findPaths();
  }

  /** What was set may cut paths, or give them back. */
  #settle(): void {
    this.#findPaths();
    this.#options.network.changed();
  }

  #findPaths(): void {
    const { device, maker } = this.#options;
    const { running } = this.box();
    if (this.#around === null) return;
    const path = new SwitchPath(maker, running, this.#around);
    for (const port of device.ports) port.disabled = path.isShut(port.name);
    device.paths = {
      reaches: () => path.reaches(),
      addresses: () => path.addresses(),
      forwards: () => path.forwards(),
      admits: () => true,
      carries: () => true,
      filter: '',
      answersSnmp: path.answersSnmp,
    };
  }
}

interface SlotOptions extends Omit<SwitchesOptions, 'port' | 'credentials'> {
  readonly device: SimulatedDevice;
  readonly maker: Maker;
  readonly user: { readonly name: string; readonly password: string };
  readonly ssh: SshServer;
  readonly syslog: SyslogSender;
  readonly port: number;
}
