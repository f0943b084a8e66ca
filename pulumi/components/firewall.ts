import type { Fragment } from '../arung/staged.ts';
import { fragment, keyOf } from './values.ts';

export interface FirewallArgs {
  /** From where the router is managed and asked: networks. Everything else that does not belong to a connection is dropped. */
  readonly managementFrom: readonly string[];
  /** Interfaces behind which its own clients are: they may ask it for names and addresses. */
  readonly clients?: readonly string[];
  /** UDP ports at which tunnels of others end. */
  readonly tunnelPorts?: readonly number[];
  /** It speaks OSPF with its neighbours. */
  readonly ospf?: boolean;
}

/** What may come to the router itself; what it carries on is not touched. */
export function firewallFragments({
  managementFrom,
  clients = [],
  tunnelPorts = [],
  ospf = false,
}: FirewallArgs): Fragment[] {
  if (managementFrom.length === 0) {
    throw new Error('managementFrom is empty: nobody could manage the router any more. List the networks of the office and of Arung.');
  } // prettier-ignore
  const rule = (key: string, values: Readonly<Record<string, string | number | string[]>>): Fragment =>
    fragment(`input-${key}`, '/ip/firewall/filter', { chain: 'input', action: 'accept', ...values });
  return [
    ...managementFrom.map((network) =>
      fragment(`management-${keyOf(network)}`, '/ip/firewall/address-list', { list: 'management', address: network }),
    ),
    rule('established', { 'connection-state': ['established', 'related', 'untracked'] }),
    rule('invalid', { action: 'drop', 'connection-state': ['invalid'] }),
    rule('management', { 'src-address-list': 'management' }),
    rule('icmp', { protocol: 'icmp' }),
    ...(ospf ? [rule('ospf', { protocol: 'ospf' })] : []),
    ...(tunnelPorts.length === 0 ? [] : [rule('tunnels', { protocol: 'udp', 'dst-port': tunnelPorts.map(String) })]),
    ...clients.flatMap((on) => [
      rule(`${keyOf(on)}-dns`, { protocol: 'udp', 'dst-port': '53', 'in-interface': on }),
      rule(`${keyOf(on)}-dhcp`, { protocol: 'udp', 'dst-port': '67', 'in-interface': on }),
    ]),
    rule('rest', { action: 'drop' }),
  ];
}
