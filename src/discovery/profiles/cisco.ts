import { family } from '../family.ts';

const cisco = '1.3.6.1.4.1.9';
const process = `${cisco}.9.109.1.1.1.1`; // CISCO-PROCESS-MIB cpmCPUTotalTable
const enhancedPool = `${cisco}.9.221.1.1.1.1`; // CISCO-ENHANCED-MEMPOOL-MIB cempMemPoolTable
const pool = `${cisco}.9.48.1.1.1`; // CISCO-MEMORY-POOL-MIB ciscoMemoryPoolTable
const environment = `${cisco}.9.13.1.3.1`; // CISCO-ENVMON-MIB ciscoEnvMonTemperatureStatusTable

/** IOS, IOS XE, IOS XR, NX-OS. */
export const ciscoIos = family({
  name: 'cisco/ios',
  vendor: 'Cisco',
  under: [cisco, `${cisco}.1`, `${cisco}.12`],
  describes: /Cisco (IOS|Internetwork|NX-OS)|IOS[ -]?XE/i,
  // ENTITY-MIB knows better; this is the platform that the image is for.
  modelElse: /^"?Cisco IOS(?:[ -]XE)? Software,? (?:\[\S+\], )?(\S.*?)\s+Software/i,
  firmware: [/Version\s+([^\s,]+)/i],
  cpu: [
    { oid: `${process}.7`, mean: true }, // cpmCPUTotal1minRev
    { oid: `${process}.8`, mean: true }, // cpmCPUTotal5minRev
    { oid: `${process}.4`, mean: true }, // cpmCPUTotal1min
    { oid: `${cisco}.2.1.57.0` }, // OLD-CISCO-CPU-MIB avgBusy1
    { oid: `${cisco}.9.305.1.1.1.0` }, // CISCO-SYSTEM-EXT-MIB cseSysCPUUtilization
  ],
  memory: [
    { used: `${enhancedPool}.18`, free: `${enhancedPool}.20` }, // cempMemPoolHCUsed, HCFree
    { used: `${enhancedPool}.7`, free: `${enhancedPool}.8` }, // cempMemPoolUsed, Free
    { used: `${process}.12`, free: `${process}.13` }, // cpmCPUMemoryUsed, Free
    { used: `${pool}.5`, free: `${pool}.6` },
    { oid: `${cisco}.9.305.1.1.2.0` }, // cseSysMemoryUtilization
  ],
  sensors: [
    {
      oid: `${environment}.3`,
      names: `${environment}.2`,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      absent: [0],
    },
    // CISCO-WAN-3G-MIB c3gModemTemperature, c3gCurrentGsmRssi
    { oid: `${cisco}.9.661.1.1.1.12`, key: 'temperature.modem', label: 'Temperature modem', unit: '°C', absent: [0] },
    {
      oid: `${cisco}.9.661.1.3.4.1.1.1`,
      key: 'signal.modem',
      label: 'Modem RSSI',
      unit: 'dBm',
      absent: [0],
      range: [-160, 0],
    },
  ],
  standard: ['entity', 'cisco-entity-sensors', 'power-ethernet'],
});

const rnd = `${cisco}.6.1.101`;
const optical = `${rnd}.90.1.2.1.3`; // CISCOSB-PHY-MIB rlPhyTestGetResult, by ifIndex and rlPhyTestType
const ifName = '1.3.6.1.2.1.31.1.1.1.1';

/** Small Business: CBS, SG, SF, Catalyst 1200 and 1300. */
export const ciscoSmallBusiness = family({
  name: 'cisco/small-business',
  vendor: 'Cisco',
  under: [`${cisco}.6.1`],
  describes: /Catalyst 1[23]00 Series|^(CBS|SG|SF|SX)\d{3}|Cisco Systems, Inc WAP/i,
  // rlPhdUnitGenParamModelName, SerialNum, SoftwareVersion
  model: [`${rnd}.53.14.1.7`, /^((?:CBS|SG|SF|SX)\d{3}\S*)/, /^Linux, Cisco Systems, Inc \S+ \((\S+)\)/],
  serial: [`${rnd}.53.14.1.5`],
  firmware: [`${rnd}.53.14.1.2`, `${rnd}.2.4.0`, /Version\s+([^\s,]+)/i],
  cpu: [{ oid: `${rnd}.1.8.0` }, { oid: `${rnd}.1.9.0` }], // rlCpuUtilDuringLastMinute (101 while switched off), Last5Minutes
  sensors: [
    // rlPhdUnitEnvParamTempSensorValue
    { oid: `${rnd}.53.15.1.10`, key: 'temperature.unit', label: 'Temperature unit', unit: '°C', absent: [0] },
    // rlPethPsePortOutputPower, mW
    { oid: `${rnd}.108.1.1.5`, key: 'power.poe', label: 'PoE power port', unit: 'W', scale: 0.001, absent: [0] },
    // rlPhyTestType: 5 °C, 6 µV, 7 µA, 8 and 9 thousandths of dBm
    {
      oid: optical,
      rows: /\.5$/,
      names: ifName,
      key: 'temperature.sfp',
      label: 'Temperature SFP',
      unit: '°C',
      absent: [0],
    },
    { oid: optical, rows: /\.6$/, key: 'voltage.sfp', label: 'Voltage SFP', unit: 'V', scale: 1e-6, absent: [0] },
    { oid: optical, rows: /\.7$/, key: 'current.sfp', label: 'Laser bias SFP', unit: 'A', scale: 1e-6, absent: [0] },
    {
      oid: optical,
      rows: /\.8$/,
      key: 'optical-tx',
      label: 'Optical transmit',
      unit: 'dBm',
      scale: 0.001,
      absent: [0],
    },
    { oid: optical, rows: /\.9$/, key: 'optical-rx', label: 'Optical receive', unit: 'dBm', scale: 0.001, absent: [0] },
  ],
  standard: ['entity', 'host-resources'],
});
