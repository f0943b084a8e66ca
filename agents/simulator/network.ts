import { Flow, Instant } from './flow.ts';
import { SimulatedDevice } from './device.ts';
import type { Port } from './device.ts';
import { fraction } from './hash.ts';
import type { Inventory, InventoryInterface } from './inventory.ts';
import { kindOf } from './kinds/kinds.ts';
import { userOf } from './snmp/usm-user.ts';
import { latencyOf, SimulatedLink } from './link.ts';
import { spread } from './traffic.ts';

const dayS = 24 * 3600;

/**
 * The simulated backbone: devices, links, and who reaches whom. Everything is computed when something changes (a cut, a
 * restart), never on a timer.
 */
export class Network {
  readonly devices: ReadonlyMap<string, SimulatedDevice>;
  readonly links: readonly SimulatedLink[];
  readonly siteKinds: ReadonlyMap<string, string>;
  readonly #roots: readonly SimulatedDevice[];
  readonly #linksOf = new Map<SimulatedDevice, SimulatedLink[]>();
  readonly #startedS: number;
  readonly #startedMs = performance.now();
  readonly #startedWallMs = Date.now();
  readonly #listeners: (() => void)[] = [];
  #now: Instant;

  constructor(inventory: Inventory, startedMs: number) {
    this.#startedS = startedMs / 1000;
    // Devices run since some day of the last hundred: fixed dates, so that a restart of the simulator changes no uptime.
    const epochS = Math.floor((this.#startedS - 20 * dayS) / (100 * dayS)) * 100 * dayS;
    const epoch = new Instant(epochS);
    this.#now = new Instant(this.#startedS);
    this.siteKinds = new Map(inventory.sites.map((site) => [site.code, site.kind]));
    this.devices = this.#build(inventory, epochS);
    this.links = this.#wire(inventory, epoch);
    this.#roots = inventory.attachedTo.flatMap((name) => this.devices.get(name) ?? []);
    for (const device of this.devices.values()) this.#plugDesks(device, epoch);
    this.#route();
    spread(this, epoch);
    for (const device of this.devices.values()) {
      const boot = new Instant(device.bootAtS);
      for (const port of device.ports) port.restart(boot);
    }
    this.#settlePorts(epochS);
    for (const device of this.devices.values()) for (const port of device.ports) port.changedAtS = device.bootAtS + 4;
  }

  /** The present in seconds since 1970; grows evenly, whatever happens to the machine's clock. */
  nowS(): number {
    return this.#startedS + (performance.now() - this.#startedMs) / 1000;
  }

  /** What a clock on the wall shows there, in seconds since 1970: follows the machine's clock, and its jumps. */
  wallS(): number {
    return this.#startedS + (Date.now() - this.#startedWallMs) / 1000;
  }

  /** The present, computed once for all that is asked within the same millisecond. */
  instant(): Instant {
    const now = this.nowS();
    if (now - this.#now.timeS > 0.001) this.#now = new Instant(now);
    return this.#now;
  }

  linksOf(device: SimulatedDevice): readonly SimulatedLink[] {
    return this.#linksOf.get(device) ?? [];
  }

  get roots(): readonly SimulatedDevice[] {
    return this.#roots;
  }

  /** Calls back after every change of who reaches whom. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Something was cut, mended, switched off or on: find the paths, the carriers and the loads again. */
  changed(): void {
    const now = new Instant(this.nowS());
    this.#now = now;
    this.#settlePorts(now.timeS);
    this.#route();
    spread(this, now);
    for (const listener of this.#listeners) listener();
  }

  /** The device starts from nothing: uptime and counters at zero. */
  boot(device: SimulatedDevice): void {
    const now = new Instant(this.nowS());
    device.bootAtS = now.timeS;
    device.boots++;
    for (const port of device.ports) port.restart(now);
  }

  /** Ways from the agent's place to each device, over what carries; the fastest one counts. */
  #route(): void {
    for (const device of this.devices.values()) {
      device.reachable = false;
      device.uplink = null;
      device.latencyMs = 0;
      device.jitterMs = 0;
      device.lossPercent = 0;
    }
    const open = this.#roots.filter((root) => root.on);
    for (const root of open) root.reachable = true;
    const order: SimulatedDevice[] = [];
    const waiting = new Map<SimulatedDevice, number>(open.map((root) => [root, 0]));
    const heap: [number, SimulatedDevice][] = open.map((root) => [0, root]);
    const done = new Set<SimulatedDevice>();
    for (let item = pop(heap); item !== undefined; item = pop(heap)) {
      const [cost, device] = item;
      if (done.has(device)) continue;
      done.add(device);
      order.push(device);
      if (device.paths?.forwards() === false) continue;
      for (const link of this.linksOf(device)) {
        if (!link.carries) continue;
        const far = link.a.device === device ? link.b.device : link.a.device;
        const latency = latencyOf[link.medium];
        const next = cost + latency.ms;
        if (done.has(far) || next >= (waiting.get(far) ?? Infinity)) continue;
        waiting.set(far, next);
        far.reachable = true;
        far.uplink = link;
        far.latencyMs = next;
        far.jitterMs = device.jitterMs + latency.jitterMs;
        far.lossPercent = 100 - ((100 - device.lossPercent) * (100 - link.lossPercent)) / 100;
        push(heap, [next, far]);
      }
    }
    for (const device of this.devices.values()) {
      if (this.linksOf(device).length > 0 || !device.on) continue;
      device.reachable = true; // the inventory shows no cable: it stands beside the agent
      order.push(device);
    }
    for (const device of order) if (device.paths?.reaches() === false) device.reachable = false;
    this.order = order;
  }

  /** Reachable devices, the nearest to the agent first. */
  order: readonly SimulatedDevice[] = [];

  #settlePorts(nowS: number): void {
    for (const device of this.devices.values()) {
      for (const port of device.ports) {
        if (port.link === null) continue;
        const up = port.link.carrierAt(port);
        if (up === port.up) continue;
        port.up = up;
        port.changedAtS = nowS;
      }
    }
  }

  #build(inventory: Inventory, epochS: number): Map<string, SimulatedDevice> {
    const interfaces = new Map<string, InventoryInterface[]>();
    for (const port of inventory.interfaces) {
      const list = interfaces.get(port.device);
      if (list === undefined) interfaces.set(port.device, [port]);
      else list.push(port);
    }
    // A link may name a port that the list of interfaces leaves out: it exists all the same.
    for (const link of inventory.links) {
      for (const end of [link.a, link.b]) {
        const { device, port } = endOf(end);
        const list = interfaces.get(device) ?? [];
        interfaces.set(device, list);
        if (!list.some((item) => item.name === port)) list.push({ device, name: port, speedBps: link.capacityBps });
      }
    }
    const siteNames = new Map(inventory.sites.map((site) => [site.code, site.name]));
    const credentials = new Map(inventory.credentials.map((credential) => [credential.name, credential]));
    const devices = new Map<string, SimulatedDevice>();
    for (const device of inventory.devices) {
      const { kind = '', user = '', secret } = credentials.get(device.credential ?? '') ?? {};
      devices.set(
        device.name,
        new SimulatedDevice({
          inventory: device,
          siteName: siteNames.get(device.site) ?? device.site,
          interfaces: interfaces.get(device.name) ?? [],
          community: kind === 'snmp-v3' ? null : typeof secret === 'string' ? secret : 'public',
          user: kind === 'snmp-v3' ? userOf(user, secret) : null,
          kind: kindOf(device),
          bootAtS: epochS + fraction(`${device.name}/boot`) * 20 * dayS,
          clock: this,
        }),
      );
    }
    return devices;
  }

  #wire(inventory: Inventory, epoch: Instant): SimulatedLink[] {
    return inventory.links.map((link) => {
      const [a, b] = [this.#portAt(link.a, link.name), this.#portAt(link.b, link.name)];
      const flow = new Flow(link.name, epoch);
      const { name, medium, capacityBps } = link;
      const made = new SimulatedLink({ id: name, name, medium, capacityBps, a, b, flow });
      for (const port of [a, b]) {
        port.link = made;
        const list = this.#linksOf.get(port.device);
        if (list === undefined) this.#linksOf.set(port.device, [made]);
        else list.push(made);
      }
      return made;
    });
  }

  #portAt(end: string, link: string): Port {
    const { device, port } = endOf(end);
    const found = this.devices.get(device)?.port(port);
    if (found === undefined) throw new Error(`The link ${link} ends at ${end}, but the inventory has no such device.`);
    return found;
  }

