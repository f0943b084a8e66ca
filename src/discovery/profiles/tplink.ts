import { family } from '../family.ts';

/** TPLINK-MIB below 1.3.6.1.4.1.11863.6: TPLINK-SYSINFO-MIB, TPLINK-SYSMONITOR-MIB, TPLINK-DDMSTATUS-MIB. */
const tplink = '1.3.6.1.4.1.11863.6';
const optics = `${tplink}.96.1.7.1.1`; // ddmStatusTable, by ifIndex; numbers as text
const ifName = '1.3.6.1.2.1.31.1.1.1.1';

export const jetstream = family({
  name: 'tp-link/jetstream',
  vendor: 'TP-Link',
  under: ['1.3.6.1.4.1.11863'],
  model: [`${tplink}.1.1.5.0`, /([A-Z]{2}-?[A-Z]{0,3}\d{3,}[A-Z0-9-]*)/, /^(.+)$/], // tpSysInfoHwVersion: `T1600G-28TS 3.0`
  serial: [`${tplink}.1.1.8.0`], // tpSysInfoSerialNum
  firmware: [`${tplink}.1.1.6.0`], // tpSysInfoSwVersion
  // tpSysMonitorCpu1Minute, Cpu5Seconds, by unit
  cpu: [{ oid: `${tplink}.4.1.1.1.1.3` }, { oid: `${tplink}.4.1.1.1.1.2` }, { oid: `${tplink}.4.1.1.1.1.4` }],
  memory: [{ oid: `${tplink}.4.1.2.1.1.2` }], // tpSysMonitorMemoryUtilization
  sensors: [
    { oid: `${optics}.2`, names: ifName, key: 'temperature.sfp', label: 'Temperature', unit: '°C', absent: [0] },
    { oid: `${optics}.3`, names: ifName, key: 'voltage.sfp', label: 'Voltage', unit: 'V', absent: [0] },
    {
      oid: `${optics}.4`,
      names: ifName,
      key: 'current.sfp',
      label: 'Laser bias',
      unit: 'A',
      scale: 0.001,
      absent: [0],
    },
    // In mW, not dBm: such a number is no reading of the same kind as the others' light.
    {
      oid: `${optics}.5`,
      names: ifName,
      key: 'power.optical-tx',
      label: 'Optical transmit power',
      unit: 'W',
      scale: 0.001,
      absent: [0],
    },
    {
      oid: `${optics}.6`,
      names: ifName,
      key: 'power.optical-rx',
      label: 'Optical receive power',
      unit: 'W',
      scale: 0.001,
      absent: [0],
    },
  ],
});
