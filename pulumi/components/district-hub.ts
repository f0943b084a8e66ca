import type * as pulumi from '@pulumi/pulumi';
import { SiteRouter, type SiteRouterArgs } from './site-router.ts';
import type { Tunnel } from './ways.ts';

export interface DistrictHubArgs extends Omit<SiteRouterArgs, 'tunnels'> {
  /** Villages that come by WireGuard over a mobile or satellite network. */
  readonly spokes?: {
    /** Name of the tunnel's interface, and the port at which it is called. */
    readonly name: string;
    readonly listenPort: number;
    readonly privateKey: pulumi.Input<string>;
    /** The hub's own address in it: `10.200.0.1/24`. */
    readonly address: string;
    /** Of each village its public key, its address in the tunnel, and the networks behind it. */
    readonly villages: readonly { readonly publicKey: string; readonly address: string; readonly networks: readonly string[] }[];
  }; // prettier-ignore
}

/** The router of a kecamatan: what its villages hang on. */
export class DistrictHub extends SiteRouter {
  constructor(name: string, args: DistrictHubArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, hubRouterOf(args), opts, 'DistrictHub');
  }
}

/** What a hub is, as any other router: a tunnel for its spokes, and a route to what lies behind each. */
export function hubRouterOf({ spokes, ...rest }: DistrictHubArgs): SiteRouterArgs {
  if (spokes === undefined) return rest;
  const tunnel: Tunnel = {
    name: spokes.name,
    privateKey: spokes.privateKey,
    listenPort: spokes.listenPort,
    address: spokes.address,
    peers: spokes.villages.map(({ publicKey, address, networks }) => ({ publicKey, allowed: [`${address}/32`, ...networks] })),
  }; // prettier-ignore
  const routes = spokes.villages.flatMap(({ address, networks }) => networks.map((to) => ({ to, via: address })));
  return { ...rest, tunnels: [tunnel], routes: [...(rest.routes ?? []), ...routes] };
}
