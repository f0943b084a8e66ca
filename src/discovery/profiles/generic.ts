import { makerOf } from '../enterprises.ts';
import { entityIdentity } from '../entity-mib.ts';
import { family } from '../family.ts';
import type { Profile } from '../profile.ts';
import { upsMibSensors } from '../ups-mib.ts';

/** What any device tells by the IETF's own MIBs, and its maker by the number in sysObjectID; used when nothing else fits. */
const standard = family({
  name: 'generic/snmp',
  vendor: '',
  sensors: upsMibSensors.filter((source) => source.oid.endsWith('.0')),
  standard: ['host-resources', 'entity-sensors', 'power-ethernet'],
});

export const generic: Profile = {
  ...standard,
  matches: () => 1,
  async identity(reader, system) {
    const entity = await entityIdentity(reader);
    const version = /\b(?:version|firmware|software|release|ver\.?)[:\s]+v?([\w.()-]*\d[\w.()-]*)/i.exec(
      system.sysDescr,
    );
    return {
      vendor: makerOf(system.sysObjectId),
      model: entity.model || (system.sysDescr.split(/[,;(\n]/)[0] ?? '').trim().slice(0, 120),
      serial: entity.serial,
      firmware: entity.firmware || (version?.[1] ?? ''),
    };
  },
};
