import { createSocket } from 'node:dgram';
import { inventoryOf } from './inventory.ts';
import type { Inventory, Medium } from './inventory.ts';

/** A small network for tests, with every kind of device; not part of the running simulator. */
export interface Small {
  readonly inventory: Inventory;
  readonly document: Record<string, unknown>;
  readonly port: number;
  addressOf(device: string): string;
}

const devices: readonly (readonly [name: string, site: string, role: string, vendor: string, model: string])[] = [
  ['rtr-dc-01', 'dc', 'router', 'MikroTik', 'CCR2216-1G-12XS-2XQ'],
  ['srv-app-01', 'dc', 'server', 'Dell', 'PowerEdge R650xs'],
  ['rtr-a-01', 'a', 'router', 'MikroTik', 'CCR2004-1G-12S+2XS'],
  ['sw-a-01', 'a', 'switch', 'Huawei', 'S5735-L24T4X-A1'],
  ['ups-a-01', 'a', 'ups', 'APC', 'SMT1500RMI2UC'],
  ['rtr-b-01', 'b', 'router', 'MikroTik', 'RB5009UG+S+IN'],
  ['sw-b-01', 'b', 'switch', 'Cisco', 'CBS350-24T-4G'],
  ['rtr-c-01', 'c', 'router', 'MikroTik', 'RB760iGS'],
  ['sw-c-01', 'c', 'switch', 'TP-Link', 'TL-SG2008'],
  ['abs-c-01', 'c', 'terminal', 'Solution', 'X606-S'],
  ['rtr-d-01', 'd', 'router', 'MikroTik', 'RBLtAP-2HnD'],
  ['sw-d-01', 'd', 'switch', 'TP-Link', 'TL-SG2008'],
  ['abs-d-01', 'd', 'terminal', 'ZKTeco', 'MB20-VL'],
  ['ap-b-01', 'b', 'access-point', 'MikroTik', 'cAPGi-5HaxD2HaxD'],
];

const ports: Readonly<Record<string, readonly string[]>> = {
  'rtr-dc-01': ['sfp28-1', 'sfp28-2', 'ether1', 'ether2', 'l2tp-d'],
  'srv-app-01': ['eno1'],
  'rtr-a-01': ['sfp-sfpplus1', 'sfp-sfpplus2', 'ether1'],
  'sw-a-01': [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `GigabitEthernet0/0/${n}`),
  'ups-a-01': ['vmac0'],
  'rtr-b-01': ['sfp-sfpplus1', 'ether1', 'ether2', 'ether3', 'ether4'],
  'sw-b-01': Array.from({ length: 28 }, (_, i) => `gi${i + 1}`),
  'rtr-c-01': ['sfp1', 'ether1', 'ether2'],
  'sw-c-01': Array.from({ length: 8 }, (_, i) => `gigabitEthernet 1/0/${i + 1}`),
  'abs-c-01': ['eth0'],
  'rtr-d-01': ['ether1', 'wlan1', 'lte1'],
  'sw-d-01': Array.from({ length: 8 }, (_, i) => `gigabitEthernet 1/0/${i + 1}`),
  'abs-d-01': ['eth0'],
  'ap-b-01': ['ether1', 'wifi1', 'wifi2'],
};

/** dc–a–b–dc is a ring of fibre; c hangs on b by radio, d on the data centre by mobile network. */
const links: readonly (readonly [name: string, a: string, b: string, medium: Medium, capacityBps: number])[] = [
  ['dc--a', 'rtr-dc-01:sfp28-1', 'rtr-a-01:sfp-sfpplus1', 'fibre', 10e9],
  ['dc--b', 'rtr-dc-01:sfp28-2', 'rtr-b-01:sfp-sfpplus1', 'fibre', 1e9],
  ['a--b', 'rtr-a-01:sfp-sfpplus2', 'rtr-b-01:ether4', 'fibre', 1e9],
  ['dc--srv', 'rtr-dc-01:ether1', 'srv-app-01:eno1', 'copper', 1e9],
  ['rtr-a--sw-a', 'rtr-a-01:ether1', 'sw-a-01:GigabitEthernet0/0/1', 'copper', 1e9],
  ['sw-a--ups-a', 'sw-a-01:GigabitEthernet0/0/2', 'ups-a-01:vmac0', 'copper', 1e8],
  ['rtr-b--sw-b', 'rtr-b-01:ether1', 'sw-b-01:gi1', 'copper', 1e9],
  ['sw-b--ap-b', 'sw-b-01:gi2', 'ap-b-01:ether1', 'copper', 1e9],
  ['b--c', 'rtr-b-01:ether2', 'rtr-c-01:ether1', 'radio', 2e8],
  ['rtr-c--sw-c', 'rtr-c-01:ether2', 'sw-c-01:gigabitEthernet 1/0/1', 'copper', 1e9],
  ['sw-c--abs-c', 'sw-c-01:gigabitEthernet 1/0/2', 'abs-c-01:eth0', 'copper', 1e8],
  ['dc--d', 'rtr-dc-01:l2tp-d', 'rtr-d-01:lte1', '4g', 2e7],
  ['rtr-d--sw-d', 'rtr-d-01:ether1', 'sw-d-01:gigabitEthernet 1/0/1', 'copper', 1e9],
  ['sw-d--abs-d', 'sw-d-01:gigabitEthernet 1/0/2', 'abs-d-01:eth0', 'copper', 1e8],
];

/** Each caller gets addresses of its own, so that test files can run beside each other. */
export async function smallInventory(net: number): Promise<Small> {
  const port = await freeUdpPort();
  const addressOf = (name: string) => `127.74.${net}.${devices.findIndex(([device]) => device === name) + 1}`;
  const document = {
    format: 'arung-inventory/1',
    credentials: [
      { name: 'snmp', kind: 'snmp-v2c', secret: 'rahasia' },
      { name: 'mqtt-c', kind: 'mqtt', user: 'TERM-C', secret: 'pw-c' },
      { name: 'mqtt-d', kind: 'mqtt', user: 'TERM-D', secret: 'pw-d' },
    ],
    sharedRisks: [{ name: 'Penyulang C', kind: 'power-feeder', sites: ['a', 'c'] }],
    sites: ['dc', 'a', 'b', 'c', 'd'].map((code) => ({
      code,
      name: `Situs ${code}`,
      kind: code === 'dc' ? 'pop' : 'village',
      network: 'smart-city',
      region: '73.08',
    })),
    devices: devices.map(([name, site, role, vendor, model]) => ({
      name,
      site,
      role,
      vendor,
      model,
      gateway: role === 'router',
      serial: name === 'abs-c-01' ? 'TERM-C' : name === 'abs-d-01' ? 'TERM-D' : `SN-${name}`,
      ...(role === 'terminal'
        ? { protocol: 'mqtt', credential: name === 'abs-c-01' ? 'mqtt-c' : 'mqtt-d' }
        : { protocol: 'snmp', credential: 'snmp', address: addressOf(name), port }),
    })),
    interfaces: Object.entries(ports).flatMap(([device, names]) =>
      names.map((name) => ({ device, name, speedBps: /sfp/.test(name) ? 10e9 : /vmac0|eth0/.test(name) ? 1e8 : 1e9 })),
    ),
    links: links.map(([name, a, b, medium, capacityBps]) => ({ name, medium, capacityBps, a, b })),
    agents: [{ name: 'local', attachedTo: ['rtr-dc-01'] }],
  };
  return { inventory: inventoryOf(document), document, port, addressOf };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
