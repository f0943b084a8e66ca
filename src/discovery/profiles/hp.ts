import { boardLoad } from '../board-load.ts';
import { entPhysicalName } from '../entity-mib.ts';
import { family } from '../family.ts';

const hp = '1.3.6.1.4.1.11';
const local = `${hp}.2.14.11.5.1.1.2.1.1.1`; // NETSWITCH-MIB hpLocalMemTable
const supply = `${hp}.2.14.11.5.1.55.1.1.1`; // POWERSUPPLY-MIB hpicfPsTable
const transceiver = `${hp}.2.14.11.5.1.82.1.1.1.1`; // HP-ICF-TRANSCEIVER-MIB hpicfXcvrInfoTable

/** HP ProCurve, ArubaOS-Switch, OfficeConnect. */
export const procurve = family({
  name: 'hp/procurve',
  vendor: 'HP',
  under: [`${hp}.2.3.7.8`, `${hp}.2.3.7.11`],
  model: [/^(?:HP|HPE|Aruba|ProCurve)?\s*(?:ProCurve\s+)?([^,]+?)(?:, revision|,|$)/i],
  serial: [`${hp}.2.36.1.1.2.9.0`], // hpHttpMgSerialNumber
  firmware: [`${hp}.2.14.11.5.1.1.3.0`, /revision\s+([^\s,]+)/i, /,\s*([A-Z]{1,3}\.\d\S+?),/], // hpSwitchOsVersion
  cpu: [{ oid: `${hp}.2.14.11.5.1.9.6.1.0` }], // hpSwitchCpuStat
  memory: [{ used: `${local}.7`, total: `${local}.5` }], // hpLocalMemAllocBytes, TotalBytes
  sensors: [
    // hpicfPsTemp, hpicfPsWattageCur
    { oid: `${supply}.4`, key: 'temperature.psu', label: 'Temperature power supply', unit: '°C', absent: [0] },
    { oid: `${supply}.6`, key: 'power.psu', label: 'Power supply', unit: 'W' },
    // hpicfXcvrTemp, Voltage, Bias, TxPower, RxPower
    {
      oid: `${transceiver}.11`,
      names: `${transceiver}.2`,
      key: 'temperature.sfp',
      label: 'Temperature SFP',
      unit: '°C',
      scale: 0.001,
      absent: [0],
    },
    {
      oid: `${transceiver}.12`,
      names: `${transceiver}.2`,
      key: 'voltage.sfp',
      label: 'Voltage SFP',
      unit: 'V',
      scale: 0.0001,
      absent: [0],
    },
    {
      oid: `${transceiver}.13`,
      names: `${transceiver}.2`,
      key: 'current.sfp',
      label: 'Laser bias SFP',
      unit: 'A',
      scale: 1e-6,
      absent: [0],
    },
    {
      oid: `${transceiver}.14`,
      names: `${transceiver}.2`,
      key: 'optical-tx',
      label: 'Optical transmit',
      unit: 'dBm',
      scale: 0.001,
      absent: [0, -99999999],
    },
    {
      oid: `${transceiver}.15`,
      names: `${transceiver}.2`,
      key: 'optical-rx',
      label: 'Optical receive',
      unit: 'dBm',
      scale: 0.001,
      absent: [0, -99999999],
    },
    // hpicfPoe: PSE power and its use by slot
    { oid: `${hp}.2.14.11.1.9.1.6.1.4`, key: 'power.poe', label: 'PoE power slot', unit: 'W' },
    { oid: `${hp}.2.14.11.1.9.1.6.1.5`, key: 'power.poe-actual', label: 'PoE power in use slot', unit: 'W' },
  ],
  standard: ['entity', 'entity-sensors'],
});

const h3c = '1.3.6.1.4.1.25506.2';
const state = `${h3c}.6.1.1.1.1`; // HH3C-ENTITY-EXT-MIB hh3cEntityExtStateTable
const optics = `${h3c}.70.1.1.1`; // HH3C-TRANSCEIVER-INFO-MIB, by ifIndex, hundredths of dBm
const ifName = '1.3.6.1.2.1.31.1.1.1.1';

/** H3C and HPE Comware. */
export const comware = family({
  name: 'h3c/comware',
  vendor: 'H3C',
  under: ['1.3.6.1.4.1.25506'],
  describes: /\bComware\b/i,
  modelElse: /\b(?:HPE?|H3C)\s+((?!Comware)\S.*?(?:Switch|Router))/,
  firmware: [/Software Version\s+(\S+?),?\s+Release\s+\S+/i, /Version\s+([^\s,]+)/i],
  sensors: [
    {
      oid: `${state}.12`,
      names: entPhysicalName,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      absent: [65535, 2147483647],
    }, // hh3cEntityExtTemperature
    { oid: `${h3c}.6.1.3.1.1.3`, key: 'power', label: 'Power', unit: 'W', scale: 0.001, absent: [-1] }, // hh3cEntityExtCurrentPower, mW
    {
      oid: `${optics}.9`,
      names: ifName,
      key: 'optical-tx',
      label: 'Optical transmit',
      unit: 'dBm',
      scale: 0.01,
      absent: [2147483647],
    }, // hh3cTransceiverCurTXPower
    {
      oid: `${optics}.12`,
      names: ifName,
      key: 'optical-rx',
      label: 'Optical receive',
      unit: 'dBm',
      scale: 0.01,
      absent: [2147483647],
    }, // hh3cTransceiverCurRXPower
  ],
  standard: ['entity'],
  more: (reader) =>
    // hh3cEntityExtCpuUsage, MemUsage, MemSize
    boardLoad(reader, { cpu: `${state}.6`, memory: `${state}.8`, memorySize: `${state}.10` }),
});

const aruba = '1.3.6.1.4.1.47196.4.1.1.3';

/** Aruba CX. */
export const arubaCx = family({
  name: 'aruba/cx',
  vendor: 'Aruba',
  under: ['1.3.6.1.4.1.47196'],
  firmware: [/([A-Z]{2}\.\d+\.\d+\.\d+)/],
  sensors: [
    // ARUBAWIRED-TEMPSENSOR-MIB arubaWiredTempSensorTemperature, ARUBAWIRED-POWERSUPPLY-MIB arubaWiredPSUInstantaneousPower
    {
      oid: `${aruba}.11.3.1.1.7`,
      names: `${aruba}.11.3.1.1.5`,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      scale: 0.001,
      absent: [0],
    },
    { oid: `${aruba}.11.2.1.1.7`, names: `${aruba}.11.2.1.1.5`, key: 'power.psu', label: 'Power supply', unit: 'W' },
  ],
  standard: ['entity', 'entity-sensors', 'host-resources', 'power-ethernet'],
});
