import type { ReadingFacts } from '../../domain/plan.ts';
import { cleanText } from '../hostile-text.ts';
import { underPrefix, type Profile } from '../profile.ts';
import { columnSensors, scalarSensor } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';

/** UPS-MIB (RFC 1628). */
const ups = '1.3.6.1.2.1.33.1';
/** PowerNet-MIB of APC, upsMIB part. */
const apc = '1.3.6.1.4.1.318.1.1.1';

/** What RFC 1628 tells of any UPS. */
async function standardUps(reader: SnmpReader): Promise<ReadingFacts[]> {
  const minutes = `${ups}.2.3.0`;
  const charge = `${ups}.2.4.0`;
  const voltage = `${ups}.2.5.0`;
  const temperature = `${ups}.2.7.0`;
  const onBattery = `${ups}.2.2.0`;
  const values = await reader.get([minutes, charge, voltage, temperature, onBattery]);
  return [
    ...scalarSensor(values, charge, { key: 'battery-charge', label: 'Battery charge', unit: '%', range: [0, 100] }),
    ...scalarSensor(values, minutes, {
      key: 'battery-minutes',
      label: 'Battery minutes left',
      unit: 'min',
      range: [0, 100_000],
    }),
    ...scalarSensor(values, onBattery, {
      key: 'on-battery',
      label: 'Seconds on battery',
      unit: 's',
      range: [0, 10_000_000],
    }),
    ...scalarSensor(values, voltage, {
      key: 'battery-voltage',
      label: 'Battery voltage',
      unit: 'V',
      scale: 0.1,
      absent: [0],
    }),
    ...scalarSensor(values, temperature, {
      key: 'temperature.battery',
      label: 'Temperature battery',
      unit: '°C',
      absent: [0],
      range: [-20, 120],
    }),
    ...(await columnSensors(reader, `${ups}.3.3.1.3`, {
      key: 'voltage.input',
      label: 'Input voltage line',
      unit: 'V',
      range: [0, 1000],
    })),
    ...(await columnSensors(reader, `${ups}.4.4.1.2`, {
      key: 'voltage.output',
      label: 'Output voltage line',
      unit: 'V',
      range: [0, 1000],
    })),
    ...(await columnSensors(reader, `${ups}.4.4.1.5`, {
      key: 'load.output',
      label: 'Output load line',
      unit: '%',
      range: [0, 300],
    })),
  ];
}

export const apcUps: Profile = {
  name: 'apc/powernet',
  matches: (system) => underPrefix(system.sysObjectId, '1.3.6.1.4.1.318'),
  async identity(reader) {
    const model = `${apc}.1.1.1.0`; // upsBasicIdentModel
    const firmware = `${apc}.1.2.1.0`; // upsAdvIdentFirmwareRevision
    const serial = `${apc}.1.2.3.0`; // upsAdvIdentSerialNumber
    const values = await reader.get([model, firmware, serial]);
    return {
      vendor: 'APC',
      model: cleanText(values.get(model), 120),
      serial: cleanText(values.get(serial), 80),
      firmware: cleanText(values.get(firmware), 120),
    };
  },
  async readings(reader) {
    const charge = `${apc}.2.2.1.0`; // upsAdvBatteryCapacity, percent
    const temperature = `${apc}.2.2.2.0`; // upsAdvBatteryTemperature
    const runTime = `${apc}.2.2.3.0`; // upsAdvBatteryRunTimeRemaining, hundredths of a second
    const onBattery = `${apc}.2.1.2.0`; // upsBasicBatteryTimeOnBattery, hundredths of a second
    const input = `${apc}.3.2.1.0`; // upsAdvInputLineVoltage
    const output = `${apc}.4.2.1.0`; // upsAdvOutputVoltage
    const load = `${apc}.4.2.3.0`; // upsAdvOutputLoad, percent
    const values = await reader.get([charge, temperature, runTime, onBattery, input, output, load]);
    const own = [
      ...scalarSensor(values, charge, { key: 'battery-charge', label: 'Battery charge', unit: '%', range: [0, 100] }),
      ...scalarSensor(values, runTime, {
        key: 'battery-minutes',
        label: 'Battery minutes left',
        unit: 'min',
        scale: 1 / 6000,
      }),
      ...scalarSensor(values, onBattery, { key: 'on-battery', label: 'Seconds on battery', unit: 's', scale: 0.01 }),
      ...scalarSensor(values, temperature, {
        key: 'temperature.battery',
        label: 'Temperature battery',
        unit: '°C',
        absent: [0],
      }),
      ...scalarSensor(values, input, { key: 'voltage.input', label: 'Input voltage', unit: 'V', range: [0, 1000] }),
      ...scalarSensor(values, output, { key: 'voltage.output', label: 'Output voltage', unit: 'V', range: [0, 1000] }),
      ...scalarSensor(values, load, { key: 'load.output', label: 'Output load', unit: '%', range: [0, 300] }),
    ];
    return own.length > 0 ? own : await standardUps(reader);
  },
};

export const rfc1628Ups: Profile = {
  name: 'generic/ups',
  matches: (system) =>
    underPrefix(system.sysObjectId, '1.3.6.1.2.1.33', '1.3.6.1.4.1.705', '1.3.6.1.4.1.534') > 0
      ? 7
      : /\bUPS\b/.test(system.sysDescr)
        ? 3
        : 0,
  async identity(reader) {
    const values = await reader.get([`${ups}.1.1.0`, `${ups}.1.2.0`, `${ups}.1.3.0`]);
    return {
      vendor: cleanText(values.get(`${ups}.1.1.0`), 80), // upsIdentManufacturer
      model: cleanText(values.get(`${ups}.1.2.0`), 120), // upsIdentModel
      serial: '',
      firmware: cleanText(values.get(`${ups}.1.3.0`), 120), // upsIdentUPSSoftwareVersion
    };
  },
  readings: standardUps,
};
