/** The makes and models of Bone's demo network, with their ports as the maker's SNMP agent names them (ifName). */
export interface Port {
  readonly name: string;
  readonly speedBps: number;
  /** What may be plugged in: an SFP cage takes fibre, everything else takes copper or a radio. */
  readonly fibre: boolean;
}

export interface Model {
  readonly vendor: string;
  readonly model: string;
  readonly ports: readonly Port[];
}

const G = 1e9;

function ports(prefix: string, first: number, last: number, speedBps: number, fibre: boolean): Port[] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({ name: `${prefix}${first + i}`, speedBps, fibre }));
}

function model(vendor: string, name: string, ...groups: readonly Port[][]): Model {
  return { vendor, model: name, ports: groups.flat() };
}

const ether = (count: number) => ports('ether', 1, count, G, false);
const sfpPlus = (count: number) => ports('sfp-sfpplus', 1, count, 10 * G, true);
const port = (name: string, speedBps: number, fibre = false): Port[] => [{ name, speedBps, fibre }];

export const models = {
  ccr2216: model(
    'MikroTik',
    'CCR2216-1G-12XS-2XQ',
    ports('sfp28-', 1, 12, 25 * G, true),
    port('qsfp28-1-1', 100 * G, true),
    port('qsfp28-2-1', 100 * G, true),
    port('ether1', G),
  ),
  ccr2116: model('MikroTik', 'CCR2116-12G-4S+', ether(12), sfpPlus(4)),
  ccr2004: model('MikroTik', 'CCR2004-1G-12S+2XS', sfpPlus(12), ports('sfp28-', 1, 2, 25 * G, true), port('ether1', G)),
  rb5009: model('MikroTik', 'RB5009UG+S+IN', ether(8), sfpPlus(1)),
  hexS: model('MikroTik', 'RB760iGS', ether(5), port('sfp1', G, true)),
  ltap: model('MikroTik', 'RBLtAP-2HnD', port('ether1', G), port('wlan1', 300e6), port('lte1', 150e6)),
  capAx: model('MikroTik', 'cAPGi-5HaxD2HaxD', ether(2), port('wifi1', 1.2 * G), port('wifi2', 600e6)),
  crs326: model(
    'MikroTik',
    'CRS326-24S+2Q+RM',
    sfpPlus(24),
    port('qsfpplus1-1', 40 * G, true),
    port('qsfpplus2-1', 40 * G, true),
  ),
  crs310: model('MikroTik', 'CRS310-8G+2S+IN', ether(8), sfpPlus(2)),
  cbs350small: model('Cisco', 'CBS350-8T-E-2G', ports('gi', 1, 10, G, false)),
  cbs350: model('Cisco', 'CBS350-24T-4G', ports('gi', 1, 24, G, false), ports('gi', 25, 28, G, true)),
  s5735small: model(
    'Huawei',
    'S5735-L8T4S-A1',
    ports('GigabitEthernet0/0/', 1, 8, G, false),
    ports('GigabitEthernet0/0/', 9, 12, G, true),
  ),
  s5735: model(
    'Huawei',
    'S5735-L24T4X-A1',
    ports('GigabitEthernet0/0/', 1, 24, G, false),
    ports('XGigabitEthernet0/0/', 1, 4, 10 * G, true),
  ),
  sg2008: model('TP-Link', 'TL-SG2008', ports('gigabitEthernet 1/0/', 1, 8, G, false)),
  sg2210: model('TP-Link', 'TL-SG2210P', ports('gigabitEthernet 1/0/', 1, 10, G, false)),
  smt1500: model('APC', 'SMT1500RMI2UC', port('vmac0', 100e6)),
  srt6000: model('APC', 'SRT6KRMXLI', port('vmac0', 100e6)),
  server: model('Dell', 'PowerEdge R650xs', port('eno1', G), port('eno2', G), port('eno3', 10 * G, true)),
  x606: model('Solution', 'X606-S', port('eth0', 100e6)),
  mb20: model('ZKTeco', 'MB20-VL', port('eth0', 100e6)),
  speedface: model('ZKTeco', 'SpeedFace-V5L', port('eth0', 100e6)),
} as const satisfies Record<string, Model>;
