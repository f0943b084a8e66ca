import type { SimulatedDevice } from '../device.ts';
import { fraction, pick } from '../hash.ts';
import { entityMib } from '../mibs/entity.ts';
import { ifTable, ifXTable } from '../mibs/interfaces.ts';
import { lldpMib } from '../mibs/lldp.ts';
import { systemGroup } from '../mibs/system.ts';
import { Mib, scalar } from '../snmp/mib.ts';
import type { Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';
import { ifType } from './kind.ts';
import type { DeviceKind, Object } from './kind.ts';

/** Cisco Business switches (CBS): the rnd MIB of their platform, under 9.6.1.101. */
const rnd = '1.3.6.1.4.1.9.6.1.101';
const cpu = (device: SimulatedDevice) =>
  Math.round(device.drifting('cpu', 6, 12 + 16 * fraction(`${device.name}/busy`)));

/** rlPhdUnitEnvParamTable: one unit; temperature in °C, 1 is normal. */
function environment(arc: number, type: ValueType, value: (device: SimulatedDevice) => Value): Object {
  const rows = { suffixes: [[1]] };
  return { oid: oid(`${rnd}.53.15.1.${arc}`), type, rows: () => rows, value: (device) => value(device) };
}

function unit(arc: number, type: ValueType, value: (device: SimulatedDevice) => Value): Object {
  const rows = { suffixes: [[1]] };
  return { oid: oid(`${rnd}.53.14.1.${arc}`), type, rows: () => rows, value: (device) => value(device) };
}

/** rlEnvMonSupplyStatusTable: 1 is normal. */
function supply(arc: number, type: ValueType, value: Value): Object {
  const rows = { suffixes: [[67109185]] };
  return { oid: oid(`${rnd}.83.1.2.1.${arc}`), type, rows: () => rows, value: () => value };
}

function portCount(model: string): number {
  return model.includes('24') ? 28 : 10;
}

export const ciscoBusiness: DeviceKind = {
  name: 'cisco-business',
  oui: '6c:29:d2',
  maxMessageBytes: 2000,
  matches: (device) => /cisco/i.test(device.vendor ?? ''),
  sysDescr: (device) => `${device.model} ${portCount(device.model) === 28 ? 24 : 8}-Port Gigabit Managed Switch`,
  sysObjectId: (device) => oid(`1.3.6.1.4.1.9.6.1.1004.${portCount(device.model)}.1`),
  firmware: (device) => pick(device.name, ['3.4.0.17', '3.3.0.16', '3.5.1.38']),
  layout: (interfaces) => [
    ...interfaces.map((port, i) => ({
      name: port.name,
      descr: port.name.replace(/^gi/, 'GigabitEthernet').replace(/^te/, 'TenGigabitEthernet'),
      ifIndex: i + 1,
      ifType: ifType.ethernet,
      speedBps: port.speedBps ?? 1e9,
      optical: Number(port.name.replace(/\D/g, '')) > 24,
    })),
    { name: '1', descr: '1', ifIndex: 100000, ifType: ifType.propVirtual, speedBps: 0, alwaysUp: true },
    { name: 'lo1', descr: 'loopback 1', ifIndex: 20000, ifType: ifType.loopback, speedBps: 0, alwaysUp: true },
  ],
  mib: new Mib([
    ...lldpMib({ chassisAsText: false }),
    ...systemGroup,
    ...ifTable,
    ...ifXTable,
    ...entityMib({
      index: 67109120,
      vendorType: oid('1.3.6.1.4.1.9.12.3.1.3'),
      maker: 'Cisco',
      descr: (device) => `${device.model} ${portCount(device.model)}-Port Gigabit Managed Switch`,
    }),
    scalar(oid(`${rnd}.1.7`), 'integer', cpu),
    scalar(oid(`${rnd}.1.8`), 'integer', cpu),
    scalar(oid(`${rnd}.1.9`), 'integer', cpu),
    scalar(oid(`${rnd}.2.10`), 'octets', () => '3.0.0.40'),
    unit(2, 'octets', (device) => device.firmware),
    unit(3, 'octets', () => '3.0.0.40'),
    unit(4, 'octets', () => 'V01'),
    unit(5, 'octets', (device) => device.serial),
    unit(7, 'octets', (device) => device.model),
    environment(2, 'integer', () => 1),
    environment(9, 'integer', () => 5),
    environment(10, 'integer', (device) => Math.round(device.drifting('temperature', 38, 51))),
    environment(11, 'integer', () => 1),
    supply(2, 'octets', 'power supply 1'),
    supply(3, 'integer', 1),
  ]),
};
