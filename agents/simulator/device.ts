import type { Flow, Instant } from './flow.ts';
import { fraction, macOf } from './hash.ts';
import type { InventoryDevice, InventoryInterface } from './inventory.ts';
import type { DeviceKind } from './kinds/kind.ts';
import type { SimulatedLink } from './link.ts';
import { rowsBy } from './snmp/mib.ts';
import type { Rows } from './snmp/mib.ts';
import { UsmEngine } from './snmp/usm.ts';
import type { UsmUser } from './snmp/usm-user.ts';

const steps = [100e6, 1e9, 2.5e9, 10e9, 25e9, 40e9, 100e9];

/** A port of a simulated device: a link, a desk, or nothing is plugged into it. */
export class Port {
  readonly device: SimulatedDevice;
  readonly name: string;
  readonly descr: string;
  readonly alias: string;
  readonly ifIndex: number;
  readonly ifType: number;
  readonly nominalBps: number;
  readonly mac: Buffer;
  readonly optical: boolean;
  link: SimulatedLink | null = null;
  /** What runs when no link is plugged in: desks of a switch, phones of an access point. */
  local: Flow | null = null;
  up = false;
  /** Switched off by the device's own configuration. */
  disabled = false;
  changedAtS: number;
  #resetIn = 0;
  #resetOut = 0;

  constructor(device: SimulatedDevice, layout: PortLayout, alias: string, mac: Buffer) {
    this.device = device;
    this.name = layout.name;
    this.descr = layout.descr ?? layout.name;
    this.alias = alias;
    this.ifIndex = layout.ifIndex;
    this.ifType = layout.ifType;
    this.nominalBps = layout.speedBps;
    this.mac = mac;
    this.optical = /sfp|XGigabit/.test(layout.name) || (layout.optical ?? false);
    this.up = layout.alwaysUp ?? false;
    this.changedAtS = device.bootAtS;
  }

  /** What the two ends agreed on: no more than either can, and no more than the cable was bought for. */
  get speedBps(): number {
    const link = this.link;
    if (link === null) return this.nominalBps;
    const most = Math.min(link.a.nominalBps, link.b.nominalBps);
    return Math.min(most, steps.find((step) => step >= link.capacityBps) ?? most);
  }

  get flow(): Flow | null {
    return this.link?.flow ?? this.local;
  }

  octetsOut(now: Instant): number {
    return Math.max(0, this.#total(now, true) - this.#resetOut);
  }

  octetsIn(now: Instant): number {
    return Math.max(0, this.#total(now, false) - this.#resetIn);
  }

  packetsOut(now: Instant): number {
    const flow = this.flow;
    if (flow === null) return 0;
    return Math.floor(this.octetsOut(now) / (this.#isA() ? flow.packetForward : flow.packetBack));
  }

  packetsIn(now: Instant): number {
    const flow = this.flow;
    if (flow === null) return 0;
    return Math.floor(this.octetsIn(now) / (this.#isA() ? flow.packetBack : flow.packetForward));
  }

  /** The device restarted: its counters begin at zero. */
  restart(now: Instant): void {
    this.#resetOut = this.#total(now, true);
    this.#resetIn = this.#total(now, false);
    this.changedAtS = now.timeS;
  }

  #total(now: Instant, out: boolean): number {
    const flow = this.flow;
    if (flow === null) return 0;
    return this.#isA() === out ? flow.octetsForward(now) : flow.octetsBack(now);
  }

  #isA(): boolean {
    return this.link === null || this.link.a === this;
  }
}

/** Where a kind of device puts its ports in the interface table. */
export interface PortLayout {
  readonly name: string;
  readonly descr?: string;
  readonly ifIndex: number;
  readonly ifType: number;
  readonly speedBps: number;
  /** Loopback, bridge, VLAN interface: up without a cable. */
  readonly alwaysUp?: boolean;
  readonly optical?: boolean;
}

/** What a test or a person may do to a device. */
export interface Faults {
  slowMs: number;
  garble: boolean;
}

/** Time as a device sees it. */
export interface DeviceClock {
  /** Grows evenly: uptime, counters. */
  instant(): Instant;
  /** Seconds since 1970 on the machine's clock. */
  wallS(): number;
}

/** SnmpEngineID by a MAC address (RFC 3411): an enterprise, format 3. */
function engineIdOf(mac: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80, 0, 0x1f, 0x88, 3]), mac]);
}

