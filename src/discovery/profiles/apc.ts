import type { ReadingFacts } from '../../domain/plan.ts';
import { family } from '../family.ts';
import { cleanText, numberOf } from '../hostile-text.ts';
import { rowSensors, type ReadingKind } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';
import { columns } from '../table.ts';
import { upsMibModel, upsMibSensors } from '../ups-mib.ts';

/** PowerNet-MIB of APC (Schneider Electric). */
const apc = '1.3.6.1.4.1.318.1.1';
const ups = `${apc}.1`;
const appVersion = '1.3.6.1.4.1.318.1.4.2.4.1.4'; // experimental.fileTransferStatus: firmware of application and AOS
const firmware = [/\bAF1:(\S+)/, /\bPF:(\S+)/] as const;
const cardModel = /\bMN:(\S+)/;

/** High-precision objects in tenths first, then those of older cards in units. */
export const apcUps = family({
  name: 'apc/powernet',
  vendor: 'APC',
  under: ['1.3.6.1.4.1.318'],
  model: [`${ups}.1.1.1.0`, ...upsMibModel, /^(.+?) \(MB:/, cardModel, /^(.+)$/], // upsBasicIdentModel
  serial: [`${ups}.1.2.3.0`, `${apc}.4.1.5.0`], // upsAdvIdentSerialNumber, sPDUIdentSerialNumber
  firmware: [`${ups}.1.2.1.0`, ...firmware, appVersion], // upsAdvIdentFirmwareRevision
  sensors: [
    // upsHighPrecBatteryCapacity, upsAdvBatteryCapacity
    { oid: `${ups}.2.3.1.0`, key: 'battery-charge', label: 'Battery charge', unit: '%', scale: 0.1, range: [0, 100] },
    { oid: `${ups}.2.2.1.0`, key: 'battery-charge', label: 'Battery charge', unit: '%', range: [0, 100] },
    // upsAdvBatteryRunTimeRemaining, upsBasicBatteryTimeOnBattery: TimeTicks
    { oid: `${ups}.2.2.3.0`, key: 'battery-minutes', label: 'Battery minutes left', unit: 'min', scale: 1 / 6000 },
    { oid: `${ups}.2.1.2.0`, key: 'on-battery', label: 'Seconds on battery', unit: 's', scale: 0.01 },
    // upsHighPrecBatteryActualVoltage, upsAdvBatteryActualVoltage
    { oid: `${ups}.2.3.4.0`, key: 'battery-voltage', label: 'Battery voltage', unit: 'V', scale: 0.1, absent: [0] },
    { oid: `${ups}.2.2.8.0`, key: 'battery-voltage', label: 'Battery voltage', unit: 'V', absent: [0] },
    // upsHighPrecBatteryTemperature, upsAdvBatteryTemperature
    {
      oid: `${ups}.2.3.2.0`,
      key: 'temperature.battery',
      label: 'Temperature battery',
      unit: '°C',
      scale: 0.1,
      absent: [0],
    },
    { oid: `${ups}.2.2.2.0`, key: 'temperature.battery', label: 'Temperature battery', unit: '°C', absent: [0] },
    // upsHighPrecInputLineVoltage, upsAdvInputLineVoltage, upsHighPrecInputFrequency, upsAdvInputFrequency
    { oid: `${ups}.3.3.1.0`, key: 'voltage.input', label: 'Input voltage', unit: 'V', scale: 0.1, range: [0, 1000] },
    { oid: `${ups}.3.2.1.0`, key: 'voltage.input', label: 'Input voltage', unit: 'V', range: [0, 1000] },
    { oid: `${ups}.3.3.4.0`, key: 'frequency.input', label: 'Input frequency', unit: 'Hz', scale: 0.1 },
    { oid: `${ups}.3.2.4.0`, key: 'frequency.input', label: 'Input frequency', unit: 'Hz' },
    // upsHighPrecOutputVoltage, upsAdvOutputVoltage, …Frequency, …Load, …Current, upsAdvOutputActivePower
    { oid: `${ups}.4.3.1.0`, key: 'voltage.output', label: 'Output voltage', unit: 'V', scale: 0.1, range: [0, 1000] },
    { oid: `${ups}.4.2.1.0`, key: 'voltage.output', label: 'Output voltage', unit: 'V', range: [0, 1000] },
    { oid: `${ups}.4.3.2.0`, key: 'frequency.output', label: 'Output frequency', unit: 'Hz', scale: 0.1 },
    { oid: `${ups}.4.2.2.0`, key: 'frequency.output', label: 'Output frequency', unit: 'Hz' },
    { oid: `${ups}.4.3.3.0`, key: 'load.output', label: 'Output load', unit: '%', scale: 0.1, range: [0, 300] },
    { oid: `${ups}.4.2.3.0`, key: 'load.output', label: 'Output load', unit: '%', range: [0, 300] },
    { oid: `${ups}.4.3.4.0`, key: 'current.output', label: 'Output current', unit: 'A', scale: 0.1, absent: [-1] },
    { oid: `${ups}.4.2.4.0`, key: 'current.output', label: 'Output current', unit: 'A', absent: [-1] },
    { oid: `${ups}.4.2.8.0`, key: 'power.output', label: 'Output power', unit: 'W', absent: [-1] },
    // uioSensorStatusTemperatureDegC, iemStatusProbeCurrentTemp: probes in the room
    {
      oid: `${apc}.25.1.2.1.6`,
      names: `${apc}.25.1.2.1.3`,
      key: 'temperature.probe',
      label: 'Temperature',
      unit: '°C',
      absent: [-1],
    },
    {
      oid: `${apc}.10.2.3.2.1.4`,
      names: `${apc}.10.2.3.2.1.2`,
      key: 'temperature.probe',
      label: 'Temperature',
      unit: '°C',
      absent: [-1],
    },
    // Cards without these objects speak UPS-MIB, with the same keys.
    ...upsMibSensors.filter((source) => source.oid.endsWith('.0')),
  ],
});

const analog = `${apc}.27.1.4.1.2.1`; // coolingUnitStatusAnalogTable: description, value, units, scale
const analogUnits: Readonly<Record<string, Pick<ReadingKind, 'key' | 'label' | 'unit'>>> = {
  C: { key: 'temperature', label: 'Temperature', unit: '°C' },
  kW: { key: 'power', label: 'Power', unit: 'W' },
  V: { key: 'voltage', label: 'Voltage', unit: 'V' },
  A: { key: 'current', label: 'Current', unit: 'A' },
  rpm: { key: 'fan', label: 'Fan', unit: 'rpm' },
  '%': { key: 'percent', label: 'Percent', unit: '%' },
};

async function analogs(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [names, values, units, scales] = await columns(
    reader,
    [`${analog}.2`, `${analog}.3`, `${analog}.4`, `${analog}.5`],
    256,
  );
  return [...values].flatMap(([row, value]) => {
    const kind = analogUnits[cleanText(units.get(row)).replace(/^°/, '')];
    if (kind === undefined) return [];
    const scale = (kind.key === 'power' ? 1000 : 1) / Math.max(1, numberOf(scales.get(row)) ?? 1);
    return rowSensors(`${analog}.3`, new Map([[row, value]]), { ...kind, scale }, names);
  });
}

/** Cooling of rooms and racks: InRow, Uniflair. */
export const apcCooling = family({
  name: 'apc/cooling',
  vendor: 'APC',
  under: ['1.3.6.1.4.1.318.1.3.14'],
  model: [/^APC (.+?) \(MB:/, cardModel],
  firmware,
  sensors: [
    // airFM: return and supply air, tenths of °C
    {
      oid: `${apc}.13.1.5.2.2.1.5`,
      key: 'temperature.return',
      label: 'Temperature return air',
      unit: '°C',
      scale: 0.1,
    },
    {
      oid: `${apc}.13.1.5.2.2.1.2`,
      key: 'temperature.supply',
      label: 'Temperature supply air',
      unit: '°C',
      scale: 0.1,
    },
  ],
  more: analogs,
});

/** Rack power distribution and transfer switches. */
export const apcPdu = family({
  name: 'apc/rack-power',
  vendor: 'APC',
  under: ['1.3.6.1.4.1.318.1.3.4', '1.3.6.1.4.1.318.1.3.32'],
  describes: /\bAPC (Switched Rack PDU|MasterSwitch)/,
  // sPDUIdentModelNumber, rPDUIdentModelNumber, rPDU2IdentModelNumber, …SerialNumber
  model: [`${apc}.4.1.4.0`, `${apc}.12.1.5.0`, `${apc}.26.2.1.8`, cardModel, /^(.+)$/],
  serial: [`${apc}.4.1.5.0`, `${apc}.12.1.6.0`, `${apc}.26.2.1.9`],
  firmware,
  sensors: [
    // rPDUPowerSupply… rPDUIdentDeviceLinetoLineVoltage, rPDUIdentDevicePowerWatts, rPDULoadStatusLoad
    { oid: `${apc}.12.1.15.0`, key: 'voltage.input', label: 'Input voltage', unit: 'V', absent: [-1, 0] },
    { oid: `${apc}.12.1.16.0`, key: 'power.total', label: 'Total power', unit: 'W', absent: [-1] },
    { oid: `${apc}.12.2.3.1.1.2`, key: 'current.output', label: 'Output current', unit: 'A', scale: 0.1, absent: [-1] },
    // rPDU2DeviceStatusPower (hundredths of kW), rPDU2PhaseStatusVoltage, rPDU2PhaseStatusCurrent
    { oid: `${apc}.26.4.3.1.5`, key: 'power.device', label: 'Power of unit', unit: 'W', scale: 10, absent: [-1] },
    { oid: `${apc}.26.6.3.1.6`, key: 'voltage.phase', label: 'Voltage phase', unit: 'V', absent: [-1, 0] },
    { oid: `${apc}.26.6.3.1.5`, key: 'current.phase', label: 'Current phase', unit: 'A', scale: 0.1, absent: [-1] },
    // Automatic transfer switch of three phases: voltages of both sources and the output; generator battery
    { oid: `${apc}.17.4.1.7.1.2`, key: 'voltage.source1', label: 'Voltage source 1 line', unit: 'V', scale: 0.1 },
    { oid: `${apc}.17.4.2.7.1.2`, key: 'voltage.source2', label: 'Voltage source 2 line', unit: 'V', scale: 0.1 },
    { oid: `${apc}.17.4.3.12.1.2`, key: 'voltage.output', label: 'Voltage output line', unit: 'V', scale: 0.1 },
    {
      oid: `${apc}.18.1.3.1.0`,
      key: 'voltage.generator-battery',
      label: 'Voltage generator battery',
      unit: 'V',
      scale: 0.1,
    },
    {
      oid: `${apc}.25.1.2.1.6`,
      names: `${apc}.25.1.2.1.3`,
      key: 'temperature.probe',
      label: 'Temperature',
      unit: '°C',
      absent: [-1],
    },
  ],
});
