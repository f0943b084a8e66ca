import { sql, type Kysely, type Selectable, type SqlBool } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import type { NoticeTable, PlacedAlert } from '../../database/tables/alerting.ts';
import type { Scope } from '../../domain/access.ts';
import type { Severity } from '../../domain/alert.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, type IncidentId, type PersonId } from '../../domain/ids.ts';
import type { IncidentView } from '../../domain/incident-view.ts';
import type { NoticeKind, NoticeState } from '../../domain/notice.ts';
import { peopleWithin } from '../people/scopes.ts';
import { causeViewOf, causeWithin, seesCauseOf, selectIncidents, touches, viewOf } from './incident-rows.ts';

export interface IncidentFilter {
  readonly state?: 'open' | 'ended' | 'all' | undefined;
  readonly severities?: readonly Severity[] | undefined;
  /** It and all below it. */
  readonly region?: string | undefined;
  /** Part of its name (INS-12) or of its cause's. */
  readonly q?: string | undefined;
  /** Newest first when not given. */
  readonly sort?: 'openedAt' | '-openedAt' | 'since' | '-since' | undefined;
}

export interface IncidentPage {
  readonly items: readonly IncidentView[];
  readonly next: string | null;
}

export interface NoticeView {
  readonly id: string;
  /** Empty: somebody outside of the reader's regions. */
  readonly person: { readonly id: PersonId | null; readonly name: string };
  readonly why: string;
  readonly channel: { readonly id: string; readonly name: string; readonly kind: string } | null;
  readonly kind: NoticeKind;
  readonly state: NoticeState;
  readonly decidedAt: Date;
  readonly dueAt: Date;
  readonly sentAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly readAt: Date | null;
  readonly attempts: number;
  readonly error: string | null;
  /** What `error` is in every language. */
  readonly errorCode: string | null;
  readonly errorArguments: Readonly<Record<string, string | number>> | null;
  readonly maybeTwice: boolean;
}

type NoticeProblem = NonNullable<Selectable<NoticeTable>['problem']>;

export interface EntryView {
  readonly id: string;
  readonly at: Date;
  readonly key: string;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
  readonly person: { readonly id: PersonId; readonly name: string } | null;
  readonly actor: string;
  readonly via: string;
  readonly text: string;
  readonly photoId: string | null;
}

export interface IncidentDetail {
  readonly incident: IncidentView;
  readonly causes: readonly { readonly at: Date; readonly cause: IncidentView['cause'] }[];
  readonly alerts: readonly PlacedAlert[];
  readonly notices: readonly NoticeView[];
  readonly entries: readonly EntryView[];
}

/** How fast people take and mend, of the incidents whose cause lies in one district. */
export interface DistrictFigures {
  readonly regionCode: string;
  readonly name: string;
  readonly incidents: number;
  readonly taken: number;
  /** Mean time until somebody took it, and until it was over, seconds; null where there is none. */
  readonly mttaS: number | null;
  readonly mttrS: number | null;
}

const districtLength = '73.08.01'.length;
const mostEntries = 2_000;

/** Incidents for readers, by the regions that they may read: limited in the queries, never afterwards. */
export class IncidentReader {
  readonly #db: Kysely<Database>;

  constructor(options: { readonly db: Kysely<Database> }) {
    this.#db = options.db;
  }

