import type { Port, PortLayout, SimulatedDevice } from '../device.ts';
import { fraction, pick } from '../hash.ts';
import { entityMib } from '../mibs/entity.ts';
import { hostResources } from '../mibs/host-resources.ts';
import { ifTable, ifXTable } from '../mibs/interfaces.ts';
import { lldpMib } from '../mibs/lldp.ts';
import { systemGroup } from '../mibs/system.ts';
import { Mib, rowsBy, scalar } from '../snmp/mib.ts';
import type { Rows, Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';
import { ifType } from './kind.ts';
import type { DeviceKind, Object } from './kind.ts';

/** MikroTik RouterOS 7, MIKROTIK-MIB as its agent answers. */
const mikrotik = '1.3.6.1.4.1.14988';

/** What the boards have: cores, MiB of memory, whether they show voltage, fans and two power supplies. */
function board(device: SimulatedDevice): { cores: number; memory: number; big: boolean } {
  if (/^CCR2[12]16/.test(device.model)) return { cores: 16, memory: 16384, big: true };
  if (device.model.startsWith('CCR2004')) return { cores: 4, memory: 4096, big: true };
  if (device.model.startsWith('CRS3')) return { cores: 2, memory: 512, big: true };
  if (device.model.startsWith('RB5009')) return { cores: 4, memory: 1024, big: false };
  if (device.model.startsWith('cAP')) return { cores: 4, memory: 1024, big: false };
  return { cores: device.model === 'RB760iGS' ? 4 : 2, memory: 256, big: false };
}

const cpuPercent = (device: SimulatedDevice) => device.drifting('cpu', 3, 6 + 24 * fraction(`${device.name}/busy`));

interface Gauge {
  readonly index: number;
  readonly name: string;
  /** mtxrGaugeUnit: 1 celsius, 2 rpm, 3 tenths of a volt, 4 tenths of an ampere, 5 tenths of a watt, 6 status. */
  readonly unit: number;
  value(device: SimulatedDevice): number;
}

const cpuTemperature: Gauge = {
  index: 17,
  name: 'cpu-temperature',
  unit: 1,
  value: (device) => Math.round(device.drifting('cpu-temperature', 41, 58)),
};
const bigGauges: readonly Gauge[] = [
  { index: 14, name: 'temperature', unit: 1, value: (device) => Math.round(device.drifting('temperature', 33, 44)) },
  cpuTemperature,
  { index: 7001, name: 'fan1-speed', unit: 2, value: (device) => Math.round(device.drifting('fan1', 3900, 4500)) },
  { index: 7002, name: 'fan2-speed', unit: 2, value: (device) => Math.round(device.drifting('fan2', 3900, 4500)) },
  { index: 7401, name: 'psu1-state', unit: 6, value: () => 0 },
  { index: 7402, name: 'psu2-state', unit: 6, value: () => 0 },
];
const smallGauges: readonly Gauge[] = [
  { index: 13, name: 'voltage', unit: 3, value: (device) => Math.round(device.drifting('voltage', 236, 246)) },
  { index: 14, name: 'temperature', unit: 1, value: (device) => Math.round(device.drifting('temperature', 34, 52)) },
];

const boardGauges: readonly Gauge[] = [cpuTemperature];

function gauges(device: SimulatedDevice): readonly Gauge[] {
  if (board(device).big) return bigGauges;
  return device.model.startsWith('RB5009') ? boardGauges : smallGauges;
}

function gauge(arc: number, type: ValueType, value: (gauge: Gauge, device: SimulatedDevice) => Value): Object {
  return {
    oid: oid(`${mikrotik}.1.1.3.100.1.${arc}`),
    type,
    rows: (device) => device.once('gauges', () => ({ suffixes: gauges(device).map((item) => [item.index]) })),
    value: (device, row) => {
      const item = gauges(device)[row];
      return item === undefined ? undefined : value(item, device);
    },
  };
}

function cages(device: SimulatedDevice): { rows: Rows; items: readonly Port[] } {
  return device.once('cages', () => {
    const plugged = device.ports.filter((port) => port.optical && port.link?.medium === 'fibre');
    return rowsBy(plugged, (port) => [port.ifIndex]);
  });
}

/** Received power in thousandths of a dBm: the fibre's own loss, a little drift, and -40 dBm when it is dark. */
export function rxPowerMilliDbm(port: Port): number {
  const link = port.link;
  if (link === null || !link.carries) return -40_000;
  const typical = -3500 - 11_000 * fraction(`${link.name}/loss`);
  return Math.round(typical + port.device.drifting(`${port.name}/rx`, -180, 180));
}

export function txPowerMilliDbm(port: Port): number {
  return Math.round(
    -4200 + 3000 * fraction(`${port.device.name}/${port.name}/tx`) + port.device.drifting('tx', -60, 60),
  );
}

function optical(arc: number, type: ValueType, value: (port: Port) => Value): Object {
  return {
    oid: oid(`${mikrotik}.1.1.19.1.1.${arc}`),
    type,
    rows: (device) => cages(device).rows,
    value: (device, row) => {
      const port = cages(device).items[row];
      return port === undefined ? undefined : value(port);
    },
  };
}

const objects: readonly Object[] = [
  gauge(2, 'octets', (item) => item.name),
  gauge(3, 'gauge32', (item, device) => item.value(device)),
  gauge(4, 'integer', (item) => item.unit),
  scalar(oid(`${mikrotik}.1.1.4.2`), 'octets', licenceEnd),
  scalar(oid(`${mikrotik}.1.1.4.3`), 'integer', (device) => (board(device).big ? 6 : 4)),
  scalar(oid(`${mikrotik}.1.1.4.4`), 'octets', (device) => device.firmware),
  scalar(oid(`${mikrotik}.1.1.7.3`), 'octets', (device) => device.serial),
  scalar(oid(`${mikrotik}.1.1.7.4`), 'octets', (device) => device.firmware),
  scalar(oid(`${mikrotik}.1.1.7.8`), 'octets', (device) => device.model),
  scalar(oid(`${mikrotik}.1.1.7.9`), 'octets', (device) => device.model),
  {
    oid: oid(`${mikrotik}.1.1.14.1.1.2`),
    type: 'octets',
    rows: (device) => device.portRows,
    value: (device, row) => device.ports[row]?.name,
  },
  optical(2, 'octets', (port) => port.name),
  optical(3, 'integer', (port) => (port.link?.carries === true ? 0 : 1)),
  optical(4, 'integer', () => 0),
  optical(5, 'gauge32', () => 131_000),
  optical(6, 'gauge32', (port) => Math.round(port.device.drifting(`${port.name}/sfp`, 36, 47))),
  optical(7, 'gauge32', (port) => Math.round(port.device.drifting(`${port.name}/vcc`, 3270, 3310))),
  optical(8, 'gauge32', (port) => Math.round(port.device.drifting(`${port.name}/bias`, 17, 23))),
  optical(9, 'integer', txPowerMilliDbm),
  optical(10, 'integer', rxPowerMilliDbm),
];

/**
 * mtxrLicUpgrUntil, a DateAndTime in WITA: routers whose key has an end, about one in ten. It lies in the year after the
 * next, on a day of their own, so that a restart of the simulator changes nothing and none ends while one looks.
 */
function licenceEnd(device: SimulatedDevice): Uint8Array | undefined {
  const chance = fraction(`${device.name}/licence`);
  if (device.role !== 'router' || chance >= 0.1) return undefined;
  return device.once('licence', () => {
    const year = new Date(device.clock.wallS() * 1000).getUTCFullYear() + 2;
    const [month, day] = [1 + Math.floor(chance * 120), 1 + Math.floor(28 * fraction(`${device.name}/licence-day`))];
    return Uint8Array.of(year >> 8, year & 0xff, month, day, 0, 0, 0, 0, 0x2b, 8, 0);
  });
}

/** LTE modem table: rows where the board has `lte1`. */
function modem(arc: number, type: ValueType, value: (device: SimulatedDevice) => Value): Object {
  return {
    oid: oid(`${mikrotik}.1.1.16.1.1.${arc}`),
    type,
    rows: (device) =>
      device.once('modem', () => ({
        suffixes: device.ports.filter((port) => port.name === 'lte1').map((port) => [port.ifIndex]),
      })),
    value: (device) => value(device),
  };
}

const modems: readonly Object[] = [
  modem(2, 'integer', (device) => Math.round(device.drifting('rssi', -82, -64))),
  modem(3, 'integer', (device) => Math.round(device.drifting('rsrq', -13, -8))),
  modem(4, 'integer', (device) => Math.round(device.drifting('rsrp', -108, -92))),
  modem(6, 'integer', () => 7),
  modem(7, 'integer', (device) => Math.round(device.drifting('sinr', 4, 15))),
];

const entity = entityMib({
  index: 65536,
  vendorType: oid('0.0'),
  maker: '',
  descr: (device) => `RouterOS ${device.firmware} (stable) on ${device.model}`,
});

export const routerOs: DeviceKind = {
  name: 'mikrotik',
  oui: 'b8:69:f4',
  maxMessageBytes: 8192,
  matches: (device) => /mikrotik/i.test(device.vendor ?? ''),
  sysDescr: (device) => `RouterOS ${device.model}`,
  sysObjectId: () => oid('1.3.6.1.4.1.14988.1'),
  firmware: (device) => pick(device.name, ['7.20.6', '7.20.4', '7.19.4', '7.20.6', '7.18.2']),
  layout: (interfaces, device) => {
    const ports = interfaces.map((port, i) => ({
      name: port.name,
      ifIndex: i + 2,
      ifType: /^(wlan|wifi)/.test(port.name)
        ? ifType.wifi
        : port.name.startsWith('lte')
          ? ifType.wwan
          : /^(l2tp|wg|ovpn|sstp|gre)/.test(port.name)
            ? ifType.tunnel
            : ifType.ethernet,
      speedBps: port.speedBps ?? 1e9,
    }));
    const extra: PortLayout[] = [{ name: 'lo', ifIndex: 1, ifType: ifType.loopback, speedBps: 0, alwaysUp: true }];
    if (device.role !== 'access-point') {
      extra.push({
        name: 'bridge',
        ifIndex: interfaces.length + 2,
        ifType: ifType.bridge,
        speedBps: 0,
        alwaysUp: true,
      });
    }
    return [...ports, ...extra];
  },
  mib: new Mib([
    ...lldpMib({ chassisAsText: true }),
    ...systemGroup,
    ...ifTable,
    ...ifXTable,
    ...hostResources({
      storages: [
        {
          index: 65536,
          type: 'ram',
          descr: 'main memory',
          unit: 1024,
          size: (device) => board(device).memory * 1024,
          used: (device) => device.drifting('memory', 0.18, 0.34),
        },
        {
          index: 131072,
          type: 'disk',
          descr: 'system disk',
          unit: 1024,
          size: () => 131072,
          used: () => 0.31,
        },
      ],
      cores: (device) => board(device).cores,
      cpuPercent,
    }),
    ...entity,
    ...objects,
    ...modems,
  ]),
};
