import { makerOf } from '../enterprises.ts';
import { family } from '../family.ts';
import type { Profile } from '../profile.ts';
import { upsMibFirmware, upsMibModel, upsMibSensors } from '../ups-mib.ts';

/** Any UPS that speaks UPS-MIB (RFC 1628) and has no profile of its own. */
const standardUps = family({
  name: 'generic/ups',
  vendor: '',
  under: ['1.3.6.1.2.1.33'],
  model: upsMibModel,
  firmware: upsMibFirmware,
  sensors: upsMibSensors,
});

export const rfc1628Ups: Profile = {
  ...standardUps,
  matches: (system) => Math.max(standardUps.matches(system), /\bUPS\b/.test(system.sysDescr) ? 3 : 0),
  identity: async (reader, system) => ({
    ...(await standardUps.identity(reader, system)),
    vendor: makerOf(system.sysObjectId),
  }),
};

/** Eaton and MGE: UPS-MIB beside upsmgIdent of MG-SNMP-UPS-MIB and xupsEnv of XUPS-MIB. */
export const eatonUps = family({
  name: 'eaton/ups',
  vendor: 'Eaton',
  under: ['1.3.6.1.4.1.705', '1.3.6.1.4.1.534'],
  // upsmgIdentModelName, xupsIdentModel
  model: ['1.3.6.1.4.1.705.1.1.2.0', '1.3.6.1.4.1.534.1.1.2.0', ...upsMibModel, /^(.+)$/],
  // upsmgIdentSerialNumber, xupsIdentSerialNumber
  serial: ['1.3.6.1.4.1.705.1.1.7.0', '1.3.6.1.4.1.534.1.1.6.0'],
  // upsmgIdentFirmwareVersion, xupsIdentSoftwareVersion
  firmware: ['1.3.6.1.4.1.705.1.1.4.0', '1.3.6.1.4.1.534.1.1.3.0', ...upsMibFirmware],
  sensors: [
    ...upsMibSensors,
    // xupsEnvAmbientTemp
    {
      oid: '1.3.6.1.4.1.534.1.6.1.0',
      key: 'temperature.ambient',
      label: 'Temperature ambient',
      unit: '°C',
      absent: [0, 2147483647],
    },
  ],
});
