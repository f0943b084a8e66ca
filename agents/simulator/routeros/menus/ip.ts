import type { MenuKind } from '../menu-kind.ts';
import {
  actions,
  address,
  bool,
  common,
  iface,
  list,
  match,
  named,
  number,
  oneOf,
  port,
  prefix,
  text,
  time,
  uniqueName,
} from './properties.ts';

/** Addresses, routes, services to clients, the firewall, routing and queues, as RouterOS 7 has them (help.mikrotik.com has a page for each menu, under its name). */
export const ipMenus: readonly MenuKind[] = [
  {
    path: '/ip/address',
    properties: { ...common, address: { kind: prefix, required: true }, interface: { kind: iface, required: true } },
    unique: { by: ['address', 'interface'], says: 'failure: already have such address' },
  },
  {
    path: '/ip/route',
    properties: {
      ...common,
      'dst-address': { kind: prefix, default: '0.0.0.0/0' },
      gateway: { kind: text },
      distance: { kind: { is: 'number', least: 1, most: 255 }, default: '1' },
      'routing-table': { kind: text, default: 'main' },
      blackhole: { kind: bool },
    },
  },
  {
    path: '/ip/pool',
    properties: { ...named, ranges: { kind: text, required: true }, comment: { kind: text } },
    unique: { by: ['name'], says: 'failure: pool with such name exists' },
  },
  {
    path: '/ip/dhcp-server',
    properties: {
      ...named,
      ...common,
      interface: { kind: iface, required: true },
      'address-pool': { kind: text, default: 'static-only' },
      'lease-time': { kind: time, default: '30m' },
    },
    unique: uniqueName,
  },
  {
    path: '/ip/dhcp-server/network',
    properties: {
      address: { kind: prefix, required: true },
      gateway: { kind: text, default: '' },
      'dns-server': { kind: text, default: '' },
      domain: { kind: text, default: '' },
      comment: { kind: text },
    },
    unique: { by: ['address'], says: 'failure: network with such address already exists' },
  },
  {
    path: '/ip/dhcp-server/lease',
    properties: {
      ...common,
      address: { kind: address, required: true },
      'mac-address': { kind: { is: 'mac' } },
      server: { kind: text, default: 'all' },
    },
  },
  {
    path: '/ip/dhcp-client',
    properties: {
      ...common,
      interface: { kind: iface, required: true },
      'add-default-route': { kind: oneOf('yes', 'no', 'special-classless'), default: 'yes' },
      'use-peer-dns': { kind: oneOf('yes', 'no', 'exclusively'), default: 'yes' },
    },
    unique: { by: ['interface'], says: 'failure: dhcp-client on that interface already exists' },
  },
  {
    path: '/ip/dns',
    single: true,
    properties: {
      servers: { kind: text, default: '' },
      'allow-remote-requests': { kind: bool, default: 'false' },
      'cache-size': { kind: number, default: '2048' },
    },
  },
  {
    path: '/ip/dns/static',
    properties: { ...common, name: { kind: text }, address: { kind: address }, ttl: { kind: time, default: '1d' } },
  },
  { path: '/ip/firewall/filter', ordered: true, properties: { ...common, ...match, ...actions('accept', 'drop', 'reject', 'fasttrack-connection', 'jump', 'log', 'return', 'passthrough') } }, // prettier-ignore
  { path: '/ip/firewall/nat', ordered: true, properties: { ...common, ...match, ...actions('accept', 'masquerade', 'src-nat', 'dst-nat', 'redirect', 'jump', 'return', 'log'), 'to-addresses': { kind: text }, 'to-ports': { kind: text } } }, // prettier-ignore
  { path: '/ip/firewall/mangle', ordered: true, properties: { ...common, ...match, ...actions('accept', 'mark-connection', 'mark-packet', 'mark-routing', 'change-mss', 'jump', 'return'), 'new-connection-mark': { kind: text }, 'new-packet-mark': { kind: text }, 'new-mss': { kind: text }, passthrough: { kind: bool, default: 'true' } } }, // prettier-ignore
  {
    path: '/ip/firewall/address-list',
    properties: { ...common, list: { kind: text, required: true }, address: { kind: text, required: true } },
    unique: { by: ['list', 'address'], says: 'failure: already have such entry' },
  },
  {
    path: '/ip/service',
    fixed: true,
    properties: {
      name: { kind: text },
      port: { kind: port },
      disabled: { kind: bool, default: 'false' },
      address: { kind: text, default: '' },
      certificate: { kind: text },
    },
  },
  {
    path: '/routing/ospf/instance',
    properties: {
      ...named,
      ...common,
      version: { kind: oneOf('2', '3'), default: '2' },
      'router-id': { kind: text, default: 'main' },
      redistribute: { kind: text, default: '' },
    },
    unique: uniqueName,
  },
  {
    path: '/routing/ospf/area',
    properties: {
      ...named,
      ...common,
      instance: { kind: text, required: true },
      'area-id': { kind: address, default: '0.0.0.0' },
      type: { kind: oneOf('default', 'stub', 'nssa'), default: 'default' },
    },
    unique: uniqueName,
  },
  {
    path: '/routing/ospf/interface-template',
    properties: {
      ...common,
      area: { kind: text, required: true },
      interfaces: { kind: list(iface) },
      networks: { kind: list(prefix) },
      cost: { kind: { is: 'number', least: 1, most: 65_535 }, default: '1' },
      type: { kind: oneOf('broadcast', 'ptp', 'ptmp', 'nbma', 'virtual-link'), default: 'broadcast' },
      passive: { kind: bool },
    },
  },
  {
    path: '/queue/simple',
    ordered: true,
    properties: {
      ...named,
      ...common,
      target: { kind: text, required: true },
      'max-limit': { kind: text, default: '0/0' },
      priority: { kind: text, default: '8/8' },
    },
    unique: uniqueName,
  },
];
