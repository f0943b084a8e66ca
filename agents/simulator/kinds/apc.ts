import type { SimulatedDevice } from '../device.ts';
import { pick } from '../hash.ts';
import { ifTable } from '../mibs/interfaces.ts';
import { systemGroup } from '../mibs/system.ts';
import { Mib, scalar } from '../snmp/mib.ts';
import type { Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';
import { ifType } from './kind.ts';
import type { DeviceKind, Object } from './kind.ts';

/** APC Smart-UPS with a Network Management Card: PowerNet-MIB and UPS-MIB (RFC 1628). Its agent has no ifXTable. */
const powerNet = '1.3.6.1.4.1.318.1.1';
const ups = '1.3.6.1.2.1.33.1';

const inputVolts = (device: SimulatedDevice) => (device.onBattery ? 0 : device.drifting('input', 212, 231));
const outputVolts = (device: SimulatedDevice) => (device.onBattery ? 220 : inputVolts(device));
const loadPercent = (device: SimulatedDevice) => device.drifting('load', 18, 44);
const chargePercent = (device: SimulatedDevice) => (device.onBattery ? device.drifting('charge', 62, 90) : 100);
const batteryDegrees = (device: SimulatedDevice) => device.drifting('battery', 26, 33);
const runtimeMinutes = (device: SimulatedDevice) => (chargePercent(device) * 45) / Math.max(12, loadPercent(device));

const value = (arc: string, type: ValueType, read: (device: SimulatedDevice) => Value): Object =>
  scalar(oid(`${powerNet}.1.${arc}`), type, read);
const rfc = (arc: string, type: ValueType, read: (device: SimulatedDevice) => Value): Object =>
  scalar(oid(`${ups}.${arc}`), type, read);
const line = { suffixes: [[1]] };
const rfcLine = (arc: string, read: (device: SimulatedDevice) => number): Object => ({
  oid: oid(`${ups}.${arc}`),
  type: 'integer',
  rows: () => line,
  value: read,
});

export const smartUps: DeviceKind = {
  name: 'apc-smart-ups',
  oui: '28:29:86',
  maxMessageBytes: 1472,
  matches: (device) => /apc|schneider/i.test(device.vendor ?? '') || device.role === 'ups',
  sysDescr: (device) =>
    `APC Web/SNMP Management Card (MB:v4.2.9 PF:${device.firmware} PN:apc_hw21_aos_2.3.1.1.bin AF1:${device.firmware} AN1:apc_hw21_su_2.3.1.1.bin MN:AP9641 HR:5 SN: ZA${device.serial.slice(-10)} MD:04/18/2022) (Embedded PowerNet SNMP Agent SW v2.2 compatible)`,
  sysObjectId: () => oid('1.3.6.1.4.1.318.1.3.27'),
  firmware: (device) => pick(device.name, ['v2.3.1.1', 'v2.5.2.5']),
  layout: (interfaces) => [
    { name: 'LOOPBACK', ifIndex: 1, ifType: ifType.loopback, speedBps: 0, alwaysUp: true },
    ...interfaces.map((port, i) => ({
      name: port.name,
      ifIndex: i + 2,
      ifType: ifType.ethernet,
      speedBps: port.speedBps ?? 1e8,
    })),
  ],
  mib: new Mib([
    ...systemGroup,
    ...ifTable,
    rfc('1.1', 'octets', () => 'American Power Conversion'),
    rfc('1.2', 'octets', (device) => device.model),
    rfc('1.3', 'octets', () => 'UPS 16.0 (ID1047)'),
    rfc('2.1', 'integer', () => 2),
    rfc('2.2', 'integer', (device) => (device.onBattery ? 300 : 0)),
    rfc('2.3', 'integer', (device) => Math.round(runtimeMinutes(device))),
    rfc('2.4', 'integer', (device) => Math.round(chargePercent(device))),
    rfc('2.5', 'integer', (device) => Math.round(device.drifting('volts', 270, 275))),
    rfc('2.7', 'integer', (device) => Math.round(batteryDegrees(device))),
    rfc('3.2', 'integer', () => 1),
    rfcLine('3.3.1.2', () => 500),
    rfcLine('3.3.1.3', (device) => Math.round(inputVolts(device))),
    rfc('4.1', 'integer', (device) => (device.onBattery ? 5 : 3)),
    rfc('4.2', 'integer', () => 500),
    rfcLine('4.4.1.2', (device) => Math.round(outputVolts(device))),
    rfcLine('4.4.1.5', (device) => Math.round(loadPercent(device))),
    value('1.1.1', 'octets', (device) => `Smart-UPS ${device.model.replace(/\D*(\d+).*/, '$1')}`),
    value('1.2.1', 'octets', () => 'UPS 16.0 (ID1047)'),
    value('1.2.3', 'octets', (device) => device.serial),
    value('2.1.1', 'integer', () => 2),
    value('2.1.2', 'timeTicks', (device) => (device.onBattery ? 30_000 : 0)),
    value('2.2.1', 'gauge32', (device) => Math.round(chargePercent(device))),
    value('2.2.2', 'gauge32', (device) => Math.round(batteryDegrees(device))),
    value('2.2.3', 'timeTicks', (device) => Math.round(runtimeMinutes(device) * 6000)),
    value('2.2.4', 'integer', () => 1),
    value('2.3.1', 'gauge32', (device) => Math.round(chargePercent(device) * 10)),
    value('2.3.2', 'gauge32', (device) => Math.round(batteryDegrees(device) * 10)),
    value('2.3.4', 'integer', (device) => Math.round(device.drifting('volts', 270, 275))),
    value('3.2.1', 'gauge32', (device) => Math.round(inputVolts(device))),
    value('3.3.1', 'gauge32', (device) => Math.round(inputVolts(device) * 10)),
    value('3.3.4', 'gauge32', () => 500),
    value('4.1.1', 'integer', (device) => (device.onBattery ? 3 : 2)),
    value('4.2.1', 'gauge32', (device) => Math.round(outputVolts(device))),
    value('4.2.3', 'gauge32', (device) => Math.round(loadPercent(device))),
    value('4.3.1', 'gauge32', (device) => Math.round(outputVolts(device) * 10)),
    value('4.3.2', 'gauge32', () => 500),
    value('4.3.3', 'gauge32', (device) => Math.round(loadPercent(device) * 10)),
    value('4.3.4', 'gauge32', (device) => Math.round(loadPercent(device) * 0.9)),
  ]),
};
