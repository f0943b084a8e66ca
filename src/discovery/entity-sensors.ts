import type { ReadingFacts } from '../domain/plan.ts';
import { entPhysicalDescr, entPhysicalName } from './entity-mib.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import { instanceKey, limited, sensor, usable, type ReadingKind } from './readings.ts';
import type { SnmpReader } from './snmp-reader.ts';
import { cells, column, columns } from './table.ts';

/** ENTITY-SENSOR-MIB (RFC 3433) entPhySensorTable, and Cisco's elder one of the same layout, entSensorValueTable. */
const ietf = '1.3.6.1.2.1.99.1.1.1';
export const ciscoEntitySensors = '1.3.6.1.4.1.9.9.91.1.1.1.1';

const kinds: Readonly<Record<number, Pick<ReadingKind, 'key' | 'label' | 'unit'>>> = {
  3: { key: 'voltage', label: 'Voltage', unit: 'V' }, // voltsAC
  4: { key: 'voltage', label: 'Voltage', unit: 'V' }, // voltsDC
  5: { key: 'current', label: 'Current', unit: 'A' },
  6: { key: 'power', label: 'Power', unit: 'W' },
  7: { key: 'frequency', label: 'Frequency', unit: 'Hz' },
  8: { key: 'temperature', label: 'Temperature', unit: '°C' },
  10: { key: 'fan', label: 'Fan', unit: 'rpm' },
  14: { key: 'optical', label: 'Optical', unit: 'dBm' }, // Cisco's
};

/** `Te1/1/1 Receive Power Sensor` is of port Te1/1/1. */
const afterPort = /\s+(?:Lane\s+\d+\s+)?(?:Transceiver\s+)?(?:Receive|Transmit|Rx|Tx)\b.*$/i;

function opticalKind(name: string): Pick<ReadingKind, 'key' | 'label' | 'unit'> {
  if (/\b(rx|receive)/i.test(name)) return { key: 'optical-rx', label: 'Optical receive', unit: 'dBm' };
  if (/\b(tx|transmit)/i.test(name)) return { key: 'optical-tx', label: 'Optical transmit', unit: 'dBm' };
  return { key: 'optical', label: 'Optical', unit: 'dBm' };
}

const mostSensors = 512;

/** Sensors by type, scale and precision; names only of those rows that are sensors. */
export async function entitySensors(reader: SnmpReader, base = ietf): Promise<readonly ReadingFacts[]> {
  const types = await column(reader, `${base}.1`, mostSensors);
  const known = [...types].filter(([, type]) => kinds[numberOf(type) ?? 0] !== undefined);
  if (known.length === 0) return [];
  const [scales, precisions, values, states] = await columns(
    reader,
    [`${base}.2`, `${base}.3`, `${base}.4`, `${base}.5`],
    mostSensors,
  );
  const limits = base === ciscoEntitySensors ? await ciscoLimits(reader) : new Map<string, RawLimits>();
  const present = known.filter(
    ([row]) => numberOf(values.get(row)) !== null && (numberOf(states.get(row)) ?? 1) === 1, // ok
  );
  const rows = present.map(([row]) => row);
  const [names, descriptions] = await Promise.all([
    cells(reader, entPhysicalName, rows),
    cells(reader, entPhysicalDescr, rows),
  ]);
  const readings: ReadingFacts[] = [];
  for (const [row, type] of present) {
    const name = cleanText(names.get(row), 60) || cleanText(descriptions.get(row), 60) || row;
    const described = `${name} ${cleanText(descriptions.get(row), 60)}`;
    const kind = numberOf(type) === 14 ? opticalKind(described) : kinds[numberOf(type) ?? 0];
    // EntitySensorDataScale: 9 is units, each step a factor of a thousand
    const thousands = (numberOf(scales.get(row)) ?? 9) - 9;
    const scale = Number(`1e${3 * thousands - (numberOf(precisions.get(row)) ?? 0)}`);
    if (kind === undefined || !usable(numberOf(values.get(row)), { ...kind, scale })) continue;
    const found = sensor(
      `${base}.4.${row}`,
      { ...kind, scale },
      `${kind.key}.${instanceKey(kind.key, name.replace(afterPort, ''))}`,
      `${kind.label} ${name}`,
    );
    readings.push(limited(found, limits.get(row) ?? { low: null, high: null }));
  }
  return readings;
}

type RawLimits = { low: number | null; high: number | null };

/** CISCO-ENTITY-SENSOR-MIB entSensorThresholdTable, by sensor and number: severity, relation, value. */
const ciscoThresholds = '1.3.6.1.4.1.9.9.91.1.2.1.1';
const major = 20;

/** By sensor: the innermost bounds of severity major or critical, as raw as the sensor's value. */
async function ciscoLimits(reader: SnmpReader): Promise<ReadonlyMap<string, RawLimits>> {
  const [severities, relations, values] = await columns(
    reader,
    [`${ciscoThresholds}.2`, `${ciscoThresholds}.3`, `${ciscoThresholds}.4`],
    4 * mostSensors,
  );
  const limits = new Map<string, RawLimits>();
  for (const [instance, severity] of severities) {
    const value = numberOf(values.get(instance));
    const relation = numberOf(relations.get(instance)) ?? 0;
    if (value === null || (numberOf(severity) ?? 0) < major) continue;
    const row = instance.slice(0, instance.lastIndexOf('.'));
    const known = limits.get(row) ?? { low: null, high: null };
    limits.set(row, known);
    // lessThan 1, lessOrEqual 2, greaterThan 3, greaterOrEqual 4
    if (relation === 1 || relation === 2) known.low = Math.max(value, known.low ?? -Infinity);
    if (relation === 3 || relation === 4) known.high = Math.min(value, known.high ?? Infinity);
  }
  return limits;
}
