import type { MenuKind } from '../menu-kind.ts';
import { bool, common, named, oneOf, port, secret, text, time, uniqueName } from './properties.ts';

/** Identity, time, monitoring, logs, scripts and users, as RouterOS 7 has them (help.mikrotik.com has a page for each menu, under its name). */
export const systemMenus: readonly MenuKind[] = [
  {
    path: '/snmp',
    single: true,
    properties: {
      enabled: { kind: bool, default: 'false' },
      contact: { kind: text, default: '' },
      location: { kind: text, default: '' },
      'trap-target': { kind: text, default: '' },
      'trap-community': { kind: text, default: 'public' },
      'trap-version': { kind: oneOf('1', '2', '3'), default: '1' },
    },
  },
  {
    path: '/snmp/community',
    properties: {
      ...named,
      ...common,
      addresses: { kind: text, default: '::/0' },
      security: { kind: oneOf('none', 'authorized', 'private'), default: 'none' },
      'read-access': { kind: bool, default: 'true' },
      'write-access': { kind: bool, default: 'false' },
      'authentication-protocol': { kind: oneOf('MD5', 'SHA1'), default: 'MD5' },
      'authentication-password': { kind: secret, default: '' },
      'encryption-protocol': { kind: oneOf('DES', 'AES'), default: 'DES' },
      'encryption-password': { kind: secret, default: '' },
    },
    unique: uniqueName,
  },
  { path: '/system/identity', single: true, properties: { name: { kind: { is: 'text', longest: 64 }, default: 'MikroTik' } } }, // prettier-ignore
  {
    path: '/system/clock',
    single: true,
    properties: {
      'time-zone-autodetect': { kind: bool, default: 'true' },
      'time-zone-name': { kind: text, default: 'Asia/Makassar' },
    },
  },
  {
    path: '/system/ntp/client',
    single: true,
    properties: {
      enabled: { kind: bool, default: 'false' },
      mode: { kind: oneOf('unicast', 'broadcast', 'manycast', 'multicast'), default: 'unicast' },
      servers: { kind: text, default: '' },
    },
  },
  { path: '/system/note', single: true, properties: { note: { kind: text, default: '' }, 'show-at-login': { kind: bool, default: 'true' } } }, // prettier-ignore
  {
    path: '/system/logging',
    properties: { ...common, topics: { kind: text, default: 'info' }, action: { kind: text, default: 'memory' }, prefix: { kind: text, default: '' } }, // prettier-ignore
  },
  {
    path: '/system/logging/action',
    properties: {
      ...named,
      target: { kind: oneOf('disk', 'echo', 'email', 'memory', 'remote'), default: 'memory' },
      remote: { kind: text },
      'remote-port': { kind: port },
      'bsd-syslog': { kind: bool },
      'syslog-facility': { kind: text },
    },
    unique: uniqueName,
  },
  {
    path: '/system/scheduler',
    properties: {
      ...named,
      ...common,
      'start-date': { kind: text },
      'start-time': { kind: text, default: 'startup' },
      interval: { kind: time, default: '0s' },
      'on-event': { kind: text, default: '' },
      policy: { kind: text, default: 'ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon' },
    },
    unique: { by: ['name'], says: 'failure: item with this name already exists' },
  },
  {
    path: '/system/script',
    properties: {
      ...named,
      source: { kind: text, default: '' },
      comment: { kind: text },
      policy: { kind: text, default: 'ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon' },
      'dont-require-permissions': { kind: bool, default: 'false' },
    },
    unique: { by: ['name'], says: 'failure: script with this name already exists' },
  },
  {
    path: '/user',
    properties: {
      ...named,
      ...common,
      group: { kind: text, required: true },
      password: { kind: secret },
      address: { kind: text, default: '' },
    },
    unique: { by: ['name'], says: 'failure: user with the same name already exisits' },
  },
  {
    path: '/user/group',
    properties: { ...named, policy: { kind: text, default: '' }, comment: { kind: text } },
    unique: uniqueName,
  },
  {
    path: '/user/ssh-keys',
    properties: {
      user: { kind: text, required: true },
      key: { kind: text, required: true },
      'key-owner': { kind: text },
    },
  },
  { path: '/file', fixed: true, properties: { name: { kind: text }, contents: { kind: text } } },
  {
    path: '/log',
    readOnly: true,
    properties: { time: { kind: text }, topics: { kind: text }, message: { kind: text } },
  },
  { path: '/system/resource', single: true, readOnly: true, properties: {} },
  { path: '/system/routerboard', single: true, readOnly: true, properties: {} },
  { path: '/system/license', single: true, readOnly: true, properties: {} },
];
