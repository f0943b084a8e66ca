import { plainProperties, type Properties } from '../values.ts';
import { EntityResource, idOf, nameOf } from './entity-resource.ts';

/** A place with devices. */
export const monitoredSite = new EntityResource({
  type: 'MonitoredSite',
  path: '/sites',
  nameIn: 'code',
  draft: async (inputs, context) => {
    const { calendar, ...rest } = plainProperties(inputs);
    if (calendar === undefined) return rest;
    const id = calendar === '' ? null : await idOf('/calendars', calendar, { property: 'calendar', context });
    return { ...rest, calendarId: id };
  },
  inputs: async (site, known, context) => {
    const { code, name, kind, network, rolloutStatus, latitude, longitude, address, accessNotes, tags } = site;
    const region = regionOf(site, known);
    const calendar = await nameOf('/calendars', site['calendarId'], {
      known: known['calendar'],
      property: 'calendar',
      context,
    });
    const told = {
      code,
      name,
      kind,
      network,
      region,
      rolloutStatus,
      latitude,
      longitude,
      address,
      accessNotes,
      tags,
      calendar,
    };
    return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as Properties;
  },
});

/** By its code, unless the program names it by its id. */
function regionOf({ regionCode, regionId }: Properties, { region }: Properties) {
  return region === regionId ? regionId : regionCode;
}