  async list(
    filter: IncidentFilter,
    page: { readonly limit: number; readonly cursor?: string | undefined },
    scope: Scope,
  ): Promise<IncidentPage> {
    const { state = 'open', sort = '-openedAt' } = filter;
    const column = sort.endsWith('since') ? 'incidents.since' : 'incidents.opened_at';
    const isDown = sort.startsWith('-');
    let query = selectIncidents(this.#db, scope);
    if (state === 'open') query = query.where('incidents.state', 'in', ['open', 'clearing']);
    if (state === 'ended') query = query.where('incidents.state', 'in', ['resolved', 'merged']);
    if (filter.severities !== undefined) query = query.where('incidents.severity', 'in', [...filter.severities]);
    if (filter.region !== undefined) query = query.where(touchesBoth(filter.region, scope));
    if (filter.q !== undefined && filter.q !== '') {
      const part = `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`;
      query = query.where(
        sql<SqlBool>`('INS-' || incidents.number ilike ${part}
          or incidents.causes->-1->'cause'->>'name' ilike ${part})`,
      );
    }
    if (page.cursor !== undefined) {
      const { at, id } = openCursor(page.cursor, sort);
      const past = sql.raw(isDown ? '<' : '>');
      query = query.where(sql<SqlBool>`(${sql.ref(column)}, incidents.id) ${past} (${at}::timestamptz, ${id}::uuid)`);
    }
    const rows = await query
      .orderBy(column, isDown ? 'desc' : 'asc')
      .orderBy('incidents.id', isDown ? 'desc' : 'asc')
      .limit(page.limit + 1)
      .execute();
    const items = rows.slice(0, page.limit);
    const last = items.at(-1);
    const at = last === undefined ? null : sort.endsWith('since') ? last.since : last.openedAt;
    const isMore = rows.length > page.limit && last !== undefined && at !== null;
    return {
      items: items.map((row) => viewOf(row, scope)),
      next: isMore ? sealCursor(sort, at, last.id) : null,
    };
  }

  /**
   * Everything that a reader may know of one; `people` is where they may read who is told, `failures` where they may read
   * why a message failed: that names servers, and may name whom it was for.
   */
  async get(
    key: string,
    scope: Scope,
    { people, failures }: { readonly people: Scope; readonly failures: Scope },
  ): Promise<IncidentDetail> {
    const row = await selectIncidents(this.#db, scope).where(isCalled(key)).executeTakeFirst();
    if (row === undefined) throw notFound(key);
    const isVisible = seesCauseOf(row, scope);
    const [notices, entries] = await Promise.all([
      this.#notices(row.id, people, failures),
      isVisible ? this.#entries(row.id, scope) : [],
    ]);
    return {
      incident: viewOf(row, scope),
      causes: row.causes.map((placed) => ({
        at: new Date(placed.at),
        cause: causeViewOf(placed, seesCauseOf({ causes: [placed] }, scope)),
      })),
      alerts: row.alerts.map((alert) => (isVisible ? alert : { ...alert, cause: null, evidence: [] })),
      notices,
      entries,
    };
  }

  /** The id of an incident of which a reader may know more than that it is there. */
  async idOf(key: string, scope: Scope): Promise<IncidentId> {
    const row = await this.#db
      .selectFrom('incidents')
      .select('id')
      .where(isCalled(key))
      .where(touches(scope))
      .where(causeWithin(scope))
      .executeTakeFirst();
    if (row === undefined) throw notFound(key);
    return row.id;
  }

  async photo(key: string, photoId: string, scope: Scope): Promise<{ mediaType: string; bytes: Buffer }> {
    const incidentId = await this.idOf(key, scope);
    const row = await this.#db
      .selectFrom('incident_photos')
      .select(['media_type', 'bytes'])
      .where('id', '=', isId(photoId) ? photoId : null)
      .where('incident_id', '=', incidentId)
      .executeTakeFirst();
    if (row === undefined) {
      throw new ArungError('not-found', 'There is no such photo of this incident.', { code: 'incident.no-photo' });
    }
    return { mediaType: row.media_type, bytes: row.bytes };
  }

  async statistics(span: { readonly from: Date; readonly to: Date }, scope: Scope): Promise<DistrictFigures[]> {
    const district = sql<string>`left(incidents.region_code, ${sql.lit(districtLength)})`;
    const rows = await this.#db
      .selectFrom('incidents')
      .leftJoin('regions', (join) => join.on(sql<SqlBool>`regions.code = ${district}`))
      .select([
        district.as('regionCode'),
        sql<string>`coalesce(max(regions.name), '')`.as('name'),
        sql<number>`count(*)::int`.as('incidents'),
        sql<number>`count(incidents.taken_at)::int`.as('taken'),
        sql<number | null>`avg(extract(epoch from incidents.taken_at - incidents.opened_at))::float8`.as('mttaS'),
        sql<number | null>`avg(extract(epoch from incidents.cleared_at - incidents.since))
          filter (where incidents.state = 'resolved')::float8`.as('mttrS'),
      ])
      .where('incidents.opened_at', '>=', span.from)
      .where('incidents.opened_at', '<', span.to)
      .where('incidents.state', '!=', 'merged')
      .where(sql<SqlBool>`length(incidents.region_code) >= ${districtLength}`)
      .where(withinScope('incidents.region_code', scope))
      .where(causeWithin(scope))
      .groupBy(district)
      .orderBy(district)
      .execute();
    const whole = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds));
    return rows.map((row) => ({ ...row, mttaS: whole(row.mttaS), mttrS: whole(row.mttrS) }));
  }

