import { placesOfReaders } from '../../domain/agent-places.ts';
import type { DeviceId, InterfaceId, LinkId, SiteId } from '../../domain/ids.ts';
import type { LinkMedium } from '../../domain/link.ts';
import type { Topology, TopologyDevice, TopologyLink } from '../../domain/topology.ts';

/** One thing that is broken: by its index in the world. */
export type Broken = { readonly kind: 'link' | 'device'; readonly index: number };

/** Media whose near end keeps its port up when the far end, or the air between, fails. */
const airborne: ReadonlySet<LinkMedium> = new Set(['radio', 'vsat', '4g']);

/**
 * The network as it really is, with links that the inventory may not know: who answers, given what is broken, and what
 * the ports of those who answer show. Everything is numbers; the last node is where the agent stands.
 */
export class World {
  readonly devices: readonly TopologyDevice[];
  readonly links: readonly TopologyLink[];
  readonly deviceIndex: ReadonlyMap<DeviceId, number>;
  readonly linkIndex: ReadonlyMap<LinkId, number>;
  readonly devicesOfSite: ReadonlyMap<SiteId, readonly number[]>;
  readonly root: number;
  /** Links that exist though the inventory does not name them: nobody reads their ports. */
  readonly isHidden: Uint8Array;
  readonly isAirborne: Uint8Array;
  readonly linkA: Int32Array;
  readonly linkB: Int32Array;
  /** Devices that the agent asks: all with a protocol. */
  readonly isAsked: Uint8Array;
  readonly #starts: Int32Array;
  readonly #edges: Int32Array;
  readonly #entries: readonly number[];
  readonly #queue: Int32Array;
  readonly #regionCodes: ReadonlyMap<SiteId, string>;
  readonly #named: number;
  readonly #centre: ReadonlySet<SiteId>;

  constructor(truth: Topology, hidden: ReadonlySet<LinkId> = new Set()) {
    this.devices = [...truth.devices.values()];
    this.deviceIndex = new Map(this.devices.map(({ id }, index) => [id, index]));
    this.links = [...truth.links.values(), ...cablesInside(truth)];
    this.#named = truth.links.size;
    this.linkIndex = new Map(this.links.map(({ id }, index) => [id, index]));
    this.root = this.devices.length;
    this.devicesOfSite = groupBySite(this.devices);
    this.isAsked = Uint8Array.from(this.devices, ({ protocol }) => (protocol === 'none' ? 0 : 1));
    this.isHidden = Uint8Array.from(this.links, ({ id }, index) =>
      hidden.has(id) || index >= truth.links.size ? 1 : 0,
    );
    this.isAirborne = Uint8Array.from(this.links, ({ medium }) => (airborne.has(medium) ? 1 : 0));
    this.linkA = Int32Array.from(this.links, ({ a }) => this.deviceIndex.get(a.deviceId) ?? -1);
    this.linkB = Int32Array.from(this.links, ({ b }) => this.deviceIndex.get(b.deviceId) ?? -1);
    [this.#starts, this.#edges] = adjacency(this.root, this.linkA, this.linkB);
    this.#queue = new Int32Array(this.root);
    this.#entries = this.#entriesOf(truth);
    this.#centre = new Set(
      placesOfReaders(truth)
        .map((id) => truth.devices.get(id)?.siteId)
        .filter((site) => site !== undefined),
    );
    this.#regionCodes = new Map([...truth.sites.values()].map(({ id, regionCode }) => [id, regionCode]));
  }

