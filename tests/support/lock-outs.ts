import type { IntentDocument } from '../../src/domain/intent.ts';
import { documentOf, fragment, type RouterBench } from './router-bench.ts';

/** Where mistakes are made: what stands on its devices, and its ports. */
type Place = Pick<RouterBench, 'rows' | 'backbone'>;

export const lockOutKinds = [
  'wrong VLAN',
  'wrong address',
  'firewall drop',
  'wrong gateway',
  'wrong tunnel key',
] as const;
export type LockOutKind = (typeof lockOutKinds)[number];

export interface LockOut {
  readonly kind: LockOutKind;
  readonly device: string;
  /** What the device is, as a document that adopts it. */
  readonly good: IntentDocument;
  /** The same with the mistake in it. */
  readonly bad: IntentDocument;
}

/** What a device is now, of what the mistakes are about: a document that adopts it and changes nothing. */
function asItIs(bench: Place, device: string): IntentDocument {
  const rows = (menu: string) => bench.rows(device, menu);
  return documentOf(
    fragment('list', '/interface/list', { name: 'mgmt' }),
    ...rows('/interface/vlan').map(({ name = '', interface: on = '', 'vlan-id': id = '' }) => fragment(`vlan-${name}`, '/interface/vlan', { name, interface: on, 'vlan-id': id })), // prettier-ignore
    ...rows('/interface/wireguard').map(({ name = '', 'private-key': key = '' }) => fragment('tunnel', '/interface/wireguard', { name, 'private-key': key }, ['private-key'])), // prettier-ignore
    ...rows('/ip/address')
      .filter(({ interface: on }) => on === 'ether1')
      .map(({ address = '', interface: on = '' }) => fragment('uplink', '/ip/address', { address, interface: on })),
    ...rows('/ip/route').map(({ gateway = '', distance = '' }, at) => fragment(`way-${at}`, '/ip/route', { gateway, distance })), // prettier-ignore
  );
}

/** A change that cuts the way to a device, of each kind; numbers from 0 to 1 choose which. */
export function lockOut(bench: Place, kind: LockOutKind, random: () => number = () => 0): LockOut {
  const one = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
  const number = (most: number): number => 1 + Math.floor(random() * most);
  const wrong = (device: string, key: string, values: Readonly<Record<string, string>>): LockOut => {
    const good = asItIs(bench, device);
    if (!good.fragments.some((each) => each.key === key)) throw new Error(`${device} has no ${key} to get wrong`);
    const bad = good.fragments.map((each) => (each.key === key ? { ...each, values: { ...each.values, ...values } } : each)); // prettier-ignore
    return { kind, device, good, bad: documentOf(...bad) };
  };
  switch (kind) {
    case 'wrong VLAN':
      return wrong('ap-b-01', 'vlan-vlan-mgmt', { 'vlan-id': String(100 + number(3_000)) });
    case 'wrong address':
      return wrong('rtr-c-01', 'uplink', { address: `172.30.${number(250)}.1/30` });
    case 'wrong gateway':
      return wrong('rtr-c-01', 'way-0', { gateway: `172.30.${number(250)}.1` });
    case 'wrong tunnel key':
      return wrong('rtr-d-01', 'tunnel', { 'private-key': Buffer.alloc(32, number(250)).toString('base64') });
    case 'firewall drop': {
      const device = one(['rtr-a-01', 'rtr-b-01', 'rtr-c-01', 'rtr-d-01']);
      const good = asItIs(bench, device);
      const rest = one<Readonly<Record<string, string>>>([{}, { protocol: 'tcp' }, { protocol: 'tcp', 'dst-port': `${bench.backbone.ports.www},${bench.backbone.ports.api}` }, { 'src-address': '127.0.0.0/8' }]); // prettier-ignore
      const drop = fragment('drop', '/ip/firewall/filter', {
        chain: 'input',
        action: one(['drop', 'reject']),
        ...rest,
      });
      return { kind, device, good, bad: documentOf(...good.fragments, drop) };
    }
  }
}
