import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Change } from '../../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { reachOf, type Reach } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { SilenceId } from '../../domain/ids.ts';
import { isRegionCode } from '../../domain/region.ts';
import { Silence } from '../../domain/silence.ts';

const { properties } = Silence;
export const SilenceDraft = Type.Object(
  {
    matchers: properties.matchers,
    reason: properties.reason,
    /** Where its author may silence, when not given. */
    regionCode: Type.Optional(properties.regionCode),
    from: properties.from,
    to: properties.to,
  },
  { additionalProperties: false },
);
export type SilenceDraft = Static<typeof SilenceDraft>;

/** What nobody is told of for a while, within the region of who said so. One that is over stays to be read. */
export class Silences extends Collection<Silence, SilenceDraft> {
  protected readonly noun = 'silence';
  protected override readonly readPermission = 'status.read';
  protected override readonly writePermission = 'alerting.write';
  readonly #clock: Clock;

  constructor(options: ConstructorParameters<typeof Collection>[0] & { readonly clock: Clock }) {
    super(options);
    this.#clock = options.clock;
  }

  /** By start, the newest first; `current` leaves out what is over. */
  async list(
    access: Access,
    request: { current?: boolean | undefined; page?: PageRequest } = {},
  ): Promise<Page<Silence>> {
    let query = selectSilences(this.db).where(within(reachOf(access, this.readPermission)));
    if (request.current === true) query = query.where('silences.ends_at', '>', new Date(this.#clock.now()));
    const sort = { name: 'from', by: sql.ref('silences.starts_at'), type: 'timestamptz', descending: true } as const;
    const page = await readPage(query, { id: sql.ref('silences.id'), sort, page: request.page ?? {} });
    return { items: page.items.map(silenceFrom), next: page.next };
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Silence> | null> {
    const row = await selectSilences(db)
      .select('silences.version')
      .where(sql<SqlBool>`silences.id::text = ${key}`)
      .where(within(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...rest } = row;
    return { entity: silenceFrom(rest), name: rest.reason.slice(0, 120), regionCode: rest.regionCode, version };
  }

  protected async lock(change: Change, id: SilenceId): Promise<void> {
    await change.trx.selectFrom('silences').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected override async check(_change: Change, draft: Partial<SilenceDraft>, before: Silence | null): Promise<void> {
    const { from, to } = { ...before, ...draft };
    if (from !== undefined && to !== undefined && Date.parse(to) <= Date.parse(from)) {
      throw refused('to', 'silence.ends-before-start', 'A silence must end after it starts.');
    }
    if (typeof draft.regionCode === 'string' && !isRegionCode(draft.regionCode)) {
      throw refused('regionCode', 'silence.bad-region', 'This is no region code: use those of Kemendagri.');
    }
  }

  protected async insert(change: Change, id: SilenceId, draft: SilenceDraft): Promise<void> {
    await change.trx
      .insertInto('silences')
      .values({
        id,
        matchers: JSON.stringify(draft.matchers),
        reason: draft.reason,
        created_by: change.access.name,
        region_code: draft.regionCode ?? regionOf(change.access),
        starts_at: new Date(draft.from),
        ends_at: new Date(draft.to),
      })
      .execute();
  }

  protected async write(change: Change, before: Silence, patch: Partial<SilenceDraft>): Promise<void> {
    const fields = givenFields({
      matchers: patch.matchers && JSON.stringify(patch.matchers),
      reason: patch.reason,
      region_code: patch.regionCode === null ? regionOf(change.access) : patch.regionCode,
      starts_at: patch.from === undefined ? undefined : new Date(patch.from),
      ends_at: patch.to === undefined ? undefined : new Date(patch.to),
    });
    await change.trx
      .updateTable('silences')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: Silence): Promise<void> {
    await change.trx.deleteFrom('silences').where('id', '=', entity.id).execute();
  }
}

/** Where somebody may silence; null: everywhere. Who may in several regions has to say in which. */
function regionOf(access: Access): string | null {
  const scope = scopeFor(access, 'alerting.write');
  if (scope === 'everywhere') return null;
  const [only, ...others] = scope.regionCodes;
  if (only !== undefined && others.length === 0) return only;
  const message = 'You may silence in several regions: say in which one.';
  throw refused('regionCode', 'silence.region-needed', message);
}

function refused(
  field: string,
  code: 'silence.ends-before-start' | 'silence.bad-region' | 'silence.region-needed',
  message: string,
): ArungError {
  return new ArungError('invalid', message, { code, details: [{ message, field }] });
}

function within(reach: Reach) {
  return withinScope('silences.region_code', reach.scope);
}

export function silenceFrom(row: Omit<Silence, 'from' | 'to'> & { from: Date; to: Date }): Silence {
  return { ...row, from: row.from.toISOString(), to: row.to.toISOString() };
}

export function selectSilences(db: Kysely<Database>) {
  return db
    .selectFrom('silences')
    .select([
      'silences.id as id',
      sql<Silence['matchers']>`silences.matchers`.as('matchers'),
      'silences.reason as reason',
      'silences.created_by as author',
      'silences.region_code as regionCode',
      'silences.starts_at as from',
      'silences.ends_at as to',
    ]);
}
