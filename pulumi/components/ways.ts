import type * as pulumi from '@pulumi/pulumi';
import type { Fragment } from '../arung/staged.ts';
import { each, fragment, keyOf } from './values.ts';

/** A link over which a router finds its way to others. */
export interface Uplink {
  readonly interface: string;
  /** The router's own address on it: `172.16.4.2/30`. */
  readonly address: string;
  /** Who is at the other end; no route leads there without. */
  readonly gateway?: string;
  /** Of several ways the one with the smallest is taken; 1 without. */
  readonly distance?: number;
}

/**
 * One end of a WireGuard tunnel. To change its key, give the new one another `name` and `listenPort`: both stand beside
 * each other until the routes have moved, at both ends (docs/rollouts.md, phases).
 */
export interface Tunnel {
  readonly name: string;
  /** A secret of the program, or `{{variable:NAME}}`. */
  readonly privateKey: pulumi.Input<string>;
  readonly listenPort?: number;
  /** The router's own address in it. */
  readonly address: string;
  readonly peers: readonly {
    readonly publicKey: string;
    /** What lies behind the peer. */
    readonly allowed: readonly string[];
    /** Where it is reached; it calls without. */
    readonly endpoint?: { readonly address: string; readonly port: number };
  }[];
}

export interface WaysArgs {
  readonly uplinks?: readonly Uplink[];
  readonly tunnels?: readonly Tunnel[];
  /** Further routes: network and gateway. */
  readonly routes?: readonly { readonly to: string; readonly via: string; readonly distance?: number }[];
  /** Networks in which neighbours are spoken to by OSPF, and what is told of besides. */
  readonly ospf?: { readonly routerId?: string; readonly networks: readonly string[]; readonly area?: string };
}

/** Addresses of links, tunnels, static routes, OSPF. */
export function wayFragments({ uplinks, tunnels, routes, ospf }: WaysArgs): Fragment[] {
  return [
    ...each(tunnels, ({ name, privateKey, listenPort, address, peers }) => [
      fragment(`tunnel-${keyOf(name)}`, '/interface/wireguard', {
        name,
        'private-key': privateKey,
        ...(listenPort === undefined ? {} : { 'listen-port': listenPort }),
      }),
      ...peers.map(({ publicKey, allowed, endpoint }, at) =>
        fragment(`tunnel-${keyOf(name)}-peer-${at + 1}`, '/interface/wireguard/peers', {
          interface: name,
          'public-key': publicKey,
          'allowed-address': [...allowed],
          ...(endpoint === undefined
            ? {}
            : { 'endpoint-address': endpoint.address, 'endpoint-port': endpoint.port, 'persistent-keepalive': '25s' }),
        }),
      ),
      fragment(`tunnel-${keyOf(name)}-address`, '/ip/address', { address, interface: name }),
    ]),
    ...each(uplinks, ({ interface: on, address, gateway, distance }) => [
      fragment(`uplink-${keyOf(on)}`, '/ip/address', { address, interface: on }),
      ...(gateway === undefined ? [] : [route(`way-${keyOf(on)}`, '0.0.0.0/0', gateway, distance)]),
    ]),
    ...each(routes, ({ to, via, distance }) => [route(`route-${keyOf(to)}`, to, via, distance)]),
    ...(ospf === undefined
      ? []
      : [
          fragment('ospf', '/routing/ospf/instance', {
            name: 'arung',
            version: 2,
            redistribute: ['connected'],
            ...(ospf.routerId === undefined ? {} : { 'router-id': ospf.routerId }),
          }),
          fragment('ospf-area', '/routing/ospf/area', { name: 'arung', instance: 'arung', 'area-id': ospf.area ?? '0.0.0.0' }),
          fragment('ospf-networks', '/routing/ospf/interface-template', { area: 'arung', networks: [...ospf.networks] }),
        ]),
  ]; // prettier-ignore
}

function route(key: string, to: string, gateway: string, distance: number | undefined): Fragment {
  return fragment(key, '/ip/route', { 'dst-address': to, gateway, ...(distance === undefined ? {} : { distance }) });
}
