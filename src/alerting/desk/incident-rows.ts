import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import type { IncidentSilence, PlacedAlert } from '../../database/tables/alerting.ts';
import { inScope, type Scope } from '../../domain/access.ts';
import type { IncidentState, PlacedCause, Severity } from '../../domain/alert.ts';
import { seesCause } from '../../domain/cause-regions.ts';
import type { IncidentId, PersonId, UserId } from '../../domain/ids.ts';
import type { IncidentView } from '../../domain/incident-view.ts';
import { impactOf, incidentName, type Evidence, type Hurt, type IncidentStage } from '../../domain/incident.ts';
import type { Place } from '../../domain/notice.ts';
import { rootAlert } from './evidence.ts';

/** An incident as it is read, with who took it and how many were told. */
export interface IncidentRow {
  readonly id: IncidentId;
  readonly number: number;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly since: Date;
  readonly openedAt: Date;
  readonly clearedAt: Date | null;
  readonly endedAt: Date | null;
  readonly mergedInto: IncidentId | null;
  readonly causes: readonly PlacedCause[];
  readonly alerts: readonly PlacedAlert[];
  readonly hurt: Hurt;
  readonly evidence: readonly Evidence[];
  readonly place: Place | null;
  readonly rule: string | null;
  readonly silence: IncidentSilence | null;
  readonly flaps: number;
  readonly regionCodes: readonly string[];
  readonly takenBy: PersonId | null;
  readonly takenByName: string | null;
  readonly takenByUser: UserId | null;
  readonly takenAt: Date | null;
  readonly stage: IncidentStage;
  readonly revision: number;
  readonly toldPeople: number;
  readonly toldMessages: number;
}

/** Incidents of which a reader may know something; of each only the alerts and the sites in their regions. */
export function selectIncidents(db: Kysely<Database>, scope: Scope) {
  return db
    .selectFrom('incidents')
    .leftJoin('people', 'people.id', 'incidents.taken_by')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('notices')
          .select([
            sql<number>`count(distinct notices.person_id)::int`.as('people'),
            sql<number>`count(*)::int`.as('messages'),
          ])
          .whereRef('notices.incident_id', '=', 'incidents.id')
          .where('notices.state', 'not in', ['scheduled', 'cancelled', 'failed'])
          .as('told'),
      (join) => join.onTrue(),
    )
    .select([
      'incidents.id',
      'incidents.number',
      'incidents.state',
      'incidents.severity',
      'incidents.since',
      'incidents.opened_at as openedAt',
      'incidents.cleared_at as clearedAt',
      'incidents.ended_at as endedAt',
      'incidents.merged_into as mergedInto',
      'incidents.causes',
      evidenceWithin(scope).as('evidence'),
      'incidents.place',
      'incidents.rule',
      'incidents.silence',
      'incidents.flaps',
      'incidents.taken_by as takenBy',
      'people.name as takenByName',
      'people.user_id as takenByUser',
      'incidents.taken_at as takenAt',
      'incidents.stage',
      'incidents.revision',
      partOf<readonly PlacedAlert[]>(sql.ref('incidents.alerts'), scope).as('alerts'),
      hurtWithin(scope).as('hurt'),
      codesWithin(scope).as('regionCodes'),
      sql<number>`coalesce(told.people, 0)`.as('toldPeople'),
      sql<number>`coalesce(told.messages, 0)`.as('toldMessages'),
    ])
    .where(touches(scope));
}

/** Something of it lies in the scope; what lies nowhere (Arung itself) is for who may read everywhere. */
export function touches(scope: Scope): RawBuilder<SqlBool> {
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  return sql<SqlBool>`exists (select 1 from unnest(incidents.region_codes) as code
    where ${withinScope(sql.ref('code'), scope)})`;
}

/** All that its cause is lies in the scope: what may be known of it is more than its name and time. */
export function causeWithin(scope: Scope): RawBuilder<SqlBool> {
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  return sql<SqlBool>`(jsonb_array_length(incidents.causes->-1->'regionCodes') > 0 and not exists (
    select 1 from jsonb_array_elements_text(incidents.causes->-1->'regionCodes') as code
    where not ${withinScope(sql.ref('code'), scope)}))`;
}

