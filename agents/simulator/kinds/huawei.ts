import type { Port, SimulatedDevice } from '../device.ts';
import { fraction, pick } from '../hash.ts';
import { entityMib } from '../mibs/entity.ts';
import { ifTable, ifXTable } from '../mibs/interfaces.ts';
import { lldpMib } from '../mibs/lldp.ts';
import { systemGroup } from '../mibs/system.ts';
import { Mib, rowsBy } from '../snmp/mib.ts';
import type { Rows, Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';
import { rxPowerMilliDbm, txPowerMilliDbm } from './mikrotik.ts';
import { ifType } from './kind.ts';
import type { DeviceKind, Object } from './kind.ts';

/** Huawei VRP switches: HUAWEI-ENTITY-EXTENT-MIB. */
const extent = '1.3.6.1.4.1.2011.5.25.31.1.1';
const mainBoard = 67108867;

/** hwEntityStateTable with the main board. */
function state(arc: number, value: (device: SimulatedDevice) => number): Object {
  const rows = { suffixes: [[mainBoard]] };
  return { oid: oid(`${extent}.1.1.${arc}`), type: 'integer', rows: () => rows, value };
}

/** hwFanStatusTable: slot 0, fan 1. */
function fan(arc: number, value: (device: SimulatedDevice) => number): Object {
  const rows = { suffixes: [[0, 1]] };
  return { oid: oid(`${extent}.10.1.${arc}`), type: 'integer', rows: () => rows, value };
}

interface Module {
  readonly port: Port;
  readonly index: number;
}

function modules(device: SimulatedDevice): { rows: Rows; items: readonly Module[] } {
  return device.once('modules', () =>
    rowsBy(
      device.ports
        .filter((port) => port.optical && port.link?.medium === 'fibre')
        .map((port) => ({ port, index: 67_200_000 + port.ifIndex * 64 + 14 })),
      ({ index }) => [index],
    ),
  );
}

/** hwOpticalModuleInfoTable: powers in hundredths of a dBm, voltage in mV, bias in mA. */
function opticalModule(arc: number, type: ValueType, value: (port: Port) => Value): Object {
  return {
    oid: oid(`${extent}.3.1.${arc}`),
    type,
    rows: (device) => modules(device).rows,
    value: (device, row) => {
      const found = modules(device).items[row];
      return found === undefined ? undefined : value(found.port);
    },
  };
}

/** entPhysicalName and class of the optical modules, so that a reader can tell which port they sit in. */
const moduleName: Object = {
  oid: oid('1.3.6.1.2.1.47.1.1.1.1.7'),
  type: 'octets',
  rows: (device) =>
    device.once('entity-names', () => ({
      suffixes: [[mainBoard], ...modules(device).items.map(({ index }) => [index])],
    })),
  value: (device, row) => (row === 0 ? device.model : modules(device).items[row - 1]?.port.name),
};

export const huaweiVrp: DeviceKind = {
  name: 'huawei-vrp',
  oui: '48:57:02',
  maxMessageBytes: 12_000,
  matches: (device) => /huawei/i.test(device.vendor ?? ''),
  sysDescr: (device) =>
    `${device.model}\nHuawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 (S5735 ${device.firmware}) \r\n Copyright (C) 2007 Huawei Technologies Co., Ltd.`,
  sysObjectId: (device) => oid(`1.3.6.1.4.1.2011.2.23.${device.model.includes('24') ? 634 : 629}`),
  firmware: (device) => pick(device.name, ['V200R021C00SPC600', 'V200R022C00SPC500']),
  layout: (interfaces, device) => [
    { name: 'InLoopBack0', ifIndex: 1, ifType: ifType.loopback, speedBps: 0, alwaysUp: true },
    { name: 'NULL0', ifIndex: 2, ifType: ifType.other, speedBps: 0, alwaysUp: true },
    { name: 'Console9/0/0', ifIndex: 3, ifType: ifType.other, speedBps: 0, alwaysUp: true },
    { name: 'Vlanif1', ifIndex: 4, ifType: ifType.propVirtual, speedBps: 1e9, alwaysUp: true },
    ...interfaces.map((port, i) => ({
      name: port.name,
      ifIndex: i + 5,
      ifType: ifType.ethernet,
      speedBps: port.speedBps ?? 1e9,
      optical: port.name.startsWith('XGig') || (device.model?.includes('L8T4S') === true && i >= 8),
    })),
  ],
  mib: new Mib([
    ...lldpMib({ chassisAsText: false }),
    ...systemGroup,
    ...ifTable,
    ...ifXTable,
    ...entityMib({
      index: mainBoard,
      vendorType: oid('1.3.6.1.4.1.2011.20021210.11.536634'),
      maker: 'Huawei',
      descr: (device) => `${device.model} Switch`,
    }).filter((column) => column.oid.at(-1) !== 7),
    moduleName,
    state(1, () => 4),
    state(2, () => 3),
    state(5, (device) => Math.round(device.drifting('cpu', 7, 14 + 20 * fraction(`${device.name}/busy`)))),
    state(6, () => 80),
    state(7, (device) => Math.round(device.drifting('memory', 28, 46))),
    state(8, () => 95),
    state(9, () => 536_870_912),
    state(11, (device) => Math.round(device.drifting('temperature', 37, 53))),
    state(12, () => 65),
    opticalModule(5, 'integer', (port) => Math.round(port.device.drifting(`${port.name}/sfp`, 34, 46))),
    opticalModule(6, 'integer', (port) => Math.round(port.device.drifting(`${port.name}/vcc`, 3270, 3310))),
    opticalModule(7, 'integer', (port) => Math.round(port.device.drifting(`${port.name}/bias`, 14, 22))),
    opticalModule(8, 'integer', (port) => Math.round(rxPowerMilliDbm(port) / 10)),
    opticalModule(9, 'integer', (port) => Math.round(txPowerMilliDbm(port) / 10)),
    fan(1, () => 0),
    fan(2, () => 1),
    fan(5, (device) => Math.round(device.drifting('fan', 28, 42))),
    fan(6, () => 1),
    fan(7, () => 1),
  ]),
};
