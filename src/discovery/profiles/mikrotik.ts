import type { ReadingFacts } from '../../domain/plan.ts';
import { cleanText, numberOf } from '../hostile-text.ts';
import { underPrefix, type Profile } from '../profile.ts';
import { columnSensors, hostResources, keyPart, scalarSensor } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';
import { column } from '../table.ts';

/** MIKROTIK-MIB below 1.3.6.1.4.1.14988.1.1. */
const mtxr = '1.3.6.1.4.1.14988.1.1';

/** mtxrGaugeUnit: what a gauge counts, and how many of it are one of ours. */
const gaugeUnits: Readonly<Record<number, { key: string; label: string; unit: ReadingFacts['unit']; scale: number }>> =
  {
    1: { key: 'temperature', label: 'Temperature', unit: '°C', scale: 1 },
    2: { key: 'fan', label: 'Fan', unit: 'rpm', scale: 1 },
    3: { key: 'voltage', label: 'Voltage', unit: 'V', scale: 0.1 },
    4: { key: 'current', label: 'Current', unit: 'A', scale: 0.1 },
    5: { key: 'power', label: 'Power', unit: 'W', scale: 0.1 },
  };

/** mtxrGaugeTable (RouterOS 7): name, value, unit. */
async function gauges(reader: SnmpReader): Promise<ReadingFacts[]> {
  const units = await column(reader, `${mtxr}.3.100.1.4`, 256);
  const names = await column(reader, `${mtxr}.3.100.1.2`, 256);
  const values = await column(reader, `${mtxr}.3.100.1.3`, 256);
  const readings: ReadingFacts[] = [];
  for (const [instance, unit] of units) {
    const kind = gaugeUnits[numberOf(unit) ?? 0];
    if (kind === undefined || numberOf(values.get(instance)) === null) continue;
    const name = cleanText(names.get(instance), 60) || instance;
    readings.push({
      measurement: 'sensor',
      field: 'value',
      key: `${kind.key}.${keyPart(name)}`,
      label: `${kind.label} ${name}`,
      unit: kind.unit,
      oid: `${mtxr}.3.100.1.3.${instance}`,
      scale: kind.scale,
    });
  }
  return readings;
}

/** mtxrHealth scalars of RouterOS 6: 0 stands for "has no such sensor". */
async function health(reader: SnmpReader): Promise<ReadingFacts[]> {
  const voltage = `${mtxr}.3.8.0`;
  const temperature = `${mtxr}.3.10.0`;
  const processor = `${mtxr}.3.11.0`;
  const values = await reader.get([voltage, temperature, processor]);
  return [
    ...scalarSensor(values, voltage, { key: 'voltage.board', label: 'Voltage', unit: 'V', scale: 0.1, absent: [0] }),
    ...scalarSensor(values, temperature, {
      key: 'temperature.board',
      label: 'Temperature board',
      unit: '°C',
      scale: 0.1,
      absent: [0],
    }),
    ...scalarSensor(values, processor, {
      key: 'temperature.cpu',
      label: 'Temperature CPU',
      unit: '°C',
      scale: 0.1,
      absent: [0],
    }),
  ];
}

/** mtxrOpticalTable: powers in thousandths of dBm; temperature in °C, supply in mV. */
async function optics(reader: SnmpReader): Promise<ReadingFacts[]> {
  const table = `${mtxr}.19.1.1`;
  const names = await column(reader, `${table}.2`, 256);
  if (names.size === 0) return [];
  return [
    ...(await columnSensors(
      reader,
      `${table}.10`,
      { key: 'optical-rx', label: 'Optical receive', unit: 'dBm', scale: 0.001, absent: [0], range: [-60, 20] },
      names,
    )),
    ...(await columnSensors(
      reader,
      `${table}.9`,
      { key: 'optical-tx', label: 'Optical transmit', unit: 'dBm', scale: 0.001, absent: [0], range: [-60, 20] },
      names,
    )),
    ...(await columnSensors(
      reader,
      `${table}.6`,
      { key: 'temperature.sfp', label: 'Temperature', unit: '°C', absent: [0], range: [-40, 120] },
      names,
    )),
  ];
}

export const routeros: Profile = {
  name: 'mikrotik/routeros',
  matches: (system) =>
    /^SwOS/i.test(system.sysDescr)
      ? 0
      : Math.max(
          underPrefix(system.sysObjectId, '1.3.6.1.4.1.14988.1'),
          system.sysDescr.startsWith('RouterOS') ? 6 : 0,
        ),
  async identity(reader, system) {
    const version = `${mtxr}.4.4.0`; // mtxrLicVersion
    const serial = `${mtxr}.7.3.0`; // mtxrSerialNumber
    const board = `${mtxr}.7.8.0`; // mtxrBoardName
    const values = await reader.get([version, serial, board]);
    return {
      vendor: 'MikroTik',
      model: cleanText(values.get(board), 120) || system.sysDescr.replace(/^RouterOS\s*/, '').slice(0, 120),
      serial: cleanText(values.get(serial), 80),
      firmware: cleanText(values.get(version), 120),
    };
  },
  async readings(reader) {
    const found = await gauges(reader);
    return [
      ...(await hostResources(reader)),
      ...(found.length > 0 ? found : await health(reader)),
      ...(await optics(reader)),
    ];
  },
};