function partOf<T>(list: RawBuilder<unknown> | ReturnType<typeof sql.ref>, scope: Scope): RawBuilder<T> {
  if (scope === 'everywhere') return sql<T>`${list}`;
  return sql<T>`(select coalesce(jsonb_agg(item), '[]') from jsonb_array_elements(${list}) as item
    where ${withinScope(sql`(item->>'regionCode')`, scope)})`;
}

/** Of what speaks for a cause, that which names nothing outside of the scope. */
function evidenceWithin(scope: Scope): RawBuilder<readonly Evidence[]> {
  if (scope === 'everywhere') return sql<readonly Evidence[]>`incidents.evidence`;
  return sql<readonly Evidence[]>`(select coalesce(jsonb_agg(item order by place), '[]')
    from jsonb_array_elements(incidents.evidence) with ordinality as one (item, place)
    where not exists (select 1 from jsonb_array_elements_text(coalesce(item->'regionCodes', '[]')) as code
      where not ${withinScope(sql.ref('code'), scope)}))`;
}

function hurtWithin(scope: Scope): RawBuilder<Hurt> {
  const sites = partOf(sql`incidents.impact->'sites'`, scope);
  return sql<Hurt>`jsonb_build_object('services', incidents.impact->'services', 'sites', ${sites})`;
}

function codesWithin(scope: Scope): RawBuilder<string[]> {
  if (scope === 'everywhere') return sql<string[]>`incidents.region_codes`;
  return sql<string[]>`array(select code from unnest(incidents.region_codes) as code
    where ${withinScope(sql.ref('code'), scope)})`;
}

/** Whether a reader may know more of what broke than its name and time. */
export function seesCauseOf({ causes }: Pick<IncidentRow, 'causes'>, scope: Scope): boolean {
  const last = causes.at(-1);
  return last !== undefined && seesCause(scope, last.regionCodes);
}

/** Whether an incident is any news to readers of a scope. */
export function isInView({ regionCodes }: Pick<IncidentRow, 'regionCodes'>, scope: Scope): boolean {
  return scope === 'everywhere' || regionCodes.some((code) => inScope(scope, code));
}

/** As readers of a scope get it: of what it hurts their share, of a cause elsewhere its name and time. */
export function viewOf(row: IncidentRow, scope: Scope): IncidentView {
  const last = row.causes.at(-1);
  if (last === undefined) throw new Error('an incident has a cause from its first moment');
  const isVisible = seesCauseOf(row, scope);
  const isIn = ({ regionCode }: { readonly regionCode: string | null }): boolean =>
    scope === 'everywhere' || (regionCode !== null && inScope(scope, regionCode));
  const isInside = (regionCode: string): boolean => isIn({ regionCode });
  const alerts = row.alerts.filter(isIn);
  const { cause } = last;
  const root = isVisible ? rootAlert(cause, alerts) : null;
  return {
    id: row.id,
    number: row.number,
    name: incidentName(row.number),
    state: row.state,
    severity: row.severity,
    since: row.since.toISOString(),
    openedAt: row.openedAt.toISOString(),
    clearedAt: row.clearedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    mergedInto: row.mergedInto,
    cause: causeViewOf(last, isVisible),
    rule: isVisible ? row.rule : null,
    place: isVisible ? row.place : null,
    evidence: isVisible ? row.evidence.filter(({ regionCodes }) => regionCodes?.every(isInside) ?? true) : [],
    impact: impactOf({ ...row.hurt, sites: row.hurt.sites.filter(isIn) }),
    regionCodes: row.regionCodes.filter((regionCode) => isIn({ regionCode })),
    stage: row.stage,
    takenBy:
      isVisible && row.takenBy !== null
        ? { id: row.takenBy, name: row.takenByName ?? '', userId: row.takenByUser }
        : null,
    takenAt: row.takenAt?.toISOString() ?? null,
    told: { people: row.toldPeople, messages: row.toldMessages },
    suppressed: alerts.length - (root === null || row.silence !== null ? 0 : 1),
    flaps: row.flaps,
    silence: isVisible ? row.silence : null,
    revision: row.revision,
  };
}

/** A cause as a reader may know it. */
export function causeViewOf({ cause }: Pick<PlacedCause, 'cause'>, isVisible: boolean): IncidentView['cause'] {
  const shown = { name: cause.name, since: new Date(cause.since).toISOString() };
  if (!isVisible) return { ...shown, kind: null, id: null, reason: null, certainty: null };
  const { kind, id, reason, certainty } = cause;
  return { ...shown, kind, id, reason, certainty };
}
