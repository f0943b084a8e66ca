import type { ReadingFacts } from '../domain/plan.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import type { SnmpValue } from './snmp-reader.ts';
import type { Column } from './table.ts';

/** What many profiles read the same way: one reading of a scalar or of each row of a column. */
export interface ReadingKind {
  readonly key: string;
  readonly label: string;
  readonly unit: ReadingFacts['unit'];
  readonly scale?: number;
  /** The object is a time (DateAndTime), and the days until then are meant; `range` is in seconds since the epoch. */
  readonly until?: true;
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

/**
 * Which of its kind a sensor is. Light is told by the port's very name, by which its link finds it; a comma is all that
 * such a key may not have, since keys are listed with commas.
 */
export function instanceKey(kind: string, name: string): string {
  return kind.startsWith('optical') ? name.replaceAll(',', '-') : keyPart(name);
}

/** What no sensor reads, whatever its unit: outside, the device has no sensor there or is out of its mind. */
const believable: Readonly<Record<ReadingFacts['unit'], readonly [number, number]>> = {
  '%': [0, 1000],
  '°C': [-60, 250],
  V: [-1000, 100_000],
  A: [-10_000, 10_000],
  W: [-1e6, 1e6],
  dBm: [-80, 40],
  rpm: [0, 200_000],
  min: [0, 1e6],
  s: [0, 1e9],
  d: [-1e5, 1e5],
  Hz: [0, 1000],
  '': [-1e9, 1e9],
};

export function usable(raw: number | null, kind: Pick<ReadingKind, 'unit' | 'scale' | 'absent' | 'range'>): boolean {
  if (raw === null || kind.absent?.includes(raw) === true) return false;
  const value = raw * (kind.scale ?? 1);
  const [least, most] = kind.range ?? believable[kind.unit];
  return value >= least && value <= most;
}

/** A sensor from one scalar OID, when the device has a usable value there. */
export function scalarSensor(values: ReadonlyMap<string, SnmpValue>, oid: string, kind: ReadingKind): ReadingFacts[] {
  if (!usable(numberOf(values.get(oid)), kind)) return [];
  return [sensor(oid, kind, kind.key, kind.label)];
}

/**
 * A sensor from each usable row of a column; names come from another column with the same instances. Where there is one
 * row and no name, it needs no number.
 */
export function rowSensors(oid: string, values: Column, kind: ReadingKind, names?: Column): ReadingFacts[] {
  const readings: ReadingFacts[] = [];
  for (const [instance, value] of values) {
    if (!usable(numberOf(value), kind)) continue;
    const name = cleanText(names?.get(instance), 60);
    const label =
      name === '' ? (values.size === 1 ? kind.label : `${kind.label} ${instance}`) : `${kind.label} ${name}`;
    readings.push(
      sensor(`${oid}.${instance}`, kind, `${kind.key}.${instanceKey(kind.key, name === '' ? instance : name)}`, label),
    );
  }
  return readings;
}

export function sensor(oid: string, kind: ReadingKind, key: string, label: string): ReadingFacts {
  const reading = { field: 'value', key, label, unit: kind.unit, oid, scale: kind.scale ?? 1 };
  return { measurement: 'sensor', ...reading, ...(kind.until === true && { until: kind.until }) };
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

/** Memory where the device tells what is free of the whole. */
export function memoryFree(freeOid: string, ofOid: string): ReadingFacts {
  return { ...percent('memory_percent', freeOid), ofOid, complement: true };
}

/** The reading with the limits that the device tells, raw as it tells them; 0 and what no sensor reads is no limit. */
export function limited(
  reading: ReadingFacts,
  raw: { readonly low: number | null; readonly high: number | null },
): ReadingFacts {
  const { scale } = reading;
  const limitOf = (value: number | null): number | undefined =>
    value !== null && value !== 0 && usable(value, { unit: reading.unit, scale }) ? value * scale : undefined;
  const low = limitOf(raw.low);
  const high = limitOf(raw.high);
  if ((low === undefined && high === undefined) || (low ?? -Infinity) >= (high ?? Infinity)) return reading;
  return { ...reading, limits: { ...(low !== undefined && { low }), ...(high !== undefined && { high }) } };
}
