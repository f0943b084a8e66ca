import { menu } from '../menu.ts';

/** Addresses and ways. help.mikrotik.com has a page for each menu, under its name. */
export const addressMenus = [
  menu('/ip/address', 'address:prefix! interface:text! disabled:bool=no', { keys: [['address', 'interface']] }),
  menu(
    '/ip/route',
    'dst-address:network=0.0.0.0/0 gateway:text? disabled:bool=no distance:number=1 routing-table:text=main blackhole:bool?',
    { keys: [['dst-address', 'gateway', 'routing-table']] },
  ),
  menu('/routing/ospf/instance', 'name:text! disabled:bool=no version:text=2 router-id:text=main redistribute:set='),
  menu('/routing/ospf/area', 'name:text! instance:text! disabled:bool=no area-id:text=0.0.0.0 type:text=default'),
  menu(
    '/routing/ospf/interface-template',
    'area:text! interfaces:set? networks:networks? disabled:bool=no cost:number=1 type:text=broadcast passive:bool?',
    { keys: [['area', 'interfaces', 'networks']] },
  ),
];

/** What a rule of a firewall looks at; every one of them "any" where it is not named. */
const matchers = `chain:text! action:text=accept disabled:bool=no
  src-address:prefix? dst-address:prefix? src-address-list:text? dst-address-list:text?
  src-address-type:text? dst-address-type:text? in-interface:text? out-interface:text? in-interface-list:text?
  out-interface-list:text? protocol:text? src-port:set? dst-port:set? port:set? connection-state:set?
  connection-nat-state:set? connection-mark:text? packet-mark:text? routing-mark:text? icmp-options:text?
  tcp-flags:set? limit:text? dst-limit:text? layer7-protocol:text? src-mac-address:mac? address-list:text?
  jump-target:text? log:bool=no log-prefix:text=`;

/** Rules of a firewall have no name: one that a person wrote is ours when it says the same. */
const rules = { ordered: true, keys: 'content' } as const;

export const firewallMenus = [
  menu('/ip/firewall/address-list', 'list:text! address:prefix! disabled:bool=no', { keys: [['list', 'address']] }),
  menu('/ip/firewall/filter', `${matchers} reject-with:text`, rules),
  menu('/ip/firewall/nat', `${matchers} to-addresses:prefix? to-ports:text?`, rules),
  menu(
    '/ip/firewall/mangle',
    `${matchers} new-connection-mark:text? new-packet-mark:text? new-routing-mark:text? new-mss:text? passthrough:bool=yes`,
    rules,
  ),
];

/** What serves clients. */
export const clientMenus = [
  menu('/ip/pool', 'name:text! ranges:set!'),
  menu(
    '/ip/dhcp-server',
    'name:text! interface:text! disabled:bool=no address-pool:text=static-only lease-time:time=30m',
  ),
  menu('/ip/dhcp-server/network', 'address:network! gateway:text= dns-server:text= domain:text=', {
    keys: [['address']],
  }),
  menu('/ip/dhcp-server/lease', 'address:text! mac-address:mac? disabled:bool=no server:text=all', {
    keys: [['address', 'server']],
  }),
  menu('/ip/dhcp-client', 'interface:text! disabled:bool=no add-default-route:bool=yes use-peer-dns:bool=yes', {
    keys: [['interface']],
  }),
  menu('/ip/dns', 'servers:text allow-remote-requests:bool cache-size:text', { shape: 'single' }),
  menu('/ip/dns/static', 'name:text? address:text? disabled:bool=no ttl:time=1d', { keys: [['name', 'address']] }),
  menu('/queue/simple', 'name:text! target:prefixes! disabled:bool=no max-limit:rate=0/0 priority:text=8/8', {
    ordered: true,
  }),
];
