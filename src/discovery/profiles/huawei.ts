import { boardLoad } from '../board-load.ts';
import { entPhysicalName } from '../entity-mib.ts';
import { family } from '../family.ts';

/** HUAWEI-ENTITY-EXTENT-MIB: hwEntityStateTable and hwOpticalModuleInfoTable, indexed by entPhysicalIndex. */
const extent = '1.3.6.1.4.1.2011.5.25.31.1.1';
const state = `${extent}.1.1`;
const optical = `${extent}.3.1`;
const notThere = [0, -1, 2147483647, -2147483648] as const;

export const vrp = family({
  name: 'huawei/vrp',
  vendor: 'Huawei',
  under: ['1.3.6.1.4.1.2011.2'],
  describes: /Versatile Routing Platform|\bVRP\b/i,
  // `S5735-L24T4X-A1 Huawei Versatile…`, else the family in `(S5735 V200R021C00SPC600)`
  model: [/^"?(?:Huawei\s+)?(\S+)\s+Huawei Versatile/i, /\((\S.*?)\s+V\d/],
  // `Version 5.170 (S5735 V200R021C00SPC600)`
  firmware: [/Version\s+[\d.]+\s*\([^)\s]*\s*(V\d[^)\s]*)\)/i, /Version\s+([\d.]+)/i],
  standard: ['entity'],
  sensors: [
    {
      oid: `${state}.11`,
      names: entPhysicalName,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      absent: notThere,
      range: [-40, 150],
      high: `${state}.12`,
    }, // hwEntityTemperature, hwEntityTemperatureThreshold
    {
      oid: `${state}.13`,
      names: entPhysicalName,
      key: 'voltage',
      label: 'Voltage',
      unit: 'V',
      scale: 0.001,
      absent: notThere,
    }, // hwEntityVoltage, mV
    {
      oid: `${optical}.8`,
      names: entPhysicalName,
      key: 'optical-rx',
      label: 'Optical receive',
      unit: 'dBm',
      scale: 0.01,
      absent: notThere,
      range: [-60, 20],
    }, // hwEntityOpticalRxPower
    {
      oid: `${optical}.9`,
      names: entPhysicalName,
      key: 'optical-tx',
      label: 'Optical transmit',
      unit: 'dBm',
      scale: 0.01,
      absent: notThere,
      range: [-60, 20],
    }, // hwEntityOpticalTxPower
    {
      oid: `${optical}.5`,
      names: entPhysicalName,
      key: 'temperature.sfp',
      label: 'Temperature SFP',
      unit: '°C',
      absent: notThere,
      range: [-40, 150],
    }, // hwEntityOpticalTemperature
    {
      oid: `${optical}.6`,
      names: entPhysicalName,
      key: 'voltage.sfp',
      label: 'Voltage SFP',
      unit: 'V',
      scale: 0.001,
      absent: notThere,
    }, // hwEntityOpticalVoltage, mV
    {
      oid: `${optical}.7`,
      names: entPhysicalName,
      key: 'current.sfp',
      label: 'Laser bias SFP',
      unit: 'A',
      scale: 0.001,
      absent: notThere,
    }, // hwEntityOpticalBiasCurrent, mA
    { oid: `${extent}.10.1.5`, key: 'fan-percent', label: 'Fan', unit: '%', range: [0, 100] }, // hwEntityFanSpeed
  ],
  more: (reader) =>
    // hwEntityCpuUsage, hwEntityMemUsage, hwEntityMemSize
    boardLoad(reader, { cpu: `${state}.5`, memory: `${state}.7`, memorySize: `${state}.9` }),
});