  /** Desks at switches, phones at access points: some of the free ports carry them. */
  #plugDesks(device: SimulatedDevice, epoch: Instant): void {
    for (const port of device.ports) {
      if (port.link !== null || port.up || port.ifType === 24) continue;
      const radio = device.role === 'access-point' && /^(wifi|wlan)/.test(port.name);
      const desk = device.role === 'switch' && !port.optical && fraction(`${device.name}/${port.name}/desk`) < 0.4;
      if (!radio && !desk) continue;
      port.local = new Flow(`${device.name}/${port.name}`, epoch);
      port.up = true;
    }
  }
}

function endOf(end: string): { device: string; port: string } {
  const colon = end.indexOf(':');
  return { device: end.slice(0, colon), port: end.slice(colon + 1) };
}

/** A binary heap by cost. */
function push(heap: [number, SimulatedDevice][], item: [number, SimulatedDevice]): void {
  heap.push(item);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const [child, above] = [heap[at], heap[parent]];
    if (child === undefined || above === undefined || above[0] <= child[0]) return;
    heap[at] = above;
    heap[parent] = child;
    at = parent;
  }
}

function pop(heap: [number, SimulatedDevice][]): [number, SimulatedDevice] | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  heap[0] = last;
  let at = 0;
  for (;;) {
    const left = at * 2 + 1;
    const right = left + 1;
    const smaller = (heap[right]?.[0] ?? Infinity) < (heap[left]?.[0] ?? Infinity) ? right : left;
    const [child, here] = [heap[smaller], heap[at]];
    if (child === undefined || here === undefined || here[0] <= child[0]) return top;
    heap[at] = child;
    heap[smaller] = here;
    at = smaller;
  }
}
