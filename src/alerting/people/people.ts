import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Change } from '../../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { contains, creatorOf, reachOf, type Reach } from '../../database/collection/reach.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { PersonId } from '../../domain/ids.ts';
import { Person, type HoursOfWeek, type PersonChannel } from '../../domain/person.ts';
import { checkPerson } from './person-rules.ts';
import { peopleWithin, regionAround, whollyWithin } from './scopes.ts';

const optional = Type.Optional;
const { properties } = Person;
export const PersonDraft = Type.Object(
  {
    name: properties.name,
    teamId: optional(properties.teamId),
    userId: optional(properties.userId),
    language: optional(properties.language),
    regionCodes: optional(properties.regionCodes),
    networks: optional(properties.networks),
    level: optional(properties.level),
    workingHours: optional(properties.workingHours),
    quietHours: optional(properties.quietHours),
    channels: optional(properties.channels),
    active: optional(properties.active),
  },
  { additionalProperties: false },
);
export type PersonDraft = Static<typeof PersonDraft>;

export interface PeopleFilter {
  readonly q?: string | undefined;
  /** Id of a team. */
  readonly team?: string | undefined;
  readonly page?: PageRequest;
}

/**
 * Who is told of incidents. Read by who reads one of their areas, or a region inside one; the addresses only by who reads
 * all of them, and by the person. Written by who may write all of them.
 */
export class People extends Collection<Person, PersonDraft> {
  protected readonly noun = 'person';
  protected override readonly readPermission = 'people.read';
  protected override readonly writePermission = 'alerting.write';

  async list(access: Access, { q, team, page = {} }: PeopleFilter = {}): Promise<Page<Person>> {
    const reach = reachOf(access, this.readPermission);
    let query = selectPeople(this.db, reach).where(peopleWithin(reach));
    if (q !== undefined) query = query.where(contains('people.name', q));
    if (team !== undefined) query = query.where(sql<SqlBool>`people.team_id::text = ${team}`);
    const sort = { name: 'name', by: sql`lower(people.name)`, type: 'text' } as const;
    return readPage(query, { id: sql.ref('people.id'), sort, page });
  }

  /** Those of these people whom the reader may know, by id. */
  async namesOf(access: Access, ids: readonly PersonId[]): Promise<ReadonlyMap<PersonId, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.db
      .selectFrom('people')
      .select(['id', 'name'])
      .where('id', 'in', [...ids])
      .where(peopleWithin(reachOf(access, this.readPermission)))
      .execute();
    return new Map(rows.map((row) => [row.id, row.name]));
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Person> | null> {
    const row = await selectPeople(db, reach)
      .select('people.version')
      .where(sql<SqlBool>`${key} in (people.id::text, people.name)`)
      .where(peopleWithin(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: regionAround(entity.regionCodes), version };
  }

  protected async lock(change: Change, id: PersonId): Promise<void> {
    await change.trx.selectFrom('people').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(change: Change, draft: Partial<PersonDraft>, before: Person | null): Promise<void> {
    await checkPerson(change, draft, before);
  }

  protected async insert(change: Change, id: PersonId, draft: PersonDraft, managedBy: string): Promise<void> {
    await change.trx
      .insertInto('people')
      .values({
        ...columnsOf(draft),
        id,
        name: draft.name,
        team_id: draft.teamId ?? null,
        user_id: draft.userId ?? null,
        language: draft.language ?? null,
        created_by: creatorOf(change.access),
        managed_by: managedBy,
      })
      .execute();
    await writeChannels(change, id, draft.channels ?? []);
  }

  protected async write(change: Change, before: Person, patch: Partial<PersonDraft>): Promise<void> {
    await change.trx
      .updateTable('people')
      .set({ ...columnsOf(patch), version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
    if (patch.channels !== undefined) await writeChannels(change, before.id, patch.channels);
  }

  protected async erase(change: Change, entity: Person): Promise<void> {
    await change.trx.deleteFrom('people').where('id', '=', entity.id).execute();
  }
}

function columnsOf(draft: Partial<PersonDraft>) {
  return givenFields({
    name: draft.name,
    team_id: draft.teamId,
    user_id: draft.userId,
    language: draft.language,
    region_codes: draft.regionCodes,
    networks: draft.networks,
    level: draft.level,
    working_hours: draft.workingHours && JSON.stringify(draft.workingHours),
    quiet_hours: draft.quietHours && JSON.stringify(draft.quietHours),
    ...(draft.quietHours === null && { quiet_hours: null }),
    active: draft.active,
  });
}

/** All ways of a person, in their order, in place of those that there were. */
export async function writeChannels(change: Change, id: PersonId, channels: readonly PersonChannel[]): Promise<void> {
  await change.trx.deleteFrom('person_channels').where('person_id', '=', id).execute();
  if (channels.length === 0) return;
  await change.trx
    .insertInto('person_channels')
    .values(
      channels.map(({ channelId, address }, position) => ({ person_id: id, position, channel_id: channelId, address })),
    )
    .execute();
}

/** With the addresses as far as the reach goes: an address that may not be known is empty. */
export function selectPeople(db: Kysely<Database>, reach: Reach) {
  const known = sql<SqlBool>`(${whollyWithin(reach.scope)} or people.user_id::text = ${reach.creator})`;
  return db.selectFrom('people').select([
    'people.id as id',
    'people.name as name',
    'people.team_id as teamId',
    'people.user_id as userId',
    'people.language as language',
    'people.region_codes as regionCodes',
    'people.networks as networks',
    'people.level as level',
    sql<HoursOfWeek[]>`people.working_hours`.as('workingHours'),
    'people.quiet_hours as quietHours',
    'people.active as active',
    'people.managed_by as managedBy',
    sql<PersonChannel[]>`coalesce((
        select jsonb_agg(jsonb_build_object('channelId', ways.channel_id,
          'address', case when ${known} then ways.address else '' end) order by ways.position)
        from person_channels ways where ways.person_id = people.id), '[]')`.as('channels'),
  ]);
}
