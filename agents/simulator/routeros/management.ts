import type { ForwardedPacket } from '../device.ts';
import { wireguardPublicKey, type RouterConfiguration } from './configuration.ts';
import type { Facts } from './facts.ts';
import { admits, type Packet } from './firewall.ts';
import { isWithin } from './values.ts';

/** A neighbour that can carry our packets on, as the cables and the far end have it. */
export interface Neighbour {
  /** Its address on the segment between us. */
  readonly gateway: string;
  /** What it knows us by there: it sends to this address what is for us. */
  readonly ours: string;
  /** The port that leads to it, by the name that it was made with. */
  readonly port: string;
  /** The VLAN in which it speaks with us; null: untagged. */
  readonly vlan: number | null;
  /** Its name, and its port at the other end of the cable. */
  readonly far: string;
  readonly farPort: string;
}

/** The far end of a WireGuard tunnel. */
export interface TunnelEnd {
  readonly publicKey: string;
  readonly ourPublicKey: string;
  readonly endpoint: string;
  readonly port: number;
  readonly gateway: string;
  readonly ours: string;
  /** Its name. */
  readonly far: string;
}

/** Our end of a link over which another router finds its way back. */
export interface Downlink {
  readonly ours: string;
  readonly theirs: string;
  readonly port: string;
  /** What the other end of a tunnel is known by; null on a cable or radio. */
  readonly publicKey: string | null;
}

/** What is really around a device. It stays as it is, whatever the device is configured to. */
export interface Surroundings {
  /** The address that it is managed at. */
  readonly address: string;
  /** The agent is plugged into it: packets need no way back over others. */
  readonly isEntry: boolean;
  readonly neighbours: readonly Neighbour[];
  readonly tunnels: readonly TunnelEnd[];
  readonly downlinks: readonly Downlink[];
}

/** What another router is configured to; null while nobody has opened it: it is as it was set up. */
export type OtherPaths = (device: string) => ManagementPath | null;

/** Where the controller may be: in the network of the office, and on loopback, where it meets the simulator. */
const controllers = ['10.0.0.0', '127.0.0.1'];
const loopback = '127.0.0.0/8';
/** Whoever calls by a tunnel comes from anywhere (TEST-NET-2, RFC 5737). */
const someMobileAddress = '198.51.100.73';
/** Where tunnels of mobile and satellite networks end (TEST-NET-3). */
export const tunnelEndpoint = '203.0.113.73';

/** Says from its configuration whether a device can be managed, and whether it carries what others send through it. */
export class ManagementPath {
  readonly #configuration: RouterConfiguration;
  readonly #facts: Facts;
  readonly #around: Surroundings;
  readonly #others: OtherPaths;

  constructor(options: {
    readonly configuration: RouterConfiguration;
    readonly facts: Facts;
    readonly around: Surroundings;
    readonly others: OtherPaths;
  }) {
    this.#configuration = options.configuration;
    this.#facts = options.facts;
    this.#around = options.around;
    this.#others = options.others;
  }

  /** It can be managed at one of its addresses. */
  reaches(): boolean {
    return this.addresses().length > 0;
  }

