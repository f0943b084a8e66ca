import type { Context } from '../resource.ts';
import { isObject, plainProperties, textOf, type Properties, type Value } from '../values.ts';
import { EntityResource, idOf, nameOf } from './entity-resource.ts';

const plainOnes = ['name', 'medium', 'capacityBps', 'trunk', 'tags'] as const;

interface Interface {
  readonly id: string;
  readonly name: string;
}

/** The interface at an end; one that the inventory does not have yet is made, and found on the device later. */
async function interfaceOf(end: Value | undefined, property: string, context: Context): Promise<string> {
  const { device, interface: name = '' } = isObject(end) ? end : {};
  const deviceId = await idOf('/devices', device, { property: `${property}.device`, context });
  const { controller, signal, status } = context;
  const path = `/devices/${deviceId}/interfaces`;
  const { items } = await controller.call<{ items: readonly Interface[] }>({ method: 'GET', path, signal, status });
  const found = items.find((one) => one.name === name);
  if (found !== undefined) return found.id;
  const body = { deviceId, name };
  return (await controller.call<Interface>({ method: 'POST', path: '/interfaces', body, signal, status })).id;
}

/** `rtr-kahu-01:sfp1`, as the API calls an end. */
async function endOf(end: Value | undefined, named: Value | undefined, known: Value | undefined, context: Context) {
  const { deviceId } = isObject(end) ? end : {};
  const text = textOf(named);
  const at = text.indexOf(':');
  const device = isObject(known) ? known['device'] : text.slice(0, at);
  const property = 'device';
  return {
    device: await nameOf('/devices', deviceId, { known: device, property, context }),
    interface: text.slice(at + 1),
  };
}

/** A link between two interfaces. */
export const monitoredLink = new EntityResource({
  type: 'MonitoredLink',
  path: '/links',
  nameIn: 'name',
  draft: async (given, context) => {
    const inputs = plainProperties(given);
    const draft: Properties = {};
    for (const name of plainOnes) {
      const value = inputs[name];
      if (value !== undefined) draft[name] = value;
    }
    for (const end of ['a', 'b'] as const) {
      draft[end] = { interfaceId: await interfaceOf(inputs[end], end, context) };
    }
    return draft;
  },
  inputs: async (link, known, context) => {
    const inputs: Properties = {};
    for (const name of plainOnes) {
      const value = link[name];
      if (value !== undefined) inputs[name] = value;
    }
    inputs['a'] = await endOf(link['a'], link['aName'], known['a'], context);
    inputs['b'] = await endOf(link['b'], link['bName'], known['b'], context);
    return inputs;
  },
});
