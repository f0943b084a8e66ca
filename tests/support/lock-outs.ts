import type { IntentDocument } from '../../src/domain/intent.ts';
import { documentOf, fragment, type RouterBench } from './router-bench.ts';

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

/** A change that cuts the way to a device, of each kind; numbers from 0 to 1 choose which. */
export function lockOut(bench: RouterBench, kind: LockOutKind, random: () => number = () => 0): LockOut {
  const one = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
  const number = (most: number): number => 1 + Math.floor(random() * most);
  const made = (device: string, [good, bad]: readonly [IntentDocument, IntentDocument]): LockOut => ({ kind, device, good, bad }); // prettier-ignore
  const row = (device: string, menu: string, of: Readonly<Record<string, string>>) => {
    const found = bench
      .rows(device, menu)
      .find((each) => Object.entries(of).every(([name, value]) => each[name] === value));
    if (found === undefined) throw new Error(`${device} has no such entry in ${menu}`);
    return found;
  };
  switch (kind) {
    case 'wrong VLAN': {
      const vlan = (id: string) =>
        documentOf(fragment('mgmt', '/interface/vlan', { name: 'vlan-mgmt', interface: 'bridge', 'vlan-id': id }));
      return made('ap-b-01', [vlan('99'), vlan(String(100 + number(3_000)))]);
    }
    case 'wrong address': {
      const device = 'rtr-c-01';
      const { address = '' } = row(device, '/ip/address', { interface: 'ether1' });
      const uplink = (value: string) => documentOf(fragment('uplink', '/ip/address', { address: value, interface: 'ether1' })); // prettier-ignore
      return made(device, [uplink(address), uplink(`172.30.${number(250)}.1/30`)]);
    }
    case 'firewall drop': {
      const device = one(['rtr-a-01', 'rtr-b-01', 'rtr-c-01', 'rtr-d-01']);
      const rest = one<Readonly<Record<string, string>>>([{}, { protocol: 'tcp' }, { protocol: 'tcp', 'dst-port': String(bench.backbone.ports.api) }, { 'src-address': '127.0.0.0/8' }]); // prettier-ignore
      const list = fragment('list', '/interface/list', { name: 'mgmt' });
      return made(device, [
        documentOf(list),
        documentOf(list, fragment('drop', '/ip/firewall/filter', { chain: 'input', action: one(['drop', 'reject']), ...rest })), // prettier-ignore
      ]);
    }
    case 'wrong gateway': {
      const device = 'rtr-c-01';
      const { gateway = '' } = row(device, '/ip/route', {});
      const route = (value: string) => documentOf(fragment('default', '/ip/route', { gateway: value }));
      return made(device, [route(gateway), route(`172.30.${number(250)}.1`)]);
    }
    case 'wrong tunnel key': {
      const device = 'rtr-d-01';
      const { name = '', 'private-key': own = '' } = row(device, '/interface/wireguard', {});
      const tunnel = (key: string) => documentOf(fragment('tunnel', '/interface/wireguard', { name, 'private-key': key }, ['private-key'])); // prettier-ignore
      return made(device, [tunnel(own), tunnel(Buffer.alloc(32, number(250)).toString('base64'))]);
    }
  }
}