  /**
   * Its addresses that stand on an interface that runs, in the right VLAN, while there is a way back: the one that it was set up
   * with, and others of 127.0.0.0/8, where the simulator can listen. Routers above are taken to know the way to each.
   */
  addresses(): readonly string[] {
    if (!this.forwards()) return [];
    const { address } = this.#around;
    const segments = this.#around.neighbours.filter(({ ours }) => ours === address);
    const stands = (on: string): boolean => segments.length === 0 || segments.some((one) => this.#isOnSegment(on, one));
    return [...this.#facts.addresses()]
      .filter(({ ip, on }) => (ip === address || isWithin(ip, loopback)) && stands(on))
      .map(({ ip }) => ip);
  }

  /** Packets of others find a way on towards the controller. */
  forwards(): boolean {
    return this.#around.isEntry || this.#wayBack();
  }

  /** Whether the filter and the services of the device take a packet that was sent to it. */
  admits(
    packet: Pick<Packet, 'source' | 'protocol' | 'port' | 'state'> & Partial<Pick<Packet, 'destination'>>,
  ): boolean {
    const { destination = this.#around.address } = packet;
    const inInterface = [...this.#facts.addresses()].find(({ ip }) => ip === destination)?.on ?? '';
    return admits(this.#configuration, 'input', { ...packet, destination, inInterface });
  }

  /** Whether the filter lets a packet of others through, from one port to another; null: the port where the agent is. */
  carries(packet: ForwardedPacket, way: { readonly from: string | null; readonly to: string | null }): boolean {
    const [inInterface, outInterface] = [this.#towards(way.from), this.#towards(way.to)];
    return admits(this.#configuration, 'forward', { ...packet, inInterface, outInterface });
  }

  /** The interface that has an address in the network of who is at a port; else what the port is a member of. */
  #towards(port: string | null): string {
    if (port === null) return '';
    const { neighbours, downlinks, tunnels } = this.#around;
    const theirs = [
      ...neighbours.filter((one) => one.port === port).map(({ gateway }) => gateway),
      ...downlinks.filter((one) => one.port === port).map((one) => one.theirs),
    ];
    const ethernet = this.#configuration.menu('/interface/ethernet').entries;
    const cable = ethernet.find((entry) => entry.values.get('default-name') === port)?.values.get('name');
    // What is no cable is a mobile network, in which a tunnel leads on.
    if (cable === undefined && theirs.length === 0) theirs.push(...tunnels.map(({ gateway }) => gateway));
    const found = [...this.#facts.addresses()].find(({ prefix }) => theirs.some((ip) => isWithin(ip, prefix)));
    return found?.on ?? this.#facts.bridgeOf(cable ?? port);
  }

  /** The route with the longest prefix and the least distance that works must lead to a neighbour who is there. */
  #wayBack(): boolean {
    const menu = this.#configuration.menu('/ip/route');
    const routes = menu.entries
      .filter((entry) => this.#facts.routeWorks(entry) && menu.value(entry, 'blackhole') === undefined)
      .map((entry) => ({
        gateway: entry.values.get('gateway') ?? '',
        network: menu.value(entry, 'dst-address') ?? '',
        distance: Number(menu.value(entry, 'distance') ?? '1'),
      }))
      .filter(({ network }) => controllers.some((address) => isWithin(address, network)))
      .map((route) => ({ ...route, length: Number(route.network.split('/')[1] ?? 0) }))
      .sort((a, b) => b.length - a.length || a.distance - b.distance);
    const [best] = routes;
    if (best === undefined) return false;
    // Routes of the same length and distance share the load: each of them must lead on.
    return routes
      .filter(({ length, distance }) => length === best.length && distance === best.distance)
      .every(({ gateway }) => this.#leadsOn(gateway));
  }

  /** Whether this is the gateway of a router at the other end of a cable that is known there as `ours`. */
  holds(
    gateway: string,
    segment: { readonly port: string; readonly vlan: number | null; readonly ours: string },
  ): boolean {
    return [...this.#facts.addresses()].some(
      ({ ip, prefix, on }) => ip === gateway && isWithin(segment.ours, prefix) && this.#isOnSegment(on, segment),
    );
  }

  /** Whether a tunnel of another router ends here. */
  endsTunnel(tunnel: {
    readonly publicKey: string;
    readonly port: string;
    readonly peerKey: string;
    readonly gateway: string;
    readonly ours: string;
  }): boolean {
    return [...this.#facts.addresses()].some(({ ip, on }) => {
      if (ip !== tunnel.gateway) return false;
      const found = this.#configuration.interfaceNamed(on);
      if (found?.type !== 'wg' || found.entry.values.get('listen-port') !== tunnel.port) return false;
      if (wireguardPublicKey(found.entry.values.get('private-key') ?? '') !== tunnel.publicKey) return false;
      const isPeer = this.#peersOf(on).some((peer) => peer.publicKey === tunnel.peerKey && peer.takes(tunnel.ours));
      return isPeer && this.#takesCall(tunnel);
    });
  }

  /** The filter must take the first packet of a tunnel: that of an open one is as new after a restart. */
  #takesCall(tunnel: { readonly port: string; readonly ours: string }): boolean {
    const inInterface = this.#around.downlinks.find(({ theirs }) => theirs === tunnel.ours)?.port ?? '';
    return admits(this.#configuration, 'input', {
      source: someMobileAddress,
      destination: tunnelEndpoint,
      protocol: 'udp',
      port: Number(tunnel.port),
      inInterface,
      state: 'new',
    });
  }

  #leadsOn(gateway: string): boolean {
    const { tunnels, neighbours } = this.#around;
    return (
      tunnels.some((tunnel) => this.#tunnelLeads(tunnel, gateway)) ||
      neighbours.some((neighbour) => this.#segmentLeads(neighbour, gateway))
    );
  }

  #segmentLeads(neighbour: Neighbour, gateway: string): boolean {
    const far = this.#others(neighbour.far);
    return [...this.#facts.addresses()].some(
      ({ ip, prefix, on }) =>
        isWithin(gateway, prefix) &&
        this.#isOnSegment(on, neighbour) &&
        (far === null || neighbour.ours === this.#around.address
          ? gateway === neighbour.gateway && ip === neighbour.ours
          : far.holds(gateway, { port: neighbour.farPort, vlan: neighbour.vlan, ours: ip })),
    );
  }

  /** Whether an interface is, or leads through a bridge to, the port and VLAN where the neighbour is. */
  #isOnSegment(name: string, { port, vlan }: Pick<Neighbour, 'port' | 'vlan'>): boolean {
    const found = this.#configuration.interfaceNamed(name);
    if (found === null) return false;
    if (found.type === 'vlan') {
      if (vlan === null || found.entry.values.get('vlan-id') !== String(vlan)) return false;
      return this.#holdsPort(found.entry.values.get('interface') ?? '', port);
    }
    return vlan === null && this.#holdsPort(name, port);
  }

  #holdsPort(name: string, port: string): boolean {
    if (this.#facts.portOf(name) === port) return this.#facts.isRunning(name) && this.#facts.bridgeOf(name) === name;
    return this.#facts
      .portsOfBridge(name)
      .some((one) => this.#facts.portOf(one) === port && this.#facts.isRunning(one));
  }

  #tunnelLeads(tunnel: TunnelEnd, gateway: string): boolean {
    const far = this.#others(tunnel.far);
    for (const { ip, prefix, on } of this.#facts.addresses()) {
      const found = this.#configuration.interfaceNamed(on);
      if (found?.type !== 'wg' || !isWithin(gateway, prefix)) continue;
      const ourKey = wireguardPublicKey(found.entry.values.get('private-key') ?? '');
      const ends = this.#peersOf(on).some((peer) => {
        if (peer.endpoint !== tunnel.endpoint || !peer.takes(gateway)) return false;
        const { publicKey, port } = peer;
        if (far !== null) return far.endsTunnel({ publicKey, port, peerKey: ourKey, gateway, ours: ip });
        const isAsSetUp =
          publicKey === tunnel.publicKey && port === String(tunnel.port) && ourKey === tunnel.ourPublicKey;
        return isAsSetUp && gateway === tunnel.gateway && ip === tunnel.ours;
      });
      if (ends) return true;
    }
    return false;
  }

  #peersOf(tunnel: string) {
    const menu = this.#configuration.menu('/interface/wireguard/peers');
    return menu.entries
      .filter((peer) => menu.value(peer, 'interface') === tunnel && menu.value(peer, 'disabled') !== 'true')
      .map((peer) => ({
        publicKey: menu.value(peer, 'public-key') ?? '',
        endpoint: menu.value(peer, 'endpoint-address') ?? '',
        port: menu.value(peer, 'endpoint-port') ?? '',
        takes: (address: string): boolean =>
          (menu.value(peer, 'allowed-address') ?? '').split(',').some((network) => isWithin(address, network)),
      }));
  }
}

/** The way back of a router that nobody has opened: as it was set up, while the other end still has its part of it. */
export function wayAsSetUp({ isEntry, address, neighbours, tunnels }: Surroundings, others: OtherPaths): boolean {
  if (isEntry) return true;
  const [tunnel] = tunnels;
  if (tunnel !== undefined) {
    const { publicKey, ourPublicKey: peerKey, gateway, ours } = tunnel;
    return others(tunnel.far)?.endsTunnel({ publicKey, port: String(tunnel.port), peerKey, gateway, ours }) ?? true;
  }
  const [first] = neighbours;
  if (first === undefined || first.ours === address) return true;
  return others(first.far)?.holds(first.gateway, { port: first.farPort, vlan: first.vlan, ours: first.ours }) ?? true;
}
