import { none, number, quantity } from '../lib/format.ts';
import { t, textOf } from '../lib/i18n.svelte.ts';
import { instanceOfSensor, kindOfSensor, sensorKinds, spokenInstance } from './sensor-keys.ts';

/** `Suhu board`, `Cahaya masuk sfp1`. */
export function sensorName(key: string): string {
  const kind = kindOfSensor(key);
  const word = textOf(`sensor.${kind}`) ?? kind;
  const instance = spokenInstance(kind, instanceOfSensor(key));
  return instance === '' ? word : `${word} ${instance}`;
}

export function sensorValue(key: string, value: number | null): string {
  const kind = sensorKinds[kindOfSensor(key)];
  if (value === null) return none;
  // What a transceiver draws is a few thousandths.
  if (kind?.unit === 'A' && Math.abs(value) < 1) return quantity(value * 1000, 'mA');
  if (kind?.unit === 'd') return t('sensor.days', { n: number(value) });
  return kind ? quantity(value, kind.unit, kind.decimals) : number(value, 1);
}
