import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { CalendarId } from '../domain/ids.ts';
import { Calendar } from '../domain/site.ts';
import { isTimeZone } from '../domain/time-zone.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { contains, creatorOf, reachOf, sharedWithin, usersOf, type Reach } from '../database/collection/reach.ts';

export const CalendarDraft = Type.Object(
  {
    name: Calendar.properties.name,
    timeZone: Calendar.properties.timeZone,
    windows: Calendar.properties.windows,
    holidays: Type.Optional(Calendar.properties.holidays),
  },
  { additionalProperties: false },
);
export type CalendarDraft = Static<typeof CalendarDraft>;

/** Office and attendance hours. Shared by many sites: read by who reads one of them, written by who writes all. */
export class Calendars extends Collection<Calendar, CalendarDraft> {
  protected readonly noun = 'calendar';

  async list(access: Access, request: { q?: string | undefined; page?: PageRequest } = {}): Promise<Page<Calendar>> {
    let query = selectCalendars(this.db).where(within(reachOf(access, this.readPermission)));
    if (request.q !== undefined) query = query.where(contains('calendars.name', request.q));
    const sort = { name: 'name', by: sql`lower(calendars.name)`, type: 'text' } as const;
    return readPage(query, { id: sql.ref('calendars.id'), sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Calendar> | null> {
    const row = await selectCalendars(db)
      .select('calendars.version')
      .where(sql<SqlBool>`${key} in (calendars.id::text, calendars.name)`)
      .where(within(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: null, version };
  }

  protected async lock(change: Change, id: CalendarId): Promise<void> {
    await change.trx.selectFrom('calendars').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(_change: Change, draft: Partial<CalendarDraft>): Promise<void> {
    if (draft.timeZone !== undefined && !isTimeZone(draft.timeZone)) {
      const message = `${draft.timeZone} is no time zone of the IANA database: use for instance Asia/Makassar.`;
      throw new ArungError('invalid', message, {
        code: 'calendar.bad-time-zone',
        arguments: { value: draft.timeZone },
        details: [{ message, field: 'timeZone' }],
      });
    }
  }

  protected async insert(change: Change, id: CalendarId, draft: CalendarDraft): Promise<void> {
    await change.trx
      .insertInto('calendars')
      .values({
        id,
        name: draft.name,
        time_zone: draft.timeZone,
        windows: JSON.stringify(draft.windows),
        holidays: JSON.stringify(draft.holidays ?? []),
        created_by: creatorOf(change.access),
      })
      .execute();
  }

  protected async write(change: Change, before: Calendar, patch: Partial<CalendarDraft>): Promise<void> {
    const fields = givenFields({
      name: patch.name,
      time_zone: patch.timeZone,
      windows: patch.windows && JSON.stringify(patch.windows),
      holidays: patch.holidays && JSON.stringify(patch.holidays),
    });
    await change.trx
      .updateTable('calendars')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: Calendar): Promise<void> {
    await change.trx.deleteFrom('calendars').where('id', '=', entity.id).execute();
  }
}

function within(reach: Reach) {
  return sharedWithin(usersOf.calendars, 'calendars.created_by', reach);
}

function selectCalendars(db: Kysely<Database>) {
  return db
    .selectFrom('calendars')
    .select([
      'calendars.id as id',
      'calendars.name as name',
      'calendars.time_zone as timeZone',
      'calendars.windows as windows',
      'calendars.holidays as holidays',
    ]);
}
