import type { ReadingFacts } from '../../domain/plan.ts';
import { family, type SensorSource } from '../family.ts';
import { cleanText, numberOf } from '../hostile-text.ts';
import { keyPart, sensor, usable, type ReadingKind } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';
import { columns } from '../table.ts';

/** MIKROTIK-MIB below 1.3.6.1.4.1.14988.1.1. */
const mtxr = '1.3.6.1.4.1.14988.1.1';

/** mtxrGaugeUnit: what a gauge counts, and how many of it are one of ours. */
const gaugeUnits: Readonly<Record<number, ReadingKind>> = {
  1: { key: 'temperature', label: 'Temperature', unit: '°C' },
  2: { key: 'fan', label: 'Fan', unit: 'rpm' },
  3: { key: 'voltage', label: 'Voltage', unit: 'V', scale: 0.1 },
  4: { key: 'current', label: 'Current', unit: 'A', scale: 0.1 },
  5: { key: 'power', label: 'Power', unit: 'W', scale: 0.1 },
};

/** mtxrGaugeTable (RouterOS 7): name, value, unit. */
async function gauges(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const table = `${mtxr}.3.100.1`;
  const [names, values, units] = await columns(reader, [`${table}.2`, `${table}.3`, `${table}.4`], 256);
  const readings: ReadingFacts[] = [];
  for (const [row, unit] of units) {
    const kind = gaugeUnits[numberOf(unit) ?? 0];
    if (kind === undefined || !usable(numberOf(values.get(row)), kind)) continue;
    const name = cleanText(names.get(row), 60) || row;
    readings.push(sensor(`${table}.3.${row}`, kind, `${kind.key}.${keyPart(name)}`, `${kind.label} ${name}`));
  }
  return readings;
}

/** mtxrHealth scalars of RouterOS 6 and SwOS, in tenths; 0 stands for "has no such sensor". */
const health: readonly SensorSource[] = [
  { oid: `${mtxr}.3.8.0`, key: 'voltage.board', label: 'Voltage', unit: 'V', scale: 0.1, absent: [0] },
  { oid: `${mtxr}.3.10.0`, key: 'temperature.board', label: 'Temperature board', unit: '°C', scale: 0.1, absent: [0] },
  { oid: `${mtxr}.3.11.0`, key: 'temperature.cpu', label: 'Temperature CPU', unit: '°C', scale: 0.1, absent: [0] },
];

/** mtxrOpticalTable (thousandths of dBm, °C, mV, mA) and mtxrPOETable (tenths of V, mA, tenths of W). */
const optical = `${mtxr}.19.1.1`;
const poe = `${mtxr}.15.1.1`;
const ports: readonly SensorSource[] = [
  {
    oid: `${optical}.10`,
    names: `${optical}.2`,
    key: 'optical-rx',
    label: 'Optical receive',
    unit: 'dBm',
    scale: 0.001,
    absent: [0],
  },
  {
    oid: `${optical}.9`,
    names: `${optical}.2`,
    key: 'optical-tx',
    label: 'Optical transmit',
    unit: 'dBm',
    scale: 0.001,
    absent: [0],
  },
  {
    oid: `${optical}.6`,
    names: `${optical}.2`,
    key: 'temperature.sfp',
    label: 'Temperature',
    unit: '°C',
    absent: [0],
    range: [-40, 120],
  },
  {
    oid: `${optical}.7`,
    names: `${optical}.2`,
    key: 'voltage.sfp',
    label: 'Voltage',
    unit: 'V',
    scale: 0.001,
    absent: [0],
  },
  {
    oid: `${optical}.8`,
    names: `${optical}.2`,
    key: 'current.sfp',
    label: 'Laser bias',
    unit: 'A',
    scale: 0.001,
    absent: [0],
  },
  { oid: `${poe}.4`, names: `${poe}.2`, key: 'voltage.poe', label: 'PoE voltage', unit: 'V', scale: 0.1 },
  { oid: `${poe}.5`, names: `${poe}.2`, key: 'current.poe', label: 'PoE current', unit: 'A', scale: 0.001 },
  { oid: `${poe}.6`, names: `${poe}.2`, key: 'power.poe', label: 'PoE power', unit: 'W', scale: 0.1 },
];

/** mtxrLicUpgrUntil: until when the key of a RouterOS may be upgraded. Keys without an end have none, or one in 1970. */
const licence: SensorSource = {
  oid: `${mtxr}.4.2.0`,
  key: 'licence-days',
  label: 'Licence',
  unit: 'd',
  until: true,
  range: [Date.UTC(2000) / 1000, Date.UTC(2100) / 1000],
};

export const routeros = family({
  name: 'mikrotik/routeros',
  vendor: 'MikroTik',
  under: ['1.3.6.1.4.1.14988.1'],
  describes: /^RouterOS/,
  model: [`${mtxr}.7.8.0`, /^RouterOS\s+(.+)$/], // mtxrBoardName
  serial: [`${mtxr}.7.3.0`], // mtxrSerialNumber
  firmware: [`${mtxr}.4.4.0`, `${mtxr}.7.4.0`], // mtxrLicVersion, mtxrFirmwareVersion
  standard: ['host-resources'],
  sensors: [
    ...ports,
    licence,
    // mtxrLTEModemSignalRSRP, mtxrLTEModemSignalRSSI
    { oid: `${mtxr}.16.1.1.4`, key: 'signal.lte-rsrp', label: 'LTE RSRP', unit: 'dBm', absent: [0], range: [-160, 0] },
    { oid: `${mtxr}.16.1.1.2`, key: 'signal.lte-rssi', label: 'LTE RSSI', unit: 'dBm', absent: [0], range: [-160, 0] },
  ],
  async more(reader, _system) {
    const found = await gauges(reader);
    if (found.length > 0) return found;
    return family({ name: '', vendor: '', sensors: health }).readings(reader, _system);
  },
});

/** SwOS: the same MIB in part; its gauges have no names, their numbers tell them apart. */
export const swos = family({
  name: 'mikrotik/swos',
  vendor: 'MikroTik',
  under: ['1.3.6.1.4.1.14988.2'],
  describes: /^SwOS|SwOS v/,
  model: [/^(\S+)\s+SwOS/, `${mtxr}.7.8.0`],
  serial: [`${mtxr}.7.3.0`],
  firmware: [/SwOS v?(\S+)/, `${mtxr}.7.4.0`],
  sensors: [
    ...health,
    ...ports,
    { oid: `${mtxr}.3.100.1.3.52.0`, key: 'temperature.board', label: 'Temperature board', unit: '°C' },
    { oid: `${mtxr}.3.100.1.3.16.0`, key: 'power.poe-out', label: 'PoE power of all ports', unit: 'W', scale: 0.1 },
    { oid: `${mtxr}.3.100.1.3.7201.0`, key: 'voltage.psu1', label: 'Voltage PSU 1', unit: 'V', scale: 0.01 },
    { oid: `${mtxr}.3.100.1.3.7202.0`, key: 'voltage.psu2', label: 'Voltage PSU 2', unit: 'V', scale: 0.01 },
    { oid: `${mtxr}.3.100.1.3.7301.0`, key: 'current.psu1', label: 'Current PSU 1', unit: 'A', scale: 0.001 },
    { oid: `${mtxr}.3.100.1.3.7302.0`, key: 'current.psu2', label: 'Current PSU 2', unit: 'A', scale: 0.001 },
  ],
});
