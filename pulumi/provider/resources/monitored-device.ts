import { plainProperties, type Properties } from '../values.ts';
import { EntityResource, idOf, nameOf } from './entity-resource.ts';

/** Names of what a device points at, as the program has them, the API's names for the ids, and where they are looked up. */
const references = [
  { property: 'site', id: 'siteId', collection: '/sites' },
  { property: 'credential', id: 'credentialId', collection: '/credentials' },
  { property: 'managementCredential', id: 'managementCredentialId', collection: '/credentials' },
] as const;
const plainOnes = [
  'name',
  'role',
  'gateway',
  'protocol',
  'address',
  'port',
  'managementPort',
  'vendor',
  'model',
  'serial',
  'tags',
] as const;

/** A device of the inventory. */
export const monitoredDevice = new EntityResource({
  type: 'MonitoredDevice',
  path: '/devices',
  nameIn: 'name',
  draft: async (given, context) => {
    const inputs = plainProperties(given);
    const draft: Properties = {};
    for (const name of plainOnes) {
      const value = inputs[name];
      if (value !== undefined) draft[name] = value;
    }
    for (const { property, id, collection } of references) {
      const key = inputs[property];
      if (key !== undefined) draft[id] = key === '' ? null : await idOf(collection, key, { property, context });
    }
    return draft;
  },
  inputs: async (device, known, context) => {
    const inputs: Properties = {};
    for (const name of plainOnes) {
      const value = device[name];
      if (value !== undefined) inputs[name] = value;
    }
    for (const { property, id, collection } of references) {
      inputs[property] = await nameOf(collection, device[id], { known: known[property], property, context });
    }
    return inputs;
  },
});
