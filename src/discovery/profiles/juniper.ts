import { family } from '../family.ts';

/** JUNIPER-MIB. */
const juniper = '1.3.6.1.4.1.2636.3';
const operating = `${juniper}.1.13.1`; // jnxOperatingTable; its index starts with what it is: 7 FPC, 9 Routing Engine
const spu = `${juniper}.39.1.12.1.1.1`; // JUNIPER-SRX5000-SPU-MONITORING-MIB jnxJsSPUMonitoringObjectsTable
const dom = `${juniper}.60.1.1.1.1`; // JUNIPER-DOM-MIB jnxDomCurrentTable, by ifIndex, hundredths of dBm
const ifName = '1.3.6.1.2.1.31.1.1.1.1';
const routingEngine = /^9\./;
const lineCard = /^7\./;

export const junos = family({
  name: 'juniper/junos',
  vendor: 'Juniper',
  under: ['1.3.6.1.4.1.2636'],
  describes: /Juniper Networks.*\bJUNOS\b/i,
  model: [/^Juniper Networks, Inc\. (\S+)/, `${juniper}.1.2.0`], // jnxBoxDescr
  serial: [`${juniper}.1.3.0`], // jnxBoxSerialNo
  firmware: [/JUNOS\s+([^\s,\]]+)/i],
  // jnxOperatingCPU, jnxJsSPUMonitoringCPUUsage
  cpu: [
    { oid: `${operating}.8`, rows: routingEngine },
    { oid: `${spu}.4`, mean: true },
    { oid: `${operating}.8`, rows: lineCard },
  ],
  // jnxOperatingBuffer, jnxJsSPUMonitoringMemoryUsage
  memory: [
    { oid: `${operating}.11`, rows: routingEngine },
    { oid: `${spu}.5` },
    { oid: `${operating}.11`, rows: lineCard },
  ],
  sensors: [
    {
      oid: `${operating}.7`,
      names: `${operating}.5`,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      absent: [0],
    }, // jnxOperatingTemp
    // jnxDomCurrentRxLaserPower, …LowAlarmThreshold
    {
      oid: `${dom}.5`,
      names: ifName,
      key: 'optical-rx',
      label: 'Optical receive',
      unit: 'dBm',
      scale: 0.01,
      low: `${dom}.10`,
    },
    { oid: `${dom}.7`, names: ifName, key: 'optical-tx', label: 'Optical transmit', unit: 'dBm', scale: 0.01 }, // jnxDomCurrentTxLaserOutputPower
    // jnxDomCurrentModuleTemperature, …HighAlarmThreshold
    {
      oid: `${dom}.8`,
      names: ifName,
      key: 'temperature.sfp',
      label: 'Temperature SFP',
      unit: '°C',
      absent: [0],
      high: `${dom}.21`,
    },
    {
      oid: `${dom}.6`,
      names: ifName,
      key: 'current.sfp',
      label: 'Laser bias SFP',
      unit: 'A',
      scale: 1e-6,
      absent: [0],
    }, // jnxDomCurrentTxLaserBiasCurrent
  ],
  standard: ['entity', 'power-ethernet'],
});
