import { number, none, quantity } from '../lib/format.ts';
import { textOf } from '../lib/i18n.svelte.ts';

/** A sensor's key is `kind.instance` (`temperature.board`, `optical-rx.sfp1`): the kind says unit and word. */
const kinds: Readonly<Record<string, { readonly unit: string; readonly decimals: number; readonly level: boolean }>> = {
  temperature: { unit: '°C', decimals: 0, level: true },
  voltage: { unit: 'V', decimals: 1, level: true },
  'battery-voltage': { unit: 'V', decimals: 1, level: true },
  'battery-charge': { unit: '%', decimals: 0, level: false },
  'battery-minutes': { unit: 'min', decimals: 0, level: false },
  'on-battery': { unit: 's', decimals: 0, level: false },
  'optical-rx': { unit: 'dBm', decimals: 1, level: true },
  'optical-tx': { unit: 'dBm', decimals: 1, level: true },
  current: { unit: 'A', decimals: 1, level: true },
  power: { unit: 'W', decimals: 0, level: true },
  load: { unit: '%', decimals: 0, level: false },
  fan: { unit: 'rpm', decimals: 0, level: true },
  frequency: { unit: 'Hz', decimals: 1, level: true },
};

export function kindOfSensor(key: string): string {
  const dot = key.indexOf('.');
  return dot < 0 ? key : key.slice(0, dot);
}

export function instanceOfSensor(key: string): string {
  const dot = key.indexOf('.');
  return dot < 0 ? '' : key.slice(dot + 1);
}

/** `Suhu board`, `Cahaya masuk sfp1`. */
export function sensorName(key: string): string {
  const kind = kindOfSensor(key);
  const word = textOf(`sensor.${kind}`) ?? kind;
  const instance = spokenInstance(kind, instanceOfSensor(key));
  return instance === '' ? word : `${word} ${instance}`;
}

/** Devices repeat the kind in the name of an instance: `cpu-temperature`, `fan1-speed`, `sfp.sfp-sfpplus1`. */
function spokenInstance(kind: string, instance: string): string {
  const short = instance
    .replace(/^sfp\.(?=.)/, '')
    .replace(/(^|[-._])(temperature|voltage|current|power|speed|state)$/, '')
    .replace(/^fan(?=\d)/, kind === 'fan' ? '' : 'fan');
  return short.replace(/^cpu$/, 'CPU');
}

export function sensorValue(key: string, value: number | null): string {
  const kind = kinds[kindOfSensor(key)];
  if (value === null) return none;
  return kind ? quantity(value, kind.unit, kind.decimals) : number(value, 1);
}

export function sensorUnit(key: string): string {
  return kinds[kindOfSensor(key)]?.unit ?? '';
}

/** Whether a chart of it has a range of its own instead of starting at zero. */
export function sensorIsLevel(key: string): boolean {
  return kinds[kindOfSensor(key)]?.level ?? true;
}

/** What must not fall away from a page of a few rows stands first. */
export function sensorRank(key: string): number {
  const order = ['temperature', 'voltage', 'battery-charge', 'battery-minutes', 'load', 'power', 'current', 'fan'];
  const at = order.indexOf(kindOfSensor(key));
  return at < 0 ? order.length : at;
}
