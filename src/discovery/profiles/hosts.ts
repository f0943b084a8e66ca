import { family } from '../family.ts';

/** What the agents of server makers add, on whatever system: Dell MIB-Dell-10892, Compaq CPQSINFO-MIB. */
const dell = '1.3.6.1.4.1.674.10892';
const compaq = '1.3.6.1.4.1.232.2.2';
const serverModel = [`${dell}.1.300.10.1.9`, `${dell}.5.1.3.12.0`, `${compaq}.4.2.0`] as const; // chassisModelName, systemModelName, cpqSiProductName
const serverSerial = [`${dell}.1.300.10.1.11`, `${dell}.5.1.3.2.0`, `${compaq}.2.1.0`] as const; // chassisServiceTagName, systemServiceTag, cpqSiSysSerialNum

/** LM-SENSORS-MIB: thousandths of °C and V, rpm. */
const lm = '1.3.6.1.4.1.2021.13.16';

export const linux = family({
  name: 'net-snmp/linux',
  vendor: '',
  under: ['1.3.6.1.4.1.8072.3.2', '1.3.6.1.4.1.2021.250'],
  describes: /^Linux \S+ \d+\.\d+/,
  model: serverModel,
  serial: serverSerial,
  firmware: [/^(?:Linux|FreeBSD|OpenBSD|NetBSD) \S+ (\S+)/],
  sensors: [
    {
      oid: `${lm}.2.1.3`,
      names: `${lm}.2.1.2`,
      key: 'temperature',
      label: 'Temperature',
      unit: '°C',
      scale: 0.001,
      absent: [0],
    },
    { oid: `${lm}.3.1.3`, names: `${lm}.3.1.2`, key: 'fan', label: 'Fan', unit: 'rpm' },
    { oid: `${lm}.4.1.3`, names: `${lm}.4.1.2`, key: 'voltage', label: 'Voltage', unit: 'V', scale: 0.001 },
  ],
  standard: ['host-resources'],
});

export const windows = family({
  name: 'microsoft/windows',
  vendor: 'Microsoft',
  under: ['1.3.6.1.4.1.311.1.1.3'],
  describes: /\bSoftware: Windows\b/,
  model: [...serverModel, /^Hardware: (.+?) - Software/],
  serial: serverSerial,
  firmware: [/Software: (.+)$/],
  standard: ['host-resources'],
});

/** Synology DSM: SYNOLOGY-SYSTEM-MIB, SYNOLOGY-DISK-MIB; sysObjectID is that of net-snmp. */
const synology = '1.3.6.1.4.1.6574';
export const dsm = family({
  name: 'synology/dsm',
  vendor: 'Synology',
  under: [synology],
  probes: [`${synology}.1.1.0`], // systemStatus
  model: [`${synology}.1.5.1.0`],
  serial: [`${synology}.1.5.2.0`],
  firmware: [`${synology}.1.5.3.0`],
  sensors: [
    { oid: `${synology}.1.2.0`, key: 'temperature.system', label: 'Temperature system', unit: '°C', absent: [0] },
    {
      oid: `${synology}.2.1.1.6`,
      names: `${synology}.2.1.1.2`,
      key: 'temperature.disk',
      label: 'Temperature disk',
      unit: '°C',
      absent: [0],
    },
  ],
  standard: ['host-resources'],
});
