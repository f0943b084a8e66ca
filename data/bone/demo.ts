import { readFileSync } from 'node:fs';
import type { InventoryDocument } from '../../src/inventory/document.ts';
import type { CredentialKind } from '../../src/domain/device.ts';

type DocumentDevice = NonNullable<InventoryDocument['devices']>[number];

export interface DemoOptions {
  /** UDP port of every simulated SNMP agent; unprivileged, so that the demo runs as a plain user. */
  readonly port?: number;
  /** TCP port at which every simulated router is configured; without one none is. */
  readonly managementPort?: number;
  /** TCP port of SSH at which every simulated switch is configured; without one none is. */
  readonly switchPort?: number;
  /** TCP port at which every simulated attendance terminal is configured; without one none is. */
  readonly terminalPort?: number;
  /** Where a device is reached; by default its own address in 127.0.0.0/8. */
  readonly addressOf?: (device: DocumentDevice) => string;
  /** The secret of each credential (community, password), made by who creates the demo; none is in the project. */
  readonly secretFor: (credential: {
    readonly name: string;
    readonly kind: CredentialKind;
    readonly user: string;
  }) => string;
  /** So many SNMP devices of each maker are read over SNMPv3; 0 by default. */
  readonly usersPerMaker?: number;
}

const userCredential = 'snmp-bone-v3';
const routerCredential = 'routeros-bone';
const switchCredential = 'ssh-bone';
const terminalCredential = 'zkteco-bone';
/** Makers of switches whose command line the simulator plays. */
const switchMakers: ReadonlySet<string | undefined> = new Set(['Cisco', 'Huawei', 'TP-Link']);

/**
 * Bone's inventory as the demo imports it and the simulator plays it: loopback addresses (10.73.2.1 is 127.73.2.1, so
 * none is 127.0.0.1), one port for all, and secrets.
 */
export function demoDocument(options: DemoOptions): InventoryDocument {
  const document = readInventory();
  const { managementPort, switchPort, terminalPort } = options;
  const port = options.port ?? 10161;
  const addressOf = options.addressOf ?? loopbackOf;
  const byUser = lastOfEachMaker(document, options.usersPerMaker ?? 0);
  return {
    ...document,
    credentials: [
      ...(document.credentials ?? []).map((credential) => ({
        ...credential,
        secret: options.secretFor({ name: credential.name, kind: credential.kind, user: credential.user ?? '' }),
      })),
      ...(byUser.size === 0 ? [] : [userOf(options)]),
      ...(managementPort === undefined ? [] : [managementUserOf(routerCredential, 'routeros', options)]),
      ...(switchPort === undefined ? [] : [managementUserOf(switchCredential, 'ssh', options)]),
      ...(terminalPort === undefined ? [] : [managementUserOf(terminalCredential, 'zkteco', options)]),
    ],
    devices: (document.devices ?? []).map((device, index) =>
      device.protocol === 'snmp'
        ? {
            ...device,
            address: addressOf(device),
            port,
            ...(byUser.has(device.name) && { credential: userCredential }),
            ...(managementPort !== undefined &&
              device.vendor === 'MikroTik' && { managementCredential: routerCredential, managementPort }),
            ...(switchPort !== undefined &&
              device.role === 'switch' &&
              switchMakers.has(device.vendor) && {
                managementCredential: switchCredential,
                managementPort: switchPort,
              }),
          }
        : terminalPort !== undefined && device.role === 'terminal'
          ? {
              ...device,
              address: terminalAddress(index),
              managementCredential: terminalCredential,
              managementPort: terminalPort,
            }
          : device,
    ),
    services: (document.services ?? []).map((service, index) => {
      const host = (document.devices ?? []).find((device) => device.name === service.device);
      if (host === undefined) return service;
      const url = `http://${addressOf(host)}:${port + index}/`;
      // A page that takes longer than this keeps people waiting.
      return { ...service, url, checks: [{ kind: 'http', contains: service.name, slowMs: 2_000 }] };
    }),
  };
}

function userOf({ secretFor }: DemoOptions): NonNullable<InventoryDocument['credentials']>[number] {
  const kind = 'snmp-v3';
  const user = 'arung';
  const key = (name: string) => secretFor({ name, kind, user });
  return {
    name: userCredential,
    kind,
    user,
    secret: {
      authProtocol: 'sha256',
      authKey: key(`${userCredential} auth`),
      privProtocol: 'aes128',
      privKey: key(`${userCredential} priv`),
    },
  };
}

function managementUserOf(
  name: string,
  kind: CredentialKind,
  { secretFor }: DemoOptions,
): NonNullable<InventoryDocument['credentials']>[number] {
  const user = kind === 'zkteco' ? '' : 'arung';
  return { name, kind, user, secret: secretFor({ name, kind, user }) };
}

/** Terminals tell their address to nobody; in the demo each has one of its own, beside those of the other devices. */
function terminalAddress(index: number): string {
  return `127.84.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}

/** Names of the last SNMP devices of each maker. */
function lastOfEachMaker({ devices = [] }: InventoryDocument, count: number): ReadonlySet<string> {
  const makers = Map.groupBy(
    devices.filter((device) => device.protocol === 'snmp'),
    (device) => device.vendor ?? '',
  );
  return new Set([...makers.values()].flatMap((made) => made.slice(made.length - count).map((device) => device.name)));
}

/** The committed inventory, as it is. */
export function readInventory(): InventoryDocument {
  return JSON.parse(readFileSync(new URL('inventory.json', import.meta.url), 'utf8')) as InventoryDocument;
}

function loopbackOf(device: DocumentDevice): string {
  return (device.address ?? '').replace(/^10\./, '127.');
}