/** A packet between the agent's place and a device, as a router on the way sees it. */
export interface ForwardedPacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp';
  readonly sourcePort: number;
  readonly port: number;
  readonly state: 'new' | 'established';
}

/** What the configuration of a device makes of its paths; a device without one is as the cables have it. */
export interface DevicePaths {
  /** It can be managed at one of its addresses. */
  reaches(): boolean;
  /** Those at which it can be managed now; all but the first it was set up with lie in 127.0.0.0/8. */
  addresses(): readonly string[];
  /** It carries on what others send through it. */
  forwards(): boolean;
  /** Its filter lets a packet to one of its ports through. */
  admits(packet: {
    readonly source: string;
    readonly protocol: 'tcp' | 'udp';
    readonly port: number;
    readonly state: 'new' | 'established';
    /** The address that it was set up with without it. */
    readonly destination?: string;
  }): boolean;
  /** Its filter lets a packet of others through that comes in by one of its ports and goes out by another; null: where the agent is. */
  carries(packet: ForwardedPacket, way: { readonly from: string | null; readonly to: string | null }): boolean;
  /** Differs when `carries` may decide otherwise than before. */
  readonly filter: string;
  /** Its SNMP agent is switched on. */
  readonly answersSnmp: boolean;
}

/** Where devices send by themselves to: the agent is met on loopback. */
const agentAddress = '127.0.0.1';
/** Of who begins to speak: any that nobody listens at (RFC 6335). */
const ephemeralPort = 50_000;

export class SimulatedDevice {
  readonly name: string;
  readonly site: string;
  readonly siteName: string;
  readonly role: string;
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly address: string;
  readonly udpPort: number;
  /** Null for one that speaks SNMPv3 only. */
  readonly community: string | null;
  readonly usm: UsmEngine | null;
  readonly kind: DeviceKind;
  readonly firmware: string;
  readonly mac: Buffer;
  readonly ports: readonly Port[];
  readonly portRows: Rows;
  /** From 0 to 1, by name: what makes one device a little warmer or busier than its sister. */
  readonly character: number;
  readonly faults: Faults = { slowMs: 0, garble: false };
  on = true;
  /** Null until somebody has opened its configuration. */
  paths: DevicePaths | null = null;
  onBattery = false;
  bootAtS: number;
  /** How often it started (snmpEngineBoots). */
  boots = 1;
  /** Set by the network: a path to the controller's agent exists, and how long it takes there and back. */
  reachable = false;
  latencyMs = 0;
  jitterMs = 0;
  lossPercent = 0;
  /** The link towards the agent, on the fastest path. */
  uplink: SimulatedLink | null = null;
  /** The present, as the network keeps it. */
  readonly clock: DeviceClock;
  #rows = new Map<string, unknown>();

  constructor(options: {
    readonly inventory: InventoryDevice;
    readonly siteName: string;
    readonly interfaces: readonly InventoryInterface[];
    readonly community: string | null;
    readonly user: UsmUser | null;
    readonly kind: DeviceKind;
    readonly bootAtS: number;
    readonly clock: DeviceClock;
  }) {
    const { inventory, kind } = options;
    this.name = inventory.name;
    this.site = inventory.site;
    this.siteName = options.siteName;
    this.role = inventory.role;
    this.vendor = inventory.vendor ?? '';
    this.model = inventory.model ?? '';
    this.serial = inventory.serial ?? '';
    this.address = inventory.address ?? '';
    this.udpPort = inventory.port === undefined || inventory.port === 0 ? 161 : inventory.port;
    this.community = options.community;
    this.kind = kind;
    this.character = fraction(inventory.name);
    this.bootAtS = options.bootAtS;
    this.clock = options.clock;
    this.mac = macOf(kind.oui, inventory.name);
    this.firmware = kind.firmware(inventory);
    this.usm =
      options.user === null
        ? null
        : new UsmEngine({
            id: engineIdOf(this.mac),
            user: options.user,
            clock: { boots: () => this.boots, timeS: () => Math.floor(this.uptimeTicks() / 100) },
          });
    const aliases = new Map(options.interfaces.map((port) => [port.name, port]));
    const ports = kind.layout(options.interfaces, inventory).map((layout) => {
      const given = aliases.get(layout.name)?.mac;
      const mac = given
        ? Buffer.from(given.replaceAll(':', ''), 'hex')
        : macOf(kind.oui, `${inventory.name}/${layout.name}`);
      return new Port(this, layout, aliases.get(layout.name)?.description ?? '', mac);
    });
    const sorted = rowsBy(ports, (port) => [port.ifIndex]);
    this.ports = sorted.items;
    this.portRows = sorted.rows;
  }

