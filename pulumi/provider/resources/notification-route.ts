import { isObject, isSecret, plainProperties, secret, type Properties, type Value } from '../values.ts';
import { EntityResource, idOf, nameOf } from './entity-resource.ts';

const plainOnes = [
  'name',
  'regionCodes',
  'networks',
  'level',
  'language',
  'workingHours',
  'quietHours',
  'active',
] as const;

function listOf(value: Value | undefined): readonly Properties[] {
  const list = isSecret(value) ? value.value : value;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** Who is told of what: one of Arung's people. */
export const notificationRoute = new EntityResource({
  type: 'NotificationRoute',
  path: '/people',
  nameIn: 'name',
  draft: async (given, context) => {
    const inputs = plainProperties(given);
    const draft: Properties = {};
    for (const name of plainOnes) {
      const value = inputs[name];
      if (value !== undefined) draft[name] = value;
    }
    const { team, channels } = inputs;
    if (team !== undefined)
      draft['teamId'] = team === '' ? null : await idOf('/teams', team, { property: 'team', context });
    if (channels !== undefined) {
      draft['channels'] = await Promise.all(
        listOf(channels).map(async ({ channel, address = '' }, at) => {
          const property = `channels[${at}].channel`;
          return { channelId: await idOf('/channels', channel, { property, context }), address };
        }),
      );
    }
    return draft;
  },
  inputs: async (person, known, context) => {
    const inputs: Properties = {};
    for (const name of plainOnes) {
      const value = person[name];
      if (value !== undefined && value !== null) inputs[name] = value;
    }
    const { teamId } = person;
    inputs['team'] = await nameOf('/teams', teamId, { known: known['team'], property: 'team', context });
    const named = listOf(known['channels']);
    inputs['channels'] = await Promise.all(
      listOf(person['channels']).map(async ({ channelId, address = '' }, at) => {
        const before = named[at] ?? {};
        const channel = await nameOf('/channels', channelId, {
          known: before['channel'],
          property: 'channels',
          context,
        });
        // An address that this token may not know comes empty: it is taken as it was.
        return { channel, address: secret(address === '' ? (before['address'] ?? '') : address) };
      }),
    );
    return inputs;
  },
});
