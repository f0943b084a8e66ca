import type { Kysely } from 'kysely';
import type { Database } from '../../src/database/tables.ts';
import type { AlertCause } from '../../src/domain/alert.ts';
import { newId, type IncidentId, type PersonId } from '../../src/domain/ids.ts';
import type { Place } from '../../src/domain/notice.ts';
import { nobodyHurt, type Hurt } from '../../src/domain/incident.ts';

/** A row of an incident as the alerting loop would have written it, for tests of what only reads it. */
export async function plantIncident(
  db: Kysely<Database>,
  given: {
    readonly cause?: Partial<AlertCause>;
    readonly impact?: Hurt;
    readonly since?: number;
    readonly place?: Place;
  } = {},
): Promise<IncidentId> {
  const id = newId<IncidentId>();
  const since = given.since ?? Date.now();
  const cause: AlertCause = {
    kind: 'device',
    id: newId(),
    name: 'rtr-kahu-01',
    reason: 'failed',
    since,
    certainty: 1,
    ...given.cause,
  };
  await db
    .insertInto('incidents')
    .values({
      id,
      state: 'open',
      severity: 'critical',
      since: new Date(since),
      opened_at: new Date(since),
      cleared_at: null,
      ended_at: null,
      merged_into: null,
      causes: JSON.stringify([{ at: since, cause, regionCodes: [] }]),
      alerts: '[]',
      ever_alerts: [],
      impact: JSON.stringify(given.impact ?? nobodyHurt),
      place: given.place === undefined ? null : JSON.stringify(given.place),
      region_code: null,
      region_codes: [],
      taken_by: null,
      taken_at: null,
    })
    .execute();
  return id;
}

export async function plantPerson(
  db: Kysely<Database>,
  given: { readonly name: string; readonly language?: 'id' | 'en' },
): Promise<PersonId> {
  const id = newId<PersonId>();
  await db
    .insertInto('people')
    .values({ id, name: given.name, team_id: null, user_id: null, language: given.language ?? null, quiet_hours: null })
    .execute();
  return id;
}