  async #notices(id: IncidentId, people: Scope, failures: Scope): Promise<readonly NoticeView[]> {
    // Who was told because it hurts another region, too, has no name here.
    const known = peopleWithin({ scope: people, writing: false, creator: '' });
    const mayKnow = sql<SqlBool>`${touches(failures)} and ${causeWithin(failures)}`;
    const rows = await this.#db
      .selectFrom('notices')
      .innerJoin('incidents', 'incidents.id', 'notices.incident_id')
      .leftJoin('people', 'people.id', 'notices.person_id')
      .leftJoin('channels', 'channels.id', 'notices.channel_id')
      .select([
        'notices.id',
        sql<PersonId | null>`case when ${known} then notices.person_id end`.as('personId'),
        sql<string>`case when ${known} then notices.person_name else '' end`.as('personName'),
        'notices.why',
        'notices.channel_id',
        'channels.name as channelName',
        'channels.kind as channelKind',
        'notices.kind',
        'notices.state',
        'notices.decided_at as decidedAt',
        'notices.due_at as dueAt',
        'notices.sent_at as sentAt',
        'notices.delivered_at as deliveredAt',
        'notices.read_at as readAt',
        'notices.attempts',
        sql<string | null>`case when ${mayKnow} then notices.error end`.as('error'),
        sql<NoticeProblem | null>`case when ${mayKnow} then notices.problem end`.as('problem'),
        'notices.maybe_twice as maybeTwice',
      ])
      .where('notices.incident_id', '=', id)
      .where(touches(people))
      .where(causeWithin(people))
      .orderBy('notices.decided_at')
      .orderBy('notices.due_at')
      .orderBy('notices.id')
      .execute();
    return rows.map(({ personId, personName, channel_id, channelName, channelKind, problem, ...row }) => ({
      ...row,
      errorCode: problem?.code ?? null,
      errorArguments: problem?.arguments ?? null,
      person: { id: personId, name: personName },
      channel: channel_id === null ? null : { id: channel_id, name: channelName ?? '', kind: channelKind ?? '' },
    }));
  }

  async #entries(id: IncidentId, scope: Scope): Promise<readonly EntryView[]> {
    const rows = await this.#db
      .selectFrom('incident_entries')
      .innerJoin('incidents', 'incidents.id', 'incident_entries.incident_id')
      .leftJoin('people', 'people.id', 'incident_entries.person_id')
      .select([
        'incident_entries.id',
        'incident_entries.at',
        'incident_entries.key',
        'incident_entries.arguments',
        'incident_entries.person_id',
        'people.name',
        'incident_entries.actor',
        'incident_entries.via',
        'incident_entries.body as text',
        'incident_entries.photo_id as photoId',
      ])
      .where('incident_entries.incident_id', '=', id)
      .where(causeWithin(scope))
      .orderBy('incident_entries.at')
      .orderBy('incident_entries.id')
      .limit(mostEntries)
      .execute();
    return rows.map(({ person_id, name, ...row }) => ({
      ...row,
      person: person_id === null ? null : { id: person_id, name: name ?? row.actor },
    }));
  }
}

/** By id, number or name. */
function isCalled(key: string) {
  const number = /^(?:INS-)?(\d{1,9})$/i.exec(key)?.[1];
  return number === undefined
    ? sql<SqlBool>`incidents.id = ${isId(key) ? key : null}::uuid`
    : sql<SqlBool>`incidents.number = ${Number(number)}`;
}

/** Something of it lies in the region, and in what the reader may read. */
function touchesBoth(region: string, scope: Scope) {
  return sql<SqlBool>`exists (select 1 from unnest(incidents.region_codes) as code
    where ${withinScope(sql.ref('code'), { regionCodes: [region] })} and ${withinScope(sql.ref('code'), scope)})`;
}

export function notFound(key: string): ArungError {
  return new ArungError('not-found', `There is no incident ${key} in your regions.`, {
    code: 'incident.not-found',
    arguments: { key },
  });
}

function sealCursor(sort: string, at: Date, id: string): string {
  return Buffer.from(JSON.stringify([sort, at.getTime(), id])).toString('base64url');
}

function openCursor(cursor: string, sort: string): { readonly at: Date; readonly id: string } {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 3) {
      const [order, at, id]: unknown[] = parts;
      const isTime = typeof at === 'number' && Number.isSafeInteger(at) && Math.abs(at) < 8e15;
      if (order === sort && isTime && typeof id === 'string' && isId(id)) return { at: new Date(at), id };
    }
  } catch {
    // Told below, like any other cursor that is none.
  }
  throw new ArungError('invalid', 'The cursor does not belong to this list and order: start again without a cursor.', {
    code: 'list.bad-cursor',
  });
}
