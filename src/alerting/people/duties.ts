import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Change } from '../../database/collection/changes.ts';
import { Collection, givenFields, type Kept, type WriteOptions } from '../../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { creatorOf, reachOf, type Reach } from '../../database/collection/reach.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DutyId, PersonId } from '../../domain/ids.ts';
import { Duty } from '../../domain/person.ts';
import { turnsOf, type Rotation } from './rotation.ts';
import { peopleWithin, regionAround } from './scopes.ts';

/** A duty as lists show it. */
export const NamedDuty = Type.Object({ ...Duty.properties, personName: Type.String() });
export type NamedDuty = Static<typeof NamedDuty>;

export const DutyDraft = Type.Object(
  {
    personId: Duty.properties.personId,
    from: Duty.properties.from,
    to: Duty.properties.to,
    note: Type.Optional(Duty.properties.note),
  },
  { additionalProperties: false },
);
export type DutyDraft = Static<typeof DutyDraft>;

export interface DutyFilter {
  /** Only what is not over before, ISO 8601. */
  readonly from?: string | undefined;
  /** Only what begins before, ISO 8601. */
  readonly to?: string | undefined;
  readonly person?: string | undefined;
  readonly page?: PageRequest;
}

/** Who is on duty when. A duty lies where its person does. */
export class Duties extends Collection<NamedDuty, DutyDraft> {
  protected readonly noun = 'duty';
  protected override readonly readPermission = 'people.read';
  protected override readonly writePermission = 'alerting.write';

  async list(access: Access, { from, to, person, page = {} }: DutyFilter = {}): Promise<Page<NamedDuty>> {
    let query = selectDuties(this.db).where(peopleWithin(reachOf(access, this.readPermission)));
    if (from !== undefined) query = query.where('duties.ends_at', '>', new Date(from));
    if (to !== undefined) query = query.where('duties.starts_at', '<', new Date(to));
    if (person !== undefined) query = query.where(sql<SqlBool>`duties.person_id::text = ${person}`);
    const sort = { name: 'from', by: sql.ref('duties.starts_at'), type: 'timestamptz' } as const;
    const read = await readPage(query, { id: sql.ref('duties.id'), sort, page });
    return { items: read.items.map(dutyOf), next: read.next };
  }

  /** What a rotation would make, with the names of those in it; nothing is written. */
  async preview(access: Access, rotation: Rotation): Promise<readonly Omit<NamedDuty, 'id'>[]> {
    const names = await this.#writableNames(access, rotation.personIds);
    return turnsOf(rotation).map(({ personId, from, to }) => ({
      personId,
      personName: names.get(personId) ?? '',
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      note: rotation.note ?? '',
    }));
  }

  /** Writes the turns of a rotation, all or none. */
  async rotate(access: Access, rotation: Rotation, options: WriteOptions = {}): Promise<readonly NamedDuty[]> {
    const turns = await this.preview(access, rotation);
    const drafts = turns.map(({ personId, from, to, note }) => ({ personId, from, to, note }));
    return (await this.createAll(access, drafts, options)).map(({ entity }) => entity);
  }

  async #writableNames(access: Access, ids: readonly PersonId[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db
      .selectFrom('people')
      .select(['id', 'name'])
      .where(sql<SqlBool>`people.id::text = any(${[...ids]}::text[])`)
      .where(peopleWithin(reachOf(access, this.writePermission)))
      .execute();
    const names = new Map<string, string>(rows.map((row) => [row.id, row.name]));
    const missing = ids.find((id) => !names.has(id));
    if (missing !== undefined) throw personMissing(missing, 'personIds');
    return names;
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<NamedDuty> | null> {
    const row = await selectDuties(db)
      .select(['duties.version', 'people.region_codes as regionCodes'])
      .where(sql<SqlBool>`duties.id::text = ${key}`)
      .where(peopleWithin(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, regionCodes, ...rest } = row;
    return { entity: dutyOf(rest), name: rest.personName, regionCode: regionAround(regionCodes), version };
  }

  protected async lock(change: Change, id: DutyId): Promise<void> {
    await change.trx.selectFrom('duties').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(change: Change, draft: Partial<DutyDraft>, before: NamedDuty | null): Promise<void> {
    const { from, to, personId } = { ...before, ...draft };
    if (from !== undefined && to !== undefined && Date.parse(to) <= Date.parse(from)) {
      const message = 'A duty must end after it starts.';
      throw new ArungError('invalid', message, {
        code: 'duty.ends-before-start',
        details: [{ message, field: 'to' }],
      });
    }
    // One whom the writer may not plan is as one who is not there.
    const planned = await change.trx
      .selectFrom('people')
      .select('id')
      .where(sql<SqlBool>`people.id::text = ${personId ?? ''}`)
      .where(peopleWithin(reachOf(change.access, this.writePermission)))
      .executeTakeFirst();
    if (planned === undefined) throw personMissing(personId ?? '', 'personId');
  }

  protected async insert(change: Change, id: DutyId, draft: DutyDraft): Promise<void> {
    await change.trx
      .insertInto('duties')
      .values({
        id,
        person_id: draft.personId,
        starts_at: new Date(draft.from),
        ends_at: new Date(draft.to),
        note: draft.note ?? '',
        created_by: creatorOf(change.access),
      })
      .execute();
  }

  protected async write(change: Change, before: NamedDuty, patch: Partial<DutyDraft>): Promise<void> {
    const fields = givenFields({
      person_id: patch.personId,
      starts_at: patch.from === undefined ? undefined : new Date(patch.from),
      ends_at: patch.to === undefined ? undefined : new Date(patch.to),
      note: patch.note,
    });
    await change.trx
      .updateTable('duties')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: NamedDuty): Promise<void> {
    await change.trx.deleteFrom('duties').where('id', '=', entity.id).execute();
  }
}

function personMissing(id: string, field: string): ArungError {
  const message = `There is no person with the id ${id} whom you may put on duty.`;
  return new ArungError('invalid', message, {
    code: 'duty.person-missing',
    arguments: { value: id },
    details: [{ message, field }],
  });
}

function dutyOf(row: Omit<NamedDuty, 'from' | 'to'> & { from: Date; to: Date }): NamedDuty {
  return { ...row, from: row.from.toISOString(), to: row.to.toISOString() };
}

function selectDuties(db: Kysely<Database>) {
  return db
    .selectFrom('duties')
    .innerJoin('people', 'people.id', 'duties.person_id')
    .select([
      'duties.id as id',
      'duties.person_id as personId',
      'people.name as personName',
      'duties.starts_at as from',
      'duties.ends_at as to',
      'duties.note as note',
    ]);
}
