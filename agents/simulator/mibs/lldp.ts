import type { Port, SimulatedDevice } from '../device.ts';
import type { Object } from '../kinds/kind.ts';
import { rowsBy, scalar } from '../snmp/mib.ts';
import type { Rows, Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';

/** LLDP-MIB (IEEE 802.1AB-2005). A neighbour is there while its link carries; satellite and mobile links show none. */
const base = '1.0.8802.1.1.2.1';
const macAddress = 4;
const interfaceName = 5;

interface Neighbour {
  readonly port: Port;
  readonly far: Port;
}

/** RouterOS sends the chassis as text (`B8:69:F4:…`), the others as six octets. */
export interface LldpStyle {
  readonly chassisAsText: boolean;
}

function neighbours(device: SimulatedDevice): { rows: Rows; items: readonly Neighbour[] } {
  return device.once('lldp', () => {
    const found: Neighbour[] = [];
    for (const port of device.ports) {
      const link = port.link;
      if (link === null || link.medium === 'vsat' || link.medium === '4g') continue;
      const far = link.a === port ? link.b : link.a;
      if (speaksLldp(far.device)) found.push({ port, far });
    }
    return rowsBy(found, ({ port }) => [0, port.ifIndex, 1]);
  });
}

function speaksLldp(device: SimulatedDevice): boolean {
  return device.role !== 'terminal' && device.role !== 'ups';
}

/** Rows of the management addresses: the neighbour's address is part of the index. */
function addresses(device: SimulatedDevice): { rows: Rows; items: readonly Neighbour[] } {
  return device.once('lldp-addresses', () => {
    const withAddress = neighbours(device).items.filter(({ far }) => /^\d+(\.\d+){3}$/.test(far.device.address));
    return rowsBy(withAddress, ({ port, far }) => [
      0,
      port.ifIndex,
      1,
      1,
      4,
      ...far.device.address.split('.').map(Number),
    ]);
  });
}

function chassis(device: SimulatedDevice, style: LldpStyle): Value {
  if (!style.chassisAsText) return device.mac;
  return [...device.mac].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}

export function lldpMib(style: LldpStyle): readonly Object[] {
  const local = (arc: string, type: ValueType, value: (device: SimulatedDevice) => Value) =>
    scalar(oid(`${base}.3.${arc}`), type, value);
  const localPort = (arc: number, type: ValueType, value: (port: Port) => Value): Object => ({
    oid: oid(`${base}.3.7.1.${arc}`),
    type,
    rows: (device) => device.portRows,
    value: (device, row) => {
      const port = device.ports[row];
      return port === undefined || port.ifType !== 6 ? undefined : value(port);
    },
  });
  const remote = (
    arc: string,
    type: ValueType,
    value: (neighbour: Neighbour) => Value,
    rows: (device: SimulatedDevice) => { rows: Rows; items: readonly Neighbour[] } = neighbours,
  ): Object => ({
    oid: oid(`${base}.4.${arc}`),
    type,
    rows: (device) => rows(device).rows,
    value: (device, row) => {
      const neighbour = rows(device).items[row];
      return neighbour?.port.link?.carries === true ? value(neighbour) : undefined;
    },
  });
  return [
    local('1', 'integer', () => macAddress),
    local('2', 'octets', (device) => chassis(device, style)),
    local('3', 'octets', (device) => device.name),
    local('4', 'octets', (device) => device.kind.sysDescr(device)),
    local('5', 'octets', () => Buffer.from([0x28])),
    local('6', 'octets', () => Buffer.from([0x28])),
    localPort(2, 'integer', () => interfaceName),
    localPort(3, 'octets', (port) => port.name),
    localPort(4, 'octets', (port) => port.descr),
    remote('1.1.4', 'integer', () => macAddress),
    remote('1.1.5', 'octets', ({ far }) => chassis(far.device, style)),
    remote('1.1.6', 'integer', () => interfaceName),
    remote('1.1.7', 'octets', ({ far }) => far.name),
    remote('1.1.8', 'octets', ({ far }) => far.descr),
    remote('1.1.9', 'octets', ({ far }) => far.device.name),
    remote('1.1.10', 'octets', ({ far }) => far.device.kind.sysDescr(far.device)),
    remote('1.1.11', 'octets', () => Buffer.from([0x28])),
    remote('1.1.12', 'octets', () => Buffer.from([0x28])),
    remote('2.1.3', 'integer', () => 2, addresses),
    remote('2.1.4', 'integer', ({ far }) => far.ifIndex, addresses),
    remote('2.1.5', 'oid', () => oid('1.3.6.1.2.1.2.2.1.1'), addresses),
  ];
}