  /** A packet to one of its ports arrives from the agent's place, and what it answers arrives there. Its own filter is not asked. */
  isReachedBy(packet: {
    readonly source: string;
    readonly protocol: 'tcp' | 'udp';
    readonly port: number;
    readonly state: 'new' | 'established';
    /** The address that it was set up with without it. */
    readonly destination?: string;
  }): boolean {
    const { source, protocol, port, state, destination = this.address } = packet;
    return (
      this.#isCarried({ source, destination, protocol, sourcePort: ephemeralPort, port, state }, 'down') &&
      this.#isCarried({ source: destination, destination: source, protocol, sourcePort: port, port: ephemeralPort, state: 'established' }, 'up') // prettier-ignore
    );
  }

  /** What it sends by itself to a port at the agent's place arrives, and the answer to it. */
  reachesAgent({ protocol, port }: { readonly protocol: 'tcp' | 'udp'; readonly port: number }): boolean {
    const [ours, theirs] = [this.address, agentAddress];
    return (
      this.#isCarried({ source: ours, destination: theirs, protocol, sourcePort: ephemeralPort, port, state: 'new' }, 'up') && // prettier-ignore
      this.#isCarried({ source: theirs, destination: ours, protocol, sourcePort: port, port: ephemeralPort, state: 'established' }, 'down') // prettier-ignore
    );
  }

  /** A datagram that it sends by itself to the agent's place arrives, whatever becomes of an answer. */
  tellsAgent(to: { readonly source: string; readonly destination: string; readonly port: number }): boolean {
    return this.#isCarried({ ...to, protocol: 'udp', sourcePort: ephemeralPort, state: 'new' }, 'up');
  }

  /** There is a path, and no router on it drops the packet. */
  #isCarried(packet: ForwardedPacket, direction: 'up' | 'down'): boolean {
    if (!this.on || !this.reachable) return false;
    let link = this.uplink;
    for (let below = this.name; link !== null;) {
      const near = link.a.device.name === below ? link.b : link.a;
      const at: SimulatedDevice = near.device;
      below = at.name;
      link = at.uplink;
      // What only switches carries no packet through its filter (help.mikrotik.com, "Bridging and Switching").
      if (at.paths === null || at.role !== 'router') continue;
      const far = link === null ? null : link.a.device === at ? link.a.name : link.b.name;
      const way = direction === 'up' ? { from: near.name, to: far } : { from: far, to: near.name };
      if (!at.paths.carries(packet, way)) return false;
    }
    return true;
  }

  port(name: string): Port | undefined {
    return this.ports.find((port) => port.name === name);
  }

  now(): Instant {
    return this.clock.instant();
  }

  /** Hundredths of a second since the start. */
  uptimeTicks(): number {
    return Math.max(0, Math.floor((this.now().timeS - this.bootAtS) * 100));
  }

  /** Something that is computed once for this device, on the first request that needs it. */
  once<T>(key: string, make: (device: SimulatedDevice) => T): T {
    const known = this.#rows.get(key);
    if (known !== undefined) return known as T;
    const made = make(this);
    this.#rows.set(key, made);
    return made;
  }

  /** A value that drifts slowly around a middle: temperatures, CPU load. */
  drifting(what: string, low: number, high: number): number {
    const phase = fraction(`${this.name}/${what}`) * 6.28;
    const slow = Math.sin(this.now().timeS / 900 + phase);
    const quick = Math.sin(this.now().timeS / 47 + phase * 3);
    return low + (high - low) * (0.5 + 0.3 * slow + 0.15 * quick + (this.character - 0.5) * 0.1);
  }
}