  /** Links that the document names, whether or not the simulated inventory does. */
  get namedLinks(): readonly number[] {
    return [...this.links.keys()].slice(0, this.#named);
  }

  /** Sites where an agent is plugged in. */
  get centre(): ReadonlySet<SiteId> {
    return this.#centre;
  }

  /** The UPS of a site that tells when it lives on its battery; null where there is none. */
  batteryOf(site: SiteId): number | null {
    const isUps = (index: number): boolean => this.devices[index]?.role === 'ups' && this.isAsked[index] === 1;
    return this.devicesOfSite.get(site)?.find(isUps) ?? null;
  }

  /** `73.08.01` of a village's `73.08.01.2003`; what is shorter stays as it is. */
  districtOf(site: SiteId): string {
    return (this.#regionCodes.get(site) ?? '').split('.').slice(0, 3).join('.');
  }

  farEnd(link: number, device: number): number {
    const a = this.linkA[link] ?? -1;
    return a === device ? (this.linkB[link] ?? -1) : a;
  }

  linksOf(device: number): Int32Array {
    return this.#edges.subarray(this.#starts[device] ?? 0, this.#starts[device + 1] ?? 0);
  }

  /** By device: 1 where it answers the agent. */
  answers(broken: Iterable<Broken>): Uint8Array {
    const cut = new Set<number>();
    const found = new Uint8Array(this.root);
    const dead = new Uint8Array(this.root);
    for (const { kind, index } of broken) {
      if (kind === 'link') cut.add(index);
      else dead[index] = 1;
    }
    const queue = this.#queue;
    let end = 0;
    for (const entry of this.#entries) {
      if (dead[entry] === 1 || found[entry] === 1) continue;
      found[entry] = 1;
      queue[end++] = entry;
    }
    for (let i = 0; i < end; i++) {
      const device = queue[i] ?? 0;
      for (const link of this.linksOf(device)) {
        if (cut.size > 0 && cut.has(link)) continue;
        const far = this.farEnd(link, device);
        if (found[far] === 1 || dead[far] === 1) continue;
        found[far] = 1;
        queue[end++] = far;
      }
    }
    return found;
  }

  /** Whether the port of a link at one of its living ends shows a carrier. */
  hasCarrier(link: number, device: number, broken: BrokenSets): boolean {
    if (this.isAirborne[link] === 1) return true;
    return !broken.cut.has(link) && !broken.dead.has(this.farEnd(link, device));
  }

  nameOf({ kind, index }: Broken): string {
    return (kind === 'link' ? this.links[index]?.name : this.devices[index]?.name) ?? '';
  }

  /** Sites none of whose gateways answers (none of its devices, where it has no gateway). */
  darkSites(answers: Uint8Array): Set<SiteId> {
    const dark = new Set<SiteId>();
    for (const [site, indices] of this.devicesOfSite) {
      const asked = indices.filter((index) => this.isAsked[index] === 1);
      const gateways = asked.filter((index) => this.devices[index]?.gateway === true);
      const counted = gateways.length > 0 ? gateways : asked;
      if (counted.length > 0 && counted.every((index) => answers[index] !== 1)) dark.add(site);
    }
    return dark;
  }

  /** Where the agent is plugged in; a part of the network without it is entered at a gateway, however that is reached. */
  #entriesOf(truth: Topology): number[] {
    const entries: number[] = [];
    for (const id of placesOfReaders(truth)) {
      const index = this.deviceIndex.get(id);
      if (index !== undefined) entries.push(index);
    }
    const seen = new Uint8Array(this.root);
    const flood = (from: number): void => {
      const waiting = [from];
      seen[from] = 1;
      for (let device = waiting.pop(); device !== undefined; device = waiting.pop()) {
        for (const link of this.linksOf(device)) {
          const far = this.farEnd(link, device);
          if (seen[far] === 1) continue;
          seen[far] = 1;
          waiting.push(far);
        }
      }
    };
    for (const entry of entries) if (seen[entry] !== 1) flood(entry);
    const order = [...this.devices.keys()].sort((x, y) => this.#gatewayRank(y) - this.#gatewayRank(x) || x - y);
    for (const device of order) {
      if (seen[device] === 1) continue;
      entries.push(device);
      flood(device);
    }
    return entries;
  }

  #gatewayRank(device: number): number {
    const isGateway = this.devices[device]?.gateway === true;
    return (isGateway ? 1_000_000 : 0) + this.linksOf(device).length;
  }
}

/**
 * A device of which the inventory names no link hangs on the gateway of its site all the same: the cables that nobody
 * wrote down.
 */
function cablesInside(truth: Topology): TopologyLink[] {
  const wired = new Set([...truth.links.values()].flatMap(({ a, b }) => [a.deviceId, b.deviceId]));
  for (const { attachedTo } of truth.agents.values()) for (const id of attachedTo) wired.add(id);
  const gateways = new Map<SiteId, TopologyDevice>();
  for (const device of truth.devices.values()) {
    if (device.gateway && !gateways.has(device.siteId)) gateways.set(device.siteId, device);
  }
  const cables: TopologyLink[] = [];
  for (const device of truth.devices.values()) {
    const gateway = gateways.get(device.siteId);
    if (device.gateway || gateway === undefined || wired.has(device.id)) continue;
    const name = `${gateway.name}--${device.name}`;
    const end = ({ id, siteId }: TopologyDevice): TopologyLink['a'] => ({
      deviceId: id,
      interfaceId: `${name} ${id}` as InterfaceId,
      interfaceName: '',
      siteId,
    });
    const unknown = { medium: 'copper', capacityBps: 0, trunk: false } as const;
    cables.push({ id: `${name} (not in the inventory)` as LinkId, name, ...unknown, a: end(gateway), b: end(device) });
  }
  return cables;
}

/** What is broken, to be asked by index. */
export interface BrokenSets {
  readonly cut: ReadonlySet<number>;
  readonly dead: ReadonlySet<number>;
}

export function setsOf(broken: Iterable<Broken>): BrokenSets {
  const cut = new Set<number>();
  const dead = new Set<number>();
  for (const { kind, index } of broken) (kind === 'link' ? cut : dead).add(index);
  return { cut, dead };
}

function groupBySite(devices: readonly TopologyDevice[]): ReadonlyMap<SiteId, readonly number[]> {
  const groups = new Map<SiteId, number[]>();
  for (const [index, { siteId }] of devices.entries()) {
    const group = groups.get(siteId);
    if (group === undefined) groups.set(siteId, [index]);
    else group.push(index);
  }
  return groups;
}

function adjacency(nodes: number, a: Int32Array, b: Int32Array): [Int32Array, Int32Array] {
  const starts = new Int32Array(nodes + 1);
  for (const ends of [a, b]) for (const node of ends) starts[node + 1] = (starts[node + 1] ?? 0) + 1;
  for (let node = 0; node < nodes; node++) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const next = starts.slice();
  const edges = new Int32Array(2 * a.length);
  for (let link = 0; link < a.length; link++) {
    for (const node of [a[link] ?? 0, b[link] ?? 0]) {
      const at = next[node] ?? 0;
      edges[at] = link;
      next[node] = at + 1;
    }
  }
  return [starts, edges];
}
