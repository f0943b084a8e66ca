import type { ReadingFacts } from '../domain/plan.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import type { SnmpReader, SnmpValue } from './snmp-reader.ts';
import { column } from './table.ts';

/** What many profiles read the same way: one reading of a scalar or of each row of a column. */
export interface ReadingKind {
  readonly key: string;
  readonly label: string;
  readonly unit: ReadingFacts['unit'];
  readonly scale?: number;
  /** Raw values for which the device means "not there" (0, -1, 2147483647…). */
  readonly absent?: readonly number[];
  /** Scaled values outside are not believed, and the reading is left out. */
  readonly range?: readonly [least: number, most: number];
}

const keyUnsafe = /[^A-Za-z0-9._-]+/g;

/** Part of a sensor's key made of a device's text: letters, digits, dot, dash; never empty. */
export function keyPart(text: string): string {
  const part = text
    .replace(keyUnsafe, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60);
  return part === '' ? 'x' : part;
}

function usable(raw: number | null, kind: ReadingKind): boolean {
  if (raw === null || kind.absent?.includes(raw) === true) return false;
  const value = raw * (kind.scale ?? 1);
  return kind.range === undefined || (value >= kind.range[0] && value <= kind.range[1]);
}

/** A sensor from one scalar OID, when the device has a usable value there. */
export function scalarSensor(values: ReadonlyMap<string, SnmpValue>, oid: string, kind: ReadingKind): ReadingFacts[] {
  if (!usable(numberOf(values.get(oid)), kind)) return [];
  return [sensor(oid, kind, kind.key, kind.label)];
}

/** A sensor from each usable row of a column; names come from another column with the same instances. */
export async function columnSensors(
  reader: SnmpReader,
  oid: string,
  kind: ReadingKind,
  names?: ReadonlyMap<string, SnmpValue>,
): Promise<ReadingFacts[]> {
  const values = await column(reader, oid, 512);
  const readings: ReadingFacts[] = [];
  for (const [instance, value] of values) {
    if (!usable(numberOf(value), kind)) continue;
    const name = cleanText(names?.get(instance), 60);
    const label = name === '' ? `${kind.label} ${instance}` : `${kind.label} ${name}`;
    readings.push(sensor(`${oid}.${instance}`, kind, `${kind.key}.${keyPart(name === '' ? instance : name)}`, label));
  }
  return readings;
}

function sensor(oid: string, kind: ReadingKind, key: string, label: string): ReadingFacts {
  return { measurement: 'sensor', field: 'value', key, label, unit: kind.unit, oid, scale: kind.scale ?? 1 };
}

/** The device's own load as a percentage that stands ready in one OID. */
export function percent(field: 'cpu_percent' | 'memory_percent', oid: string): ReadingFacts {
  const label = field === 'cpu_percent' ? 'CPU' : 'Memory';
  return { measurement: 'device', field, key: field, label, unit: '%', oid, scale: 1 };
}

/** Memory as used of a whole (`ofOid`), or as used beside what is free (`freeOid`); both in the same unit. */
export function memoryRatio(usedOid: string, other: { ofOid: string } | { freeOid: string }): ReadingFacts {
  return { ...percent('memory_percent', usedOid), ...other };
}

/**
 * CPU and memory by HOST-RESOURCES-MIB (RFC 2790): hrProcessorLoad of the first processors, and the hrStorage row that
 * is RAM. What a great many devices have, whatever their maker.
 */
export async function hostResources(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const readings: ReadingFacts[] = [];
  const loads = await column(reader, '1.3.6.1.2.1.25.3.3.1.2', 256);
  const first = [...loads].find(([, value]) =>
    usable(numberOf(value), { key: '', label: '', unit: '%', range: [0, 100] }),
  );
  if (first !== undefined) readings.push(percent('cpu_percent', `1.3.6.1.2.1.25.3.3.1.2.${first[0]}`));
  const ram = '1.3.6.1.2.1.25.2.1.2';
  const types = await column(reader, '1.3.6.1.2.1.25.2.3.1.2', 256);
  const descriptions = await column(reader, '1.3.6.1.2.1.25.2.3.1.3', 256);
  const sizes = await column(reader, '1.3.6.1.2.1.25.2.3.1.5', 256);
  const rows = [...types].filter(
    ([instance, type]) => cleanText(type) === ram && (numberOf(sizes.get(instance)) ?? 0) > 0,
  );
  const main =
    rows.find(([instance]) => /main|physical|real|^ram|dram/i.test(cleanText(descriptions.get(instance)))) ?? rows[0];
  if (main !== undefined) {
    readings.push(memoryRatio(`1.3.6.1.2.1.25.2.3.1.6.${main[0]}`, { ofOid: `1.3.6.1.2.1.25.2.3.1.5.${main[0]}` }));
  }
  return readings;
}

