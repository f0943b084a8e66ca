import type { Fragment } from '../arung/staged.ts';
import { each, fragment, keyOf } from './values.ts';

/** A network behind a router, in a VLAN of its bridge. */
export interface LocalNetwork {
  /** Name of the VLAN's interface. */
  readonly name: string;
  readonly vlan: number;
  /** The router's own address in it, with the length of the network: `10.110.3.1/25`. */
  readonly address: string;
  /** Addresses that are given out: `10.110.3.10-10.110.3.99`. Nobody gets one without. */
  readonly dhcp?: string;
  /** Names of the ports that take part: untagged, or tagged. */
  readonly untagged?: readonly string[];
  readonly tagged?: readonly string[];
  /** Upload and download of all in it: `5M/20M`. */
  readonly limit?: string;
}

/** What the VLANs of a router are and whom they serve. */
export interface NetworksArgs {
  /** `bridge` without. */
  readonly bridge?: string;
  readonly networks?: readonly LocalNetwork[];
  /** Who is asked for names by those who get an address; the router itself without. */
  readonly dnsServers?: readonly string[];
}

/** VLANs on the bridge, addresses, DHCP, queues. */
export function networkFragments({ bridge = 'bridge', networks, dnsServers = [] }: NetworksArgs): Fragment[] {
  return each(networks, ({ name, vlan, address, dhcp, untagged = [], tagged = [], limit }) => {
    const key = keyOf(name);
    const router = address.split('/')[0] ?? '';
    const network = networkOf(address);
    return [
      fragment(`${key}-vlan`, '/interface/vlan', { name, interface: bridge, 'vlan-id': vlan }),
      fragment(`${key}-members`, '/interface/bridge/vlan', {
        bridge,
        'vlan-ids': vlan,
        tagged: [bridge, ...tagged],
        ...(untagged.length === 0 ? {} : { untagged: [...untagged] }),
      }),
      fragment(`${key}-address`, '/ip/address', { address, interface: name }),
      ...(dhcp === undefined
        ? []
        : [
            fragment(`${key}-pool`, '/ip/pool', { name, ranges: dhcp }),
            fragment(`${key}-dhcp`, '/ip/dhcp-server', { name, interface: name, 'address-pool': name, 'lease-time': '8h' }),
            fragment(`${key}-clients`, '/ip/dhcp-server/network', {
              address: network,
              gateway: router,
              'dns-server': dnsServers.length === 0 ? router : [...dnsServers],
            }),
          ]),
      ...(limit === undefined ? [] : [fragment(`${key}-queue`, '/queue/simple', { name, target: network, 'max-limit': limit })]),
    ]; // prettier-ignore
  });
}

/** `10.110.3.1/25` lies in `10.110.3.0/25`. */
export function networkOf(address: string): string {
  const [ip = '', bits = '32'] = address.split('/');
  const parts = ip.split('.').map(Number);
  const length = Number(bits);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)) || !(length >= 0 && length <= 32)) {
    throw new Error(`${address} is no IPv4 address with the length of its network: write it like 10.110.3.1/25.`);
  }
  const whole = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - length);
  const first = Math.floor(whole / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${length}`;
}
