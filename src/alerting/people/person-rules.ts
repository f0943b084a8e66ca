import { sql, type SqlBool } from 'kysely';
import type { Change } from '../../database/collection/changes.ts';
import { reachOf } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import { scopeFor } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { HoursOfWeek, Person, PersonChannel } from '../../domain/person.ts';
import { isRegionCode } from '../../domain/region.ts';
import { isTimeZone } from '../../domain/time-zone.ts';
import { isAnswered, plainAddress, requireAddress } from '../channels/addresses.ts';
import { isEverTellable } from './availability.ts';
import type { PersonDraft } from './people.ts';
import { teamsWithin } from './scopes.ts';

/** What is wrong with a person that a schema cannot say; throws. */
export async function checkPerson(change: Change, draft: Partial<PersonDraft>, before: Person | null): Promise<void> {
  checkHours(draft, before);
  for (const code of draft.regionCodes ?? []) {
    if (!isRegionCode(code)) throw refused('regionCodes', { code: 'person.bad-region', value: code });
  }
  await checkAddresses(change, draft.channels ?? [], before?.id ?? null);
  if (typeof draft.teamId === 'string' && draft.teamId !== before?.teamId) await checkTeam(change, draft.teamId);
  if (typeof draft.userId === 'string' && draft.userId !== before?.userId) await checkUser(change, draft.userId);
}

function checkHours(draft: Partial<PersonDraft>, before: Person | null): void {
  const hours: HoursOfWeek[] = [...(draft.workingHours ?? []), ...(draft.quietHours ? [draft.quietHours] : [])];
  const strange = hours.find((one) => !isTimeZone(one.timeZone));
  if (strange !== undefined) throw refused('workingHours', { code: 'person.bad-time-zone', value: strange.timeZone });
  const workingHours = draft.workingHours ?? before?.workingHours ?? [];
  const quietHours = draft.quietHours === undefined ? (before?.quietHours ?? null) : draft.quietHours;
  // An ordinary week: which one does not matter.
  if (!isEverTellable({ workingHours, quietHours }, Date.UTC(2026, 0, 5))) {
    throw refused('quietHours', { code: 'person.never-tellable', value: '' });
  }
}

/** Each address must be one of its channel's kind; a channel that is not there is told by the database. */
async function checkAddresses(change: Change, ways: readonly PersonChannel[], own: PersonId | null): Promise<void> {
  if (ways.length === 0) return;
  const channels = await change.trx
    .selectFrom('channels')
    .select(['id', 'kind'])
    .where(sql<SqlBool>`channels.id::text = any(${ways.map(({ channelId }) => channelId)}::text[])`)
    .orderBy('id')
    // Of two who write the same address at once the second sees the first.
    .forNoKeyUpdate()
    .execute();
  const kinds = new Map<string, string>(channels.map(({ id, kind }) => [id, kind]));
  for (const { channelId, address } of ways) requireAddress(kinds.get(channelId) ?? '', address);
  const answered = ways.filter(({ channelId }) => isAnswered(kinds.get(channelId) ?? ''));
  if (answered.length > 0) await checkNobodyElse(change, answered, own);
}

/**
 * Who writes from a chat is the person whose address it is; of two nobody would know which of them it was. That somebody
 * has it is said, not who: they may be of another region.
 */
async function checkNobodyElse(change: Change, ways: readonly PersonChannel[], own: PersonId | null): Promise<void> {
  const others = await change.trx
    .selectFrom('person_channels')
    .select(['channel_id', 'address'])
    .where('channel_id', 'in', [...new Set(ways.map(({ channelId }) => channelId))])
    .where(sql<SqlBool>`person_id is distinct from ${own}::uuid`)
    .execute();
  const taken = new Set(others.map((other) => `${other.channel_id} ${plainAddress(other.address)}`));
  for (const { channelId, address } of ways) {
    if (!taken.has(`${channelId} ${plainAddress(address)}`)) continue;
    throw refused('channels', { code: 'person.address-taken', value: address });
  }
}

/** A team that the writer cannot see is as one that is not there. */
async function checkTeam(change: Change, teamId: string): Promise<void> {
  const reach = { ...reachOf(change.access, 'alerting.write'), writing: false };
  const team = await change.trx
    .selectFrom('teams')
    .select('id')
    .where(sql<SqlBool>`teams.id::text = ${teamId}`)
    .where(teamsWithin(reach))
    .executeTakeFirst();
  if (team === undefined) throw refused('teamId', { code: 'person.team-missing', value: teamId });
}

/** A user may act for the person: only one whose rights all lie where the writer may write can be given that. */
async function checkUser(change: Change, userId: string): Promise<void> {
  const scope = scopeFor(change.access, 'alerting.write');
  const user = await change.trx
    .selectFrom('users')
    .select('users.id')
    .where(sql<SqlBool>`users.id::text = ${userId}`)
    .where(
      sql<SqlBool>`not exists (select 1 from user_grants left join regions on regions.id = user_grants.region_id
        where user_grants.user_id = users.id and not coalesce(${withinScope('regions.code', scope)}, false))`,
    )
    .executeTakeFirst();
  if (user === undefined) throw refused('userId', { code: 'person.user-missing', value: userId });
}

const sentences = {
  'person.bad-region': (value: string) =>
    `${value} is no region code: use those of Kemendagri, for instance 73.08.02 for a kecamatan.`,
  'person.bad-time-zone': (value: string) =>
    `${value} is no time zone of the IANA database: use for instance Asia/Makassar.`,
  'person.never-tellable': () =>
    'These working and quiet hours leave no moment at which this person may be told of anything: make the quiet hours shorter, or switch the person off.',
  'person.address-taken': (value: string) =>
    `The address ${value} is another person's already: who writes from a chat must be one person. Give each their own, or leave it to one.`,
  'person.team-missing': (value: string) => `There is no team with the id ${value} in your regions.`,
  'person.user-missing': (value: string) => `There is no user with the id ${value} whose rights lie in your regions.`,
} as const;

function refused(field: string, { code, value }: { code: keyof typeof sentences; value: string }): ArungError {
  const message = sentences[code](value);
  return new ArungError('invalid', message, { code, arguments: { value }, details: [{ message, field }] });
}
