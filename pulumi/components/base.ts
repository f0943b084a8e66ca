import type * as pulumi from '@pulumi/pulumi';
import type { Fragment } from '../arung/staged.ts';
import { each, fragment, keyOf } from './values.ts';

type Text = pulumi.Input<string>;

/** Somebody who may sign in at a router. */
export interface RouterUser {
  readonly name: string;
  /** `full`, `write`, `read`, or a group of the router. */
  readonly group: string;
  /** A secret of the program, or `{{variable:NAME}}`. */
  readonly password: Text;
  /** From where: networks. Everywhere without. */
  readonly addresses?: readonly string[];
  /** Public keys, as in `authorized_keys`. */
  readonly sshKeys?: readonly string[];
}

/** What every router has, whatever it carries. */
export interface BaseArgs {
  /** Name that the router shows; its name in Arung without. */
  readonly identity?: string;
  /** IANA name; `Asia/Makassar` without. */
  readonly timeZone?: string;
  readonly ntpServers?: readonly string[];
  /** Where the router, and what it serves, asks for names. */
  readonly dnsServers?: readonly string[];
  readonly snmp?: {
    /** A secret of the program, or `{{variable:NAME}}`. What is there already stays without it. */
    readonly community?: Text;
    /** Networks that may ask. */
    readonly from?: readonly string[];
    readonly contact?: string;
    readonly location?: string;
  };
  readonly users?: readonly RouterUser[];
  /** Services of the router that are switched off; `telnet` and `ftp` without. */
  readonly servicesOff?: readonly string[];
  /**
   * Who hears the log, Arung first of all: from `system` it knows that a hand has changed something, and looks. What is sent
   * there, without `topics`: errors, warnings, sign-ins and changes.
   */
  readonly logging?: { readonly remote: string; readonly port?: number; readonly topics?: readonly string[] };
  /** A copy of its configuration on the router itself, each night at this time (`02:30:00`). */
  readonly nightlyBackupAt?: string;
}

/** Identity, time, SNMP, users and keys, services, logs, the nightly copy. */
export function baseFragments(device: string, args: BaseArgs): Fragment[] {
  const { ntpServers = [], dnsServers = [], snmp, logging, nightlyBackupAt } = args;
  const servicesOff = args.servicesOff ?? ['telnet', 'ftp'];
  return [
    fragment('identity', '/system/identity', { name: args.identity ?? device }),
    fragment('clock', '/system/clock', {
      'time-zone-name': args.timeZone ?? 'Asia/Makassar',
      'time-zone-autodetect': false,
    }),
    ...(ntpServers.length === 0 ? [] : [fragment('ntp', '/system/ntp/client', { enabled: true, servers: [...ntpServers] })]),
    ...(dnsServers.length === 0 ? [] : [fragment('dns', '/ip/dns', { servers: [...dnsServers], 'allow-remote-requests': true })]),
    ...(snmp === undefined ? [] : snmpFragments(snmp)),
    ...each(args.users, ({ name, group, password, addresses = [], sshKeys = [] }) => [
      fragment(`user-${keyOf(name)}`, '/user', { name, group, password, ...(addresses.length === 0 ? {} : { address: [...addresses] }) }),
      ...sshKeys.map((key, at) => fragment(`user-${keyOf(name)}-key-${at + 1}`, '/user/ssh-keys', { user: name, key })),
    ]),
    ...servicesOff.map((name) => fragment(`service-${name}`, '/ip/service', { name, disabled: true })),
    ...(logging === undefined ? [] : loggingFragments(logging)),
    ...(nightlyBackupAt === undefined
      ? []
      : [
          fragment('nightly-backup', '/system/scheduler', {
            name: 'nightly-backup',
            'start-time': nightlyBackupAt,
            interval: '1d',
            'on-event': '/system/backup/save name=nightly dont-encrypt=yes',
          }),
        ]),
  ]; // prettier-ignore
}

function snmpFragments({ community, from, contact, location }: NonNullable<BaseArgs['snmp']>): Fragment[] {
  return [
    fragment('snmp', '/snmp', {
      enabled: true,
      ...(contact === undefined ? {} : { contact }),
      ...(location === undefined ? {} : { location }),
    }),
    ...(community === undefined
      ? []
      : [fragment('snmp-community', '/snmp/community', { name: community, ...(from === undefined ? {} : { addresses: [...from] }) })]), // prettier-ignore
  ];
}

function loggingFragments({
  remote,
  port = 514,
  topics = ['error', 'warning', 'account', 'system'],
}: NonNullable<BaseArgs['logging']>): Fragment[] {
  return [
    fragment('log-arung', '/system/logging/action', {
      name: 'arung',
      target: 'remote',
      remote,
      'remote-port': port,
    }),
    ...topics.map((topic) => fragment(`log-${keyOf(topic)}`, '/system/logging', { topics: topic, action: 'arung' })),
  ];
}
