import type { SimulatedDevice } from '../device.ts';
import { fraction, pick } from '../hash.ts';
import { ifTable, ifXTable } from '../mibs/interfaces.ts';
import { lldpMib } from '../mibs/lldp.ts';
import { systemGroup } from '../mibs/system.ts';
import { Mib, scalar } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';
import { ifType } from './kind.ts';
import type { DeviceKind, Object } from './kind.ts';

/** TP-Link JetStream switches: TPLINK-MIB system info and monitor tables. */
const tplink = '1.3.6.1.4.1.11863.6';
const rows = { suffixes: [[1]] };

/** Processor and memory in percent, over 5 seconds, 1 minute, 5 minutes. */
function percent(table: number, arc: number, value: (device: SimulatedDevice) => number): Object {
  return { oid: oid(`${tplink}.4.1.${table}.1.1.${arc}`), type: 'integer', rows: () => rows, value };
}

const cpu = (device: SimulatedDevice) =>
  Math.round(device.drifting('cpu', 8, 16 + 25 * fraction(`${device.name}/busy`)));

export const jetStream: DeviceKind = {
  name: 'tplink-jetstream',
  oui: '60:83:e7',
  maxMessageBytes: 1472,
  matches: (device) => /tp-?link/i.test(device.vendor ?? ''),
  sysDescr: (device) =>
    device.model.includes('2210')
      ? 'JetStream 8-Port Gigabit Smart Switch with 8-Port PoE+ and 2 SFP Slots'
      : 'JetStream 8-Port Gigabit Smart Switch',
  sysObjectId: (device) => oid(`1.3.6.1.4.1.11863.5.${device.model.includes('2210') ? 61 : 60}`),
  firmware: (device) => pick(device.name, ['4.0.3 Build 20210604 Rel.59022', '4.0.10 Build 20231124 Rel.61219']),
  layout: (interfaces) => [
    { name: 'Vlan-interface1', ifIndex: 1, ifType: ifType.ethernet, speedBps: 0, alwaysUp: true },
    ...interfaces.map((port, i) => ({
      name: port.name,
      ifIndex: 49153 + i,
      ifType: ifType.ethernet,
      speedBps: port.speedBps ?? 1e9,
    })),
  ],
  mib: new Mib([
    ...lldpMib({ chassisAsText: false }),
    ...systemGroup,
    ...ifTable,
    ...ifXTable,
    scalar(oid(`${tplink}.1.1.1`), 'octets', (device) => device.kind.sysDescr(device)),
    scalar(oid(`${tplink}.1.1.2`), 'octets', (device) => device.name),
    scalar(oid(`${tplink}.1.1.5`), 'octets', (device) => `${device.model} 4.0`),
    scalar(oid(`${tplink}.1.1.6`), 'octets', (device) => device.firmware),
    scalar(oid(`${tplink}.1.1.8`), 'octets', (device) => device.serial),
    percent(1, 1, () => 1),
    percent(1, 2, cpu),
    percent(1, 3, cpu),
    percent(1, 4, cpu),
    percent(2, 1, () => 1),
    percent(2, 2, (device) => Math.round(device.drifting('memory', 38, 62))),
  ]),
};