const entitySensorKinds: Readonly<Record<number, { key: string; label: string; unit: ReadingFacts['unit'] }>> = {
  3: { key: 'voltage', label: 'Voltage', unit: 'V' },
  4: { key: 'voltage', label: 'Voltage', unit: 'V' },
  5: { key: 'current', label: 'Current', unit: 'A' },
  6: { key: 'power', label: 'Power', unit: 'W' },
  7: { key: 'frequency', label: 'Frequency', unit: 'Hz' },
  8: { key: 'temperature', label: 'Temperature', unit: '°C' },
  10: { key: 'fan', label: 'Fan', unit: 'rpm' },
  14: { key: 'optical', label: 'Optical', unit: 'dBm' },
};

/** Sensors by ENTITY-SENSOR-MIB (RFC 3433): type, scale and precision say what the number means. */
export async function entitySensors(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const base = '1.3.6.1.2.1.99.1.1.1';
  const types = await column(reader, `${base}.1`, 512);
  if (types.size === 0) return [];
  const scales = await column(reader, `${base}.2`, 512);
  const precisions = await column(reader, `${base}.3`, 512);
  const values = await column(reader, `${base}.4`, 512);
  const states = await column(reader, `${base}.5`, 512);
  const names = await column(reader, '1.3.6.1.2.1.47.1.1.1.1.7', 2048); // ENTITY-MIB entPhysicalName
  const descriptions = await column(reader, '1.3.6.1.2.1.47.1.1.1.1.2', 2048); // entPhysicalDescr
  const readings: ReadingFacts[] = [];
  for (const [instance, type] of types) {
    const kind = entitySensorKinds[numberOf(type) ?? 0];
    const raw = numberOf(values.get(instance));
    const state = numberOf(states.get(instance)) ?? 1;
    if (kind === undefined || raw === null || state !== 1 || Math.abs(raw) >= 1_000_000_000) continue;
    // EntitySensorDataScale: 9 is units, each step a factor of a thousand
    const thousands = (numberOf(scales.get(instance)) ?? 9) - 9;
    const scale = 10 ** (3 * thousands - (numberOf(precisions.get(instance)) ?? 0));
    const name = cleanText(names.get(instance), 60) || cleanText(descriptions.get(instance), 60) || instance;
    readings.push(
      sensor(`${base}.4.${instance}`, { ...kind, scale }, `${kind.key}.${keyPart(name)}`, `${kind.label} ${name}`),
    );
  }
  return readings;
}

/** Model, serial and firmware of the chassis by ENTITY-MIB (RFC 6933); empty texts where the device has none. */
export async function entityIdentity(reader: SnmpReader): Promise<{ model: string; serial: string; firmware: string }> {
  const classes = await column(reader, '1.3.6.1.2.1.47.1.1.1.1.5', 512);
  const chassis =
    [...classes].find(([, value]) => numberOf(value) === 3)?.[0] ?? // PhysicalClass chassis
    [...classes].find(([, value]) => numberOf(value) === 11)?.[0]; // stack
  if (chassis === undefined) return { model: '', serial: '', firmware: '' };
  const at = (columnNumber: number) => `1.3.6.1.2.1.47.1.1.1.1.${columnNumber}.${chassis}`;
  const values = await reader.get([at(13), at(11), at(10), at(9)]);
  return {
    model: cleanText(values.get(at(13)), 120), // entPhysicalModelName
    serial: cleanText(values.get(at(11)), 80), // entPhysicalSerialNum
    firmware: cleanText(values.get(at(10)), 120) || cleanText(values.get(at(9)), 120), // SoftwareRev, FirmwareRev
  };
}
