import { Type, type Static } from 'typebox';
import type { AgentId, CredentialId, DeviceId, InterfaceId, SiteId } from './ids.ts';

export const deviceRoles = ['router', 'switch', 'access-point', 'radio', 'server', 'ups', 'terminal'] as const;
export type DeviceRole = (typeof deviceRoles)[number];

/** How an Agent talks to a device to see whether it lives. */
export const managementProtocols = ['snmp', 'mqtt', 'none'] as const;
export type ManagementProtocol = (typeof managementProtocols)[number];

export const Device = Type.Object({
  id: Type.Unsafe<DeviceId>(Type.String()),
  name: Type.String({
    minLength: 1,
    maxLength: 80,
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    examples: ['rtr-kahu-01'],
  }),
  siteId: Type.Unsafe<SiteId>(Type.String()),
  role: Type.Unsafe<DeviceRole>(Type.Enum([...deviceRoles])),
  /** A site's state is its gateways': the devices that carry its uplinks. */
  gateway: Type.Boolean(),
  protocol: Type.Unsafe<ManagementProtocol>(Type.Enum([...managementProtocols])),
  /** IPv4 or IPv6 address of the management interface; empty for a device that speaks to us (MQTT). */
  address: Type.String({ maxLength: 45, examples: ['10.73.2.17'] }),
  port: Type.Integer({ minimum: 0, maximum: 65535, description: 'UDP or TCP port; 0 means the protocol’s own.' }),
  credentialId: Type.Union([Type.Unsafe<CredentialId>(Type.String()), Type.Null()]),
  managementCredentialId: Type.Union([Type.Unsafe<CredentialId>(Type.String()), Type.Null()], {
    description: 'What opens it to be configured; null while it is not.',
  }),
  managementPort: Type.Integer({
    minimum: 0,
    maximum: 65535,
    description: 'TCP port at which it is configured; 0 means the driver’s own.',
  }),
  /** Name of the profile that reads it (`mikrotik/routeros`); null until it was recognised. */
  profile: Type.Union([Type.String(), Type.Null()]),
  vendor: Type.String({ maxLength: 80 }),
  model: Type.String({ maxLength: 120 }),
  /** Serial number; for a terminal that speaks MQTT it is the name of its topics. */
  serial: Type.String({ maxLength: 80 }),
  firmware: Type.String({ maxLength: 120 }),
  agentId: Type.Unsafe<AgentId>(Type.String()),
  tags: Type.Array(Type.String({ maxLength: 60 })),
  managedBy: Type.String(),
});
export type Device = Static<typeof Device>;

/** An interface (RFC 2863 ifEntry) of a device. Identity follows ifName and MAC; the ifIndex is where it was last seen. */
export const Interface = Type.Object({
  id: Type.Unsafe<InterfaceId>(Type.String()),
  deviceId: Type.Unsafe<DeviceId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 120, examples: ['sfp-sfpplus1'] }),
  /** ifAlias or a person's words. */
  description: Type.String({ maxLength: 255 }),
  /** Lower-case, colons; empty where the device has none. */
  mac: Type.String({ maxLength: 17 }),
  /** ifIndex at the last identification; null before the first. */
  ifIndex: Type.Union([Type.Integer(), Type.Null()]),
  /** IANAifType number; null before the first identification. */
  ifType: Type.Union([Type.Integer(), Type.Null()]),
  /** Nominal speed in bits per second; null where unknown. */
  speedBps: Type.Union([Type.Number(), Type.Null()]),
  /** True once the device itself has shown it; false while only the inventory says so. */
  seen: Type.Boolean(),
});
export type Interface = Static<typeof Interface>;

/** What a credential opens. The secret part never leaves the vault through any API. */
export const credentialKinds = ['snmp-v1', 'snmp-v2c', 'snmp-v3', 'routeros', 'ssh', 'zkteco', 'mqtt'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

export const Credential = Type.Object({
  id: Type.Unsafe<CredentialId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 80, examples: ['snmp-bone'] }),
  kind: Type.Unsafe<CredentialKind>(Type.Enum([...credentialKinds])),
  /** The part that is no secret: user name, SNMPv3 level and protocols. */
  user: Type.String({ maxLength: 120 }),
});
export type Credential = Static<typeof Credential>;

/** The sealed part, by kind. Exists in memory only, on its way to a socket. */
export type CredentialSecret =
  | { readonly kind: 'snmp-v1' | 'snmp-v2c'; readonly community: string }
  | {
      readonly kind: 'snmp-v3';
      readonly user: string;
      readonly level: 'noAuthNoPriv' | 'authNoPriv' | 'authPriv';
      readonly authProtocol?: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
      readonly authKey?: string;
      readonly privProtocol?: 'aes128' | 'aes192' | 'aes256' | 'aes192c' | 'aes256c';
      readonly privKey?: string;
    }
  | { readonly kind: 'routeros' | 'ssh'; readonly user: string; readonly password: string }
  | { readonly kind: 'zkteco'; readonly commKey: number }
  | { readonly kind: 'mqtt'; readonly user: string; readonly password: string };
