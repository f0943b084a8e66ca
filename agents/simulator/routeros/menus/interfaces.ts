import type { MenuKind } from '../menu-kind.ts';
import {
  bool,
  common,
  iface,
  list,
  named,
  number,
  oneOf,
  port,
  prefix,
  secret,
  text,
  time,
  uniqueName,
} from './properties.ts';

/** Interfaces, bridges, VLANs and tunnels, as RouterOS 7 has them (help.mikrotik.com has a page for each menu, under its name). */
export const interfacesMenus: readonly MenuKind[] = [
  {
    path: '/interface',
    properties: { ...named, ...common, mtu: { kind: number }, type: { kind: text }, 'default-name': { kind: text } },
    fixed: true,
  },
  {
    path: '/interface/ethernet',
    properties: { ...named, ...common, mtu: { kind: number, default: '1500' }, 'default-name': { kind: text } },
    fixed: true,
  },
  {
    path: '/interface/bridge',
    properties: {
      ...named,
      ...common,
      'vlan-filtering': { kind: bool, default: 'false' },
      'protocol-mode': { kind: oneOf('none', 'rstp', 'stp', 'mstp'), default: 'rstp' },
      pvid: { kind: { is: 'number', least: 1, most: 4094 }, default: '1' },
    },
    unique: uniqueName,
  },
  {
    path: '/interface/bridge/port',
    properties: {
      ...common,
      interface: { kind: iface, required: true },
      bridge: { kind: iface, required: true },
      pvid: { kind: { is: 'number', least: 1, most: 4094 }, default: '1' },
      'frame-types': {
        kind: oneOf('admit-all', 'admit-only-vlan-tagged', 'admit-only-untagged-and-priority-tagged'),
        default: 'admit-all',
      },
    },
    unique: { by: ['interface'], says: 'failure: device already added as bridge port' },
  },
  {
    path: '/interface/bridge/vlan',
    properties: {
      ...common,
      bridge: { kind: iface, required: true },
      'vlan-ids': { kind: text, required: true },
      tagged: { kind: list(iface), default: '' },
      untagged: { kind: list(iface), default: '' },
    },
  },
  {
    path: '/interface/vlan',
    properties: {
      ...named,
      ...common,
      interface: { kind: iface, required: true },
      'vlan-id': { kind: { is: 'number', least: 1, most: 4094 }, default: '1' },
      mtu: { kind: number, default: '1500' },
    },
    unique: uniqueName,
  },
  {
    path: '/interface/wireguard',
    properties: {
      ...named,
      ...common,
      'listen-port': { kind: port, default: '13231' },
      mtu: { kind: number, default: '1420' },
      'private-key': { kind: secret },
    },
    unique: uniqueName,
  },
  {
    path: '/interface/wireguard/peers',
    properties: {
      ...common,
      interface: { kind: iface, required: true },
      name: { kind: text, default: '' },
      'public-key': { kind: text, required: true },
      'preshared-key': { kind: secret },
      'allowed-address': { kind: list(prefix), default: '' },
      'endpoint-address': { kind: text, default: '' },
      'endpoint-port': { kind: port, default: '0' },
      'persistent-keepalive': { kind: time },
    },
    unique: { by: ['interface', 'public-key'], says: 'failure: peer with such public key already exists' },
  },
  {
    path: '/interface/list',
    properties: { ...named, comment: { kind: text } },
    unique: uniqueName,
  },
  {
    path: '/interface/list/member',
    properties: { ...common, list: { kind: text, required: true }, interface: { kind: iface, required: true } },
    unique: { by: ['list', 'interface'], says: 'failure: already have interface in such list' },
  },
];
