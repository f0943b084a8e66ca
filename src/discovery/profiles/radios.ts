import { family } from '../family.ts';

/** Cambium PMP and PTP (Canopy): WHISP-BOX-MIB boxTemperatureC, boxDeviceType. */
const whisp = '1.3.6.1.4.1.161.19.3.3.1';
export const canopy = family({
  name: 'cambium/pmp',
  vendor: 'Cambium',
  under: ['1.3.6.1.4.1.161.19'],
  describes: /^CANOPY\b/,
  model: [`${whisp}.266.0`, /^(CANOPY)/],
  serial: [`${whisp}.3.0`],
  firmware: [/^CANOPY\s+(\d\S*)/],
  sensors: [{ oid: `${whisp}.35.0`, key: 'temperature.board', label: 'Temperature board', unit: '°C', absent: [0] }],
});

/** Cambium ePMP: CAMBIUM-PMP80211-MIB cambiumCurrentSWVersion, sysCPUUsage (tenths of a percent). */
const epmpRoot = '1.3.6.1.4.1.17713.21';
export const epmp = family({
  name: 'cambium/epmp',
  vendor: 'Cambium',
  under: ['1.3.6.1.4.1.17713.21'],
  model: [/^(.+)$/],
  firmware: [`${epmpRoot}.1.1.1.0`],
  cpu: [{ oid: `${epmpRoot}.2.1.64.0`, scale: 0.1 }],
});

/** Netonix WISP switches: NETONIX-SWITCH-MIB tempTable, voltageTable (hundredths), totalPowerConsumption (tenths). */
const netonixRoot = '1.3.6.1.4.1.46242';
export const netonix = family({
  name: 'netonix/wisp-switch',
  vendor: 'Netonix',
  under: [netonixRoot],
  model: [/^(?:Netonix\s+)?(\S+)/],
  firmware: [`${netonixRoot}.1.0`],
  sensors: [
    {
      oid: `${netonixRoot}.3.1.3`,
      names: `${netonixRoot}.3.1.2`,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      absent: [0],
    },
    {
      oid: `${netonixRoot}.4.1.3`,
      names: `${netonixRoot}.4.1.2`,
      key: 'voltage',
      label: 'Voltage',
      unit: 'V',
      scale: 0.01,
    },
    { oid: `${netonixRoot}.6.0`, key: 'power.total', label: 'Total power', unit: 'W', scale: 0.1 },
  ],
  standard: ['host-resources'],
});

/** Teltonika RutOS: TELTONIKA-RUTX-MIB (and its forerunners); sysObjectID is that of net-snmp. */
const teltonika = '1.3.6.1.4.1.48690';
export const rutos = family({
  name: 'teltonika/rutos',
  vendor: 'Teltonika',
  under: [teltonika],
  describes: /\bTeltonika\b/i,
  probes: [`${teltonika}.1.2.0`, `${teltonika}.1.3.0`],
  model: [`${teltonika}.1.2.0`, `${teltonika}.1.3.0`], // deviceName, productCode
  serial: [`${teltonika}.1.1.0`],
  firmware: [`${teltonika}.1.6.0`], // fwVersion
  sensors: [
    // mTemperature (tenths), mSignal, mRSRP
    {
      oid: `${teltonika}.2.2.1.17`,
      key: 'temperature.modem',
      label: 'Temperature modem',
      unit: '°C',
      scale: 0.1,
      absent: [0],
    },
    {
      oid: `${teltonika}.2.2.1.12`,
      key: 'signal.rssi',
      label: 'Modem RSSI',
      unit: 'dBm',
      absent: [0],
      range: [-160, 0],
    },
    {
      oid: `${teltonika}.2.2.1.20`,
      key: 'signal.rsrp',
      label: 'Modem RSRP',
      unit: 'dBm',
      absent: [0],
      range: [-160, 0],
    },
  ],
  standard: ['host-resources'],
});

/** Raisecom ROS: RAISECOM-SYSTEM-MIB, and RAISECOM-OPTICAL-TRANSCEIVER-MIB with a row for each port and quantity. */
const raisecom = '1.3.6.1.4.1.8886';
const optics = `${raisecom}.60.18.1.2.2.1.1.2`;
export const raisecomRos = family({
  name: 'raisecom/ros',
  vendor: 'Raisecom',
  under: [raisecom],
  model: [/^ROS_\S*?\.?(RAX[^.]+|ISCOM[^.\s]+)/, /^(\S+)/],
  serial: [`${raisecom}.60.131.1.1.4.0`],
  firmware: [/^(ROS_\S+)/],
  cpu: [{ oid: `${raisecom}.60.1.1.1.2.1.1.1.3`, rows: /^3\./ }], // raisecomCPUUtilization over a minute
  memory: [{ free: `${raisecom}.60.1.3.1.1.2.0`, total: `${raisecom}.60.1.3.1.1.1.0` }], // raisecomAvailableMemory, TotalMemory
  sensors: [
    {
      oid: optics,
      rows: /\.1$/,
      key: 'temperature.sfp',
      label: 'Temperature SFP',
      unit: '°C',
      scale: 0.001,
      absent: [0],
    },
    { oid: optics, rows: /\.3$/, key: 'optical-tx', label: 'Optical transmit', unit: 'dBm', scale: 0.001, absent: [0] },
    { oid: optics, rows: /\.4$/, key: 'optical-rx', label: 'Optical receive', unit: 'dBm', scale: 0.001, absent: [0] },
  ],
});
