import type { peopleId } from './people.id.ts';
import type { Translation } from './translation.ts';

/** What people, teams, duties and silences refuse, by the codes of the controller. */
export const peopleEn = {
  'error.person.not-found': 'There is no person {key} in your regions.',
  'error.person.name-taken': 'There is a person named {value} already. Choose another name.',
  'error.person.user-taken': 'This user acts for another person already. A user acts for one person.',
  'error.person.user-missing': 'There is no user with the id {value} whose rights lie in your regions.',
  'error.person.address-taken':
    'The address {value} is another person’s already: who writes from a chat must be one person. Give each their own.',
  'error.person.team-missing': 'There is no team with the id {value} in your regions.',
  'error.person.channel-missing': 'There is no channel with the id {value}.',
  'error.person.bad-region': '{value} is no region code. Use those of Kemendagri, for instance 73.08.02.',
  'error.person.bad-time-zone': '{value} is no time zone. Write for instance Asia/Makassar.',
  'error.person.never-tellable':
    'With these working and quiet hours this person may never be told. Make the quiet hours shorter, or switch the person off.',
  'error.person.region-needed': 'Say of which region: you do not read all of them.',
  'error.team.not-found': 'There is no team {key} in your regions.',
  'error.team.name-taken': 'There is a team named {value} already. Choose another name.',
  'error.duty.not-found': 'There is no duty {key} in your regions.',
  'error.duty.person-missing': 'There is no person with the id {value} whom you may put on duty.',
  'error.duty.ends-before-start': 'A duty must end after it starts.',
  'error.duty.bad-time-zone': '{value} is no time zone. Write for instance Asia/Makassar.',
  'error.silence.not-found': 'There is no silence {key} in your regions.',
  'error.silence.ends-before-start': 'A silence must end after it starts.',
  'error.silence.bad-region': 'This is no region code. Use those of Kemendagri, for instance 73.08.02.',
  'error.silence.region-needed': 'You may silence in several regions. Say in which one.',
  'error.maintenance.bad-time-zone': '{value} is no time zone. Write for instance Asia/Makassar.',
  'error.maintenance.too-long': 'Repeated work must be over before it begins again: at most 24 hours.',
} as const satisfies Translation<typeof peopleId>;
