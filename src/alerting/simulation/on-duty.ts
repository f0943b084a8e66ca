import type { ChannelId, PersonId } from '../../domain/ids.ts';
import type { PeopleBook } from '../../domain/people-book.ts';
import type { Person } from '../../domain/person.ts';
import type { Topology } from '../../domain/topology.ts';

/**
 * A document names no people who are told, so there is one at hand for each district (or whatever the regions of its
 * sites begin with) and one for everything, at any hour.
 */
export function onDutyEverywhere({ sites }: Pick<Topology, 'sites'>): PeopleBook {
  const districts = new Set([...sites.values()].map(({ regionCode }) => regionCode.split('.').slice(0, 3).join('.')));
  districts.delete('');
  const people = [
    person('technician everywhere', []),
    ...[...districts].sort().map((code) => person(`technician ${code}`, [code])),
  ];
  return { people, teams: [], duties: [] };
}

function person(name: string, regionCodes: readonly string[]): Person {
  return {
    id: name as PersonId,
    name,
    teamId: null,
    userId: null,
    language: null,
    regionCodes: [...regionCodes],
    networks: [],
    level: 1,
    workingHours: [],
    quietHours: null,
    channels: [{ channelId: 'simulated' as ChannelId, address: name }],
    active: true,
    managedBy: 'console',
  };
}
