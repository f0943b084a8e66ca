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
}

/** The far end of a WireGuard tunnel. */
export interface TunnelEnd {
  readonly publicKey: string;
  readonly ourPublicKey: string;
  readonly endpoint: string;
  readonly port: number;
  readonly gateway: string;
  readonly ours: string;
}

/** What is really around a device. It stays as it is, whatever the device is configured to. */
export interface Surroundings {
  /** The address that it is managed at. */
  readonly address: string;
  /** The agent is plugged into it: packets need no way back over others. */
  readonly isEntry: boolean;
  readonly neighbours: readonly Neighbour[];
  readonly tunnels: readonly TunnelEnd[];
}

/** Where the controller may be: in the network of the office, and on loopback, where it meets the simulator. */
const controllers = ['10.0.0.0', '127.0.0.1'];

/** Says from its configuration whether a device can be managed, and whether it carries what others send through it. */
export class ManagementPath {
  readonly #configuration: RouterConfiguration;
  readonly #facts: Facts;
  readonly #around: Surroundings;

  constructor(configuration: RouterConfiguration, facts: Facts, around: Surroundings) {
    this.#configuration = configuration;
    this.#facts = facts;
    this.#around = around;
  }

  /** Its address stands on an interface that runs, in the right VLAN, and there is a way back. */
  reaches(): boolean {
    const { address } = this.#around;
    const own = [...this.#facts.addresses()].find(({ ip }) => ip === address);
    if (own === undefined) return false;
    const inSegment = this.#around.neighbours.filter(({ ours }) => ours === address);
    if (inSegment.length > 0 && !inSegment.some((one) => this.#isOnSegment(own.on, one))) return false;
    return this.forwards();
  }

  /** Packets of others find a way on towards the controller. */
  forwards(): boolean {
    return this.#around.isEntry || this.#wayBack();
  }

  /** Whether the filter and the services of the device take a packet that was sent to it. */
  admits(packet: Pick<Packet, 'source' | 'protocol' | 'port' | 'state'>): boolean {
    const { address } = this.#around;
    const inInterface = [...this.#facts.addresses()].find(({ ip }) => ip === address)?.on ?? '';
    return admits(this.#configuration, 'input', { ...packet, destination: address, inInterface });
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

  #leadsOn(gateway: string): boolean {
    const tunnel = this.#around.tunnels.find((one) => one.gateway === gateway);
    if (tunnel !== undefined) return this.#tunnelWorks(tunnel);
    return this.#around.neighbours.some(
      (one) =>
        one.gateway === gateway &&
        [...this.#facts.addresses()].some(
          ({ ip, prefix, on }) => ip === one.ours && isWithin(gateway, prefix) && this.#isOnSegment(on, one),
        ),
    );
  }

  /** Whether an interface is, or leads through a bridge to, the port and VLAN where the neighbour is. */
  #isOnSegment(name: string, { port, vlan }: Neighbour): boolean {
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

  #tunnelWorks(tunnel: TunnelEnd): boolean {
    for (const { ip, on } of this.#facts.addresses()) {
      if (ip !== tunnel.ours) continue;
      const found = this.#configuration.interfaceNamed(on);
      if (found?.type !== 'wg') continue;
      if (wireguardPublicKey(found.entry.values.get('private-key') ?? '') !== tunnel.ourPublicKey) continue;
      const peers = this.#configuration.menu('/interface/wireguard/peers');
      return peers.entries.some(
        (peer) =>
          peers.value(peer, 'interface') === on &&
          peers.value(peer, 'disabled') !== 'true' &&
          peers.value(peer, 'public-key') === tunnel.publicKey &&
          peers.value(peer, 'endpoint-address') === tunnel.endpoint &&
          peers.value(peer, 'endpoint-port') === String(tunnel.port) &&
          (peers.value(peer, 'allowed-address') ?? '').split(',').some((network) => isWithin(tunnel.gateway, network)),
      );
    }
    return false;
  }
}
