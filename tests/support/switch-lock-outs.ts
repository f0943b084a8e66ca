import type { IntentDocument } from '../../src/domain/intent.ts';
import { fragment } from './device-bench.ts';
import { cliDocument, switches, type SwitchBench } from './switch-bench.ts';

export const switchLockOutKinds = [
  'wrong VLAN',
  'wrong address',
  'wrong gateway',
  'uplink shut down',
  'VLAN removed',
] as const;
export type SwitchLockOutKind = (typeof switchLockOutKinds)[number];

export interface SwitchLockOut {
  readonly kind: SwitchLockOutKind;
  readonly device: string;
  /** What the device is, as a document that adopts it. */
  readonly good: IntentDocument;
  /** The same with the mistake in it. */
  readonly bad: IntentDocument;
}

const cisco = {
  uplink: 'interface GigabitEthernet1/0/1',
  allowed: 'switchport.trunk.allowed.vlan',
  list: '10,99',
  management: 'interface Vlan99',
  gateway: (address: string) => ({ 'ip.default-gateway': address }),
  vlans: ['vlan 99', { name: 'MANAJEMEN' }, null],
} as const;

/** Where each command line says what the mistakes are about. */
const words = {
  [switches.vrp]: {
    uplink: 'interface GigabitEthernet0/0/1',
    allowed: 'port.trunk.allow-pass.vlan',
    list: '10\n99',
    management: 'interface Vlanif99',
    gateway: (address: string) => ({ 'ip.route-static': `0.0.0.0 0.0.0.0 ${address}` }),
    vlans: ['global', { 'vlan.batch': '10\n99' }, { 'vlan.batch': '10' }],
  },
  [switches.business]: {
    uplink: 'interface GigabitEthernet1',
    allowed: 'switchport.trunk.allowed.vlan',
    list: '10,99',
    management: 'interface vlan 99',
    gateway: (address: string) => ({ 'ip.default-gateway': address }),
    vlans: ['vlan database', { vlan: '10\n99' }, { vlan: '10' }],
  },
  [switches.ios]: cisco,
  [switches.noName]: cisco,
} as const;

/** A change that cuts the way to a switch, of each kind; numbers from 0 to 1 choose which. */
export function switchLockOut(
  bench: SwitchBench,
  kind: SwitchLockOutKind,
  random: () => number = () => 0,
): SwitchLockOut {
  const names = Object.values(switches);
  const device = names[Math.floor(random() * names.length)] ?? switches.vrp;
  const number = (most: number): number => 1 + Math.floor(random() * most);
  const { uplink, allowed, list, management, gateway, vlans } = words[device];
  const shown = bench.shown(device);
  const way = /(?:0\.0\.0\.0 0\.0\.0\.0|default-gateway) (\S+)/.exec(shown)?.[1] ?? '';
  const [vlanSection, allVlans, fewerVlans] = vlans;
  const good = [
    fragment('uplink', uplink, { [allowed]: list, shutdown: 'no' }),
    fragment('management', management, { 'ip.address': `${bench.backbone.addressOf(device)} 255.255.255.0` }),
    fragment('gateway', 'global', gateway(way)),
    fragment('vlans', vlanSection, allVlans),
  ];
  const wrong: Readonly<Record<SwitchLockOutKind, readonly [string, Readonly<Record<string, string>> | null]>> = {
    'wrong VLAN': ['uplink', { [allowed]: String(10 + number(80)) }],
    'wrong address': ['management', { 'ip.address': `10.99.${number(250)}.1 255.255.255.0` }],
    'wrong gateway': ['gateway', gateway(`10.99.${number(250)}.254`)],
    'uplink shut down': ['uplink', { shutdown: 'yes' }],
    'VLAN removed': ['vlans', fewerVlans],
  };
  const [key, values] = wrong[kind];
  const bad = good.flatMap((one) =>
    one.key !== key ? [one] : values === null ? [] : [{ ...one, values: { ...one.values, ...values } }],
  );
  return { kind, device, good: cliDocument(...good), bad: cliDocument(...bad) };
}
