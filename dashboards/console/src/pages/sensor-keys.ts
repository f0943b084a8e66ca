/** A sensor's key is `kind.instance` (`temperature.board`, `optical-rx.sfp1`): the kind says unit and word. */
export const sensorKinds: Readonly<
  Record<string, { readonly unit: string; readonly decimals: number; readonly level: boolean }>
> = {
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
  'battery-current': { unit: 'A', decimals: 1, level: true },
  signal: { unit: 'dBm', decimals: 0, level: true },
  'licence-days': { unit: 'd', decimals: 0, level: false },
  'fan-percent': { unit: '%', decimals: 0, level: false },
  percent: { unit: '%', decimals: 0, level: false },
};

/** What a rule's sensor begins with for all of a kind: some have a single one, `battery-charge`, without an instance. */
export function sensorPrefix(kind: string): string {
  const isOthers = Object.keys(sensorKinds).some((other) => other !== kind && other.startsWith(kind));
  return isOthers ? `${kind}.` : kind;
}

export function kindOfSensor(key: string): string {
  const dot = key.indexOf('.');
  return dot < 0 ? key : key.slice(0, dot);
}

export function instanceOfSensor(key: string): string {
  const dot = key.indexOf('.');
  return dot < 0 ? '' : key.slice(dot + 1);
}

/** Devices repeat the kind in the name of an instance: `cpu-temperature`, `fan1-speed`, `sfp.sfp-sfpplus1`. */
export function spokenInstance(kind: string, instance: string): string {
  const short = instance
    .replace(/^sfp\.(?=.)/, '')
    .replace(/(^|[-._])(temperature|voltage|current|power|speed|state)$/, '')
    .replace(/^fan(?=\d)/, kind === 'fan' ? '' : 'fan');
  return short.replace(/^cpu$/, 'CPU');
}

export function sensorUnit(key: string): string {
  return sensorKinds[kindOfSensor(key)]?.unit ?? '';
}

/** Whether a chart of it has a range of its own instead of starting at zero. */
export function sensorIsLevel(key: string): boolean {
  return sensorKinds[kindOfSensor(key)]?.level ?? true;
}

const order = [
  'signal',
  'temperature',
  'voltage',
  'battery-charge',
  'battery-minutes',
  'load',
  'power',
  'current',
  'fan',
  'fan-percent',
];

/** What must not fall away from a page of a few rows stands first, what single transceivers tell last. */
export function sensorRank(key: string): number {
  const at = order.indexOf(kindOfSensor(key));
  return (at < 0 ? order.length : at) + (isOfTransceiver(key) ? order.length + 1 : 0);
}

/** `temperature.sfp.sfp-sfpplus1`, as profiles name what a pluggable module measures of itself. */
export function isOfTransceiver(key: string): boolean {
  return /^(sfp|qsfp|xfp|transceiver)\b/.test(instanceOfSensor(key));
}
