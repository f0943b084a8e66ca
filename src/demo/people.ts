import type { Temporal } from 'temporal-polyfill';
import { demoPeople, demoTeams, demoTimeZone, type DemoPerson } from '../../data/bone/people.ts';
import { systemAccess } from '../domain/access.ts';
import { dateAt } from '../domain/hours.ts';
import { newId, type ChannelId, type PersonId, type TeamId } from '../domain/ids.ts';
import type { HoursOfWeek } from '../domain/person.ts';
import type { State } from '../state.ts';

const access = systemAccess('demo');
const home = '73.08';
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const office: HoursOfWeek = { weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00', timeZone: demoTimeZone };
const night: HoursOfWeek = { weekdays: everyDay, from: '22:00', to: '06:00', timeZone: demoTimeZone };

/** Puts Bone's teams, people and half a year of weekly duty in, where there are no people yet. */
export async function fillPeople(state: Pick<State, 'database' | 'people'>, now: number): Promise<boolean> {
  const { people, teams, duties } = state.people;
  if ((await people.list(access, { page: { limit: 1 } })).items.length > 0) return false;
  const channelId = await inboxChannel(state);
  const teamIds = new Map<string, TeamId>();
  for (const team of demoTeams) teamIds.set(team.name, (await teams.create(access, team)).entity.id);
  const onRotation: PersonId[] = [];
  for (const one of demoPeople) {
    const { entity } = await people.create(access, {
      ...draftOf(one),
      teamId: teamIds.get(one.team) ?? null,
      channels: [{ channelId, address: one.phone }],
    });
    if (one.onRotation) onRotation.push(entity.id);
  }
  await duties.rotate(access, {
    personIds: onRotation,
    from: mondayOf(now).toString(),
    weeks: 26,
    handOverAt: '08:00',
    timeZone: demoTimeZone,
  });
  await state.people.book.refresh();
  return true;
}

/**
 * Whoever signs in to the demo is the one who is on duty now, so that what is told stands in the inbox. Gives the
 * person's name; null where nobody is on duty or somebody has been chosen before.
 */
export async function putOnDuty(
  { database: { db }, people: { people } }: Pick<State, 'database' | 'people'>,
  userName: string,
  now: number,
): Promise<string | null> {
  const user = await db.selectFrom('users').select('id').where('name', '=', userName).executeTakeFirst();
  const onDuty = await db
    .selectFrom('duties')
    .innerJoin('people', 'people.id', 'duties.person_id')
    .select(['people.id', 'people.name', 'people.user_id'])
    .where('duties.starts_at', '<=', new Date(now))
    .where('duties.ends_at', '>', new Date(now))
    .orderBy('people.level')
    .orderBy('people.name')
    .executeTakeFirst();
  if (user === undefined || onDuty === undefined) return null;
  if (onDuty.user_id !== null) return onDuty.user_id === user.id ? onDuty.name : null;
  const before = await db.selectFrom('people').select('id').where('user_id', '=', user.id).executeTakeFirst();
  if (before !== undefined) await people.update(access, before.id, { userId: null });
  await people.update(access, onDuty.id, { userId: user.id });
  return onDuty.name;
}

function draftOf({ name, level, districts }: DemoPerson) {
  const regionCodes = districts.length === 0 ? [home] : districts.map((district) => `${home}.${district}`);
  return { name, level, regionCodes, workingHours: [office], quietHours: night };
}

/** The Monday before the week of a moment: also early on a Monday somebody is on duty. */
function mondayOf(now: number): Temporal.PlainDate {
  const today = dateAt(now, demoTimeZone);
  return today.subtract({ days: today.dayOfWeek - 1 + 7 });
}

/** The built-in inbox; made here when the first start has not made it yet. */
async function inboxChannel({ database: { db } }: Pick<State, 'database'>): Promise<ChannelId> {
  const known = await db.selectFrom('channels').select('id').where('kind', '=', 'inbox').limit(1).executeTakeFirst();
  if (known !== undefined) return known.id;
  const id = newId<ChannelId>();
  await db.insertInto('channels').values({ id, name: 'Kotak masuk', kind: 'inbox', created_by: access.name }).execute();
  return id;
}
