import type { Profile } from '../profile.ts';
import { entityIdentity, entitySensors, hostResources } from '../readings.ts';

/** What any device tells by the IETF's own MIBs; used when no other profile fits. */
export const generic: Profile = {
  name: 'generic/snmp',
  matches: () => 1,
  async identity(reader, system) {
    const entity = await entityIdentity(reader);
    return {
      vendor: '',
      ...entity,
      model: entity.model || (system.sysDescr.split(/[,;(\n]/)[0] ?? '').trim().slice(0, 120),
    };
  },
  async readings(reader) {
    return [...(await hostResources(reader)), ...(await entitySensors(reader))];
  },
};
