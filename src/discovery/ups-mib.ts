import type { SensorSource } from './family.ts';

/** UPS-MIB (RFC 1628). */
const ups = '1.3.6.1.2.1.33.1';
const notThere = [-1, 2147483647] as const;

/** What RFC 1628 tells of any UPS. */
export const upsMibSensors: readonly SensorSource[] = [
  // upsEstimatedChargeRemaining, upsEstimatedMinutesRemaining with upsConfigLowBattTime, upsSecondsOnBattery
  { oid: `${ups}.2.4.0`, key: 'battery-charge', label: 'Battery charge', unit: '%', range: [0, 100] },
  {
    oid: `${ups}.2.3.0`,
    key: 'battery-minutes',
    label: 'Battery minutes left',
    unit: 'min',
    absent: notThere,
    low: `${ups}.9.7.0`,
  },
  { oid: `${ups}.2.2.0`, key: 'on-battery', label: 'Seconds on battery', unit: 's', absent: notThere },
  // upsBatteryVoltage, upsBatteryCurrent, upsBatteryTemperature
  {
    oid: `${ups}.2.5.0`,
    key: 'battery-voltage',
    label: 'Battery voltage',
    unit: 'V',
    scale: 0.1,
    absent: [0, ...notThere],
  },
  { oid: `${ups}.2.6.0`, key: 'battery-current', label: 'Battery current', unit: 'A', scale: 0.1, absent: notThere },
  {
    oid: `${ups}.2.7.0`,
    key: 'temperature.battery',
    label: 'Temperature battery',
    unit: '°C',
    absent: [0, ...notThere],
    range: [-20, 120],
  },
  // upsInputFrequency, upsInputVoltage, upsInputCurrent, upsInputTruePower
  { oid: `${ups}.3.3.1.2`, key: 'frequency.input', label: 'Input frequency', unit: 'Hz', scale: 0.1, absent: notThere },
  {
    oid: `${ups}.3.3.1.3`,
    key: 'voltage.input',
    label: 'Input voltage',
    unit: 'V',
    range: [0, 1000],
    // upsConfigLowVoltageTransferPoint, upsConfigHighVoltageTransferPoint
    low: `${ups}.9.9.0`,
    high: `${ups}.9.10.0`,
  },
  { oid: `${ups}.3.3.1.4`, key: 'current.input', label: 'Input current', unit: 'A', scale: 0.1, absent: notThere },
  { oid: `${ups}.3.3.1.5`, key: 'power.input', label: 'Input power', unit: 'W', absent: notThere },
  // upsOutputFrequency, upsOutputVoltage, upsOutputCurrent, upsOutputPower, upsOutputPercentLoad
  { oid: `${ups}.4.2.0`, key: 'frequency.output', label: 'Output frequency', unit: 'Hz', scale: 0.1, absent: notThere },
  { oid: `${ups}.4.4.1.2`, key: 'voltage.output', label: 'Output voltage', unit: 'V', range: [0, 1000] },
  { oid: `${ups}.4.4.1.3`, key: 'current.output', label: 'Output current', unit: 'A', scale: 0.1, absent: notThere },
  { oid: `${ups}.4.4.1.4`, key: 'power.output', label: 'Output power', unit: 'W', absent: notThere },
  { oid: `${ups}.4.4.1.5`, key: 'load.output', label: 'Output load', unit: '%', range: [0, 300] },
  // upsBypassFrequency, upsBypassVoltage, upsBypassCurrent, upsBypassPower
  { oid: `${ups}.5.1.0`, key: 'frequency.bypass', label: 'Bypass frequency', unit: 'Hz', scale: 0.1, absent: notThere },
  { oid: `${ups}.5.3.1.2`, key: 'voltage.bypass', label: 'Bypass voltage', unit: 'V', range: [0, 1000] },
  { oid: `${ups}.5.3.1.3`, key: 'current.bypass', label: 'Bypass current', unit: 'A', scale: 0.1, absent: notThere },
  { oid: `${ups}.5.3.1.4`, key: 'power.bypass', label: 'Bypass power', unit: 'W', absent: notThere },
];

/** upsIdentModel, upsIdentUPSSoftwareVersion else upsIdentAgentSoftwareVersion. */
export const upsMibModel = [`${ups}.1.2.0`] as const;
export const upsMibFirmware = [`${ups}.1.3.0`, `${ups}.1.4.0`] as const;
