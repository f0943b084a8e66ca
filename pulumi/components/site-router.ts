import * as pulumi from '@pulumi/pulumi';
import { DeviceIntent } from '../arung/device-intent.ts';
import type { Fragment } from '../arung/staged.ts';
import { baseFragments, type BaseArgs } from './base.ts';
import { firewallFragments, type FirewallArgs } from './firewall.ts';
import { networkFragments, type LocalNetwork } from './networks.ts';
import { wayFragments, type WaysArgs } from './ways.ts';

export interface SiteRouterArgs extends BaseArgs, WaysArgs {
  /** Name of the router in Arung's inventory. */
  readonly device: string;
  readonly bridge?: string;
  readonly networks?: readonly LocalNetwork[];
  /** From where it may be managed; the firewall stays as it is without. */
  readonly managementFrom?: readonly string[];
  /** UDP ports at which tunnels of others end that are set up by somebody else: the firewall leaves them open. */
  readonly tunnelPorts?: readonly number[];
  /** What else it should have, behind all that the component says. */
  readonly more?: readonly Fragment[];
}

/**
 * A router that runs RouterOS, as one document: identity, time, SNMP, users, VLANs with addresses, DHCP and queues,
 * links, tunnels, routes, firewall, logs. What is left out stays on the router as it is.
 */
export class SiteRouter extends DeviceIntent {
  /** @param before what it was called while it was a component with the document in it: states may still say so. */
  constructor(name: string, args: SiteRouterArgs, opts: pulumi.CustomResourceOptions = {}, before = 'SiteRouter') {
    const component = pulumi.createUrn(name, `arung:components:${before}`, opts.parent);
    const fragments = fragmentsOf(args);
    super(name, { device: args.device, fragments }, pulumi.mergeOptions({ aliases: [{ parent: component }] }, opts));
  }
}

/** Everything that a router of these arguments has, in order. */
export function fragmentsOf(args: SiteRouterArgs): Fragment[] {
  const { device, networks = [], managementFrom, tunnels = [], tunnelPorts = [], ospf, more = [] } = args;
  const firewall: FirewallArgs | null =
    managementFrom === undefined
      ? null
      : {
          managementFrom,
          clients: networks.map(({ name }) => name),
          tunnelPorts: [...tunnels.flatMap(({ listenPort }) => listenPort ?? []), ...tunnelPorts],
          ospf: ospf !== undefined,
        };
  return [
    ...baseFragments(device, args),
    ...networkFragments(args),
    ...wayFragments(args),
    ...(firewall === null ? [] : firewallFragments(firewall)),
    ...more,
  ];
}
