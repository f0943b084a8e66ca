import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { v5 } from 'uuid';
import type { Database } from '../../database/tables.ts';
import type { IncidentTable } from '../../database/tables/alerting.ts';
import type { Incident } from '../../domain/alert.ts';
import { newId, type IncidentId, type NoticeId } from '../../domain/ids.ts';
import { noticesChannel } from '../../domain/notice.ts';
import type { Decided } from './decisions.ts';
import type { DecidedNotice, KeptIncident, Progress } from './kept-incident.ts';
import type { EntryDraft, RoundResult } from './round.ts';

/** Names what is written once of an incident, whoever writes it: RFC 9562 version 5. */
const onceNamespace = '6f1b7a52-2b0e-5c61-9d0a-6e2f3f1c9a11';
const mostRows = 500;

export interface Written {
  /** By incident that is new: what people call it. */
  readonly numbers: ReadonlyMap<IncidentId, number>;
  readonly notices: number;
}

/** The incidents that are not over, as the last controller left them. `clock` is the desk's. */
export async function readOpen(
  db: Kysely<Database>,
  clock: { readonly now: number; readonly monotonic: number },
): Promise<ReadonlyMap<IncidentId, KeptIncident>> {
  const rows = await db.selectFrom('incidents').selectAll().where('state', 'in', ['open', 'clearing']).execute();
  return new Map(rows.map((row): [IncidentId, KeptIncident] => [row.id, keptOf(row, clock)]));
}

/** One incident as it is kept, for what is told of it beside the desk. */
export async function readKept(db: Kysely<Database>, id: IncidentId, now: number): Promise<KeptIncident> {
  const row = await db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return keptOf(row, { now, monotonic: 0 });
}

function keptOf(
  row: Selectable<IncidentTable>,
  { now, monotonic }: { readonly now: number; readonly monotonic: number },
): KeptIncident {
  // A clock that was set back while nobody ran must not make them wait for it.
  const past = (at: Date): number => Math.min(at.getTime(), now);
  const incident: Incident = {
    id: row.id,
    state: row.state,
    severity: row.severity,
    since: row.since.getTime(),
    openedAt: past(row.opened_at),
    clearedAt: row.cleared_at === null ? null : past(row.cleared_at),
    causes: row.causes.map(({ at, cause }) => ({ at, cause })),
    alerts: new Set(row.alerts.map(({ key }) => key)),
    everAlerts: new Set(row.ever_alerts),
    returns: row.returns.map(past),
    mergedInto: row.merged_into,
  };
  return {
    incident,
    number: row.number,
    causes: row.causes,
    alerts: row.alerts,
    hurt: row.impact,
    evidence: row.evidence,
    place: row.place,
    rule: row.rule,
    silence: row.silence,
    isPlanned: false,
    flaps: row.flaps,
    regionCode: row.region_code,
    regionCodes: row.region_codes,
    settling: { from: monotonic - (now - incident.openedAt), changedAt: monotonic },
    movedAt: now,
    restarted: new Map(),
  };
}

/**
 * What people did about these incidents, and what was decided to tell of each and of what was merged into it. `lock`: they
 * stay so until the transaction ends.
 */
export async function readProgress(
  db: Kysely<Database>,
  ids: readonly IncidentId[],
  { lock = false } = {},
): Promise<ReadonlyMap<IncidentId, Progress>> {
  if (ids.length === 0) return new Map();
  const found = db
    .selectFrom('incidents')
    .leftJoin('people', 'people.id', 'incidents.taken_by')
    .select(['incidents.id', 'incidents.taken_by', 'incidents.stage', 'people.name'])
    .where('incidents.id', '=', sql<IncidentId>`any(${[...ids]}::uuid[])`)
    .orderBy('incidents.id');
  // Whoever takes one meanwhile waits, and finds what was decided.
  const incidents = await (lock ? found.forNoKeyUpdate('incidents') : found).execute();
  const notices = await db
    .selectFrom('notices')
    .innerJoin('incidents', 'incidents.id', 'notices.incident_id')
    .select([
      sql<IncidentId>`coalesce(incidents.merged_into, incidents.id)`.as('incidentId'),
      'notices.kind',
      'notices.state',
      'notices.person_id as personId',
      'notices.person_name as personName',
      'notices.channel_id as channelId',
      'notices.address',
      'notices.why',
      'notices.decided_at as decidedAt',
      sql<DecidedNotice['severity']>`notices.content->>'severity'`.as('severity'),
      sql<DecidedNotice['cause']>`notices.content->'cause'`.as('cause'),
    ])
    .where(sql<boolean>`(incidents.id = any(${[...ids]}::uuid[]) or incidents.merged_into = any(${[...ids]}::uuid[]))`)
    .where('notices.kind', 'not in', ['digest', 'test'])
    .orderBy('notices.decided_at')
    .orderBy('notices.id')
    .execute();
  const byIncident = Map.groupBy(notices, ({ incidentId }) => incidentId);
  return new Map(
    incidents.map(({ id, taken_by: takenBy, stage, name }): [IncidentId, Progress] => [
      id,
      {
        takenBy: takenBy === null ? null : { id: takenBy, name: name ?? '' },
        stage,
        notices: (byIncident.get(id) ?? []).map((notice) => ({
          ...notice,
          decidedAt: notice.decidedAt.getTime(),
        })),
      },
    ]),
  );
}

/** Writes a round with all that was decided of it. The caller holds the lease in the transaction. */
export async function writeRound(
  trx: Transaction<Database>,
  round: RoundResult,
  decided: Decided,
  at: { readonly now: number; readonly wall: number },
): Promise<Written> {
  const numbers = new Map<IncidentId, number>();
  for (const kept of [...round.incidents.values(), ...round.ended]) {
    if (!round.changed.has(kept.incident.id)) continue;
    const number = await writeIncident(trx, kept, at.now);
    numbers.set(kept.incident.id, number);
    // What was merged into one that is merged now belongs to where that one went.
    const { id, mergedInto } = kept.incident;
    if (mergedInto !== null)
      await trx.updateTable('incidents').set({ merged_into: mergedInto }).where('merged_into', '=', id).execute();
  }
  for (const { incidentId, kinds } of decided.cancelled) {
    let cancel = trx
      .updateTable('notices')
      .set({ state: 'cancelled' })
      .where('incident_id', '=', incidentId)
      .where('state', '=', 'scheduled');
    if (kinds === 'escalations') cancel = cancel.where('kind', '=', 'escalated');
    await cancel.execute();
  }
  const notices = await writeNotices(trx, decided, at.wall);
  await writeEntries(trx, [...round.entries, ...decided.entries], new Date(at.wall));
  return { numbers, notices };
}

async function writeIncident(trx: Transaction<Database>, kept: KeptIncident, now: number): Promise<number> {
  const { incident } = kept;
  const isOver = incident.state === 'resolved' || incident.state === 'merged';
  const fields = {
    state: incident.state,
    severity: incident.severity,
    since: new Date(incident.since),
    cleared_at: incident.clearedAt === null ? null : new Date(incident.clearedAt),
    ended_at: isOver ? new Date(now) : null,
    merged_into: incident.mergedInto,
    causes: json(kept.causes),
    alerts: json(kept.alerts),
    ever_alerts: [...incident.everAlerts].map(storable).sort(),
    returns: incident.returns.map((each) => new Date(each)),
    impact: json(kept.hurt),
    evidence: json(kept.evidence),
    place: kept.place === null ? null : json(kept.place),
    rule: kept.rule,
    silence: kept.silence === null ? null : json(kept.silence),
    flaps: kept.flaps,
    region_code: kept.regionCode,
    region_codes: [...kept.regionCodes],
  };
  const row = await trx
    .insertInto('incidents')
    .values({ id: incident.id, opened_at: new Date(incident.openedAt), ...fields })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ ...fields, revision: sql<number>`incidents.revision + 1` }),
    )
    .returning('number')
    .executeTakeFirstOrThrow();
  return row.number;
}

async function writeNotices(trx: Transaction<Database>, { notices }: Decided, wall: number): Promise<number> {
  let written = 0;
  for (let from = 0; from < notices.length; from += mostRows) {
    const rows = notices.slice(from, from + mostRows).map((draft) => ({
      id: newId<NoticeId>(),
      incident_id: draft.incidentId,
      person_id: draft.personId,
      person_name: draft.personName,
      channel_id: draft.channelId,
      address: draft.address,
      kind: draft.kind,
      incident_revision: draft.revision,
      decision: draft.decision,
      why: draft.why,
      content: json(draft.content),
      state: draft.state,
      decided_at: new Date(wall),
      due_at: new Date(draft.dueAt),
      error: draft.state === 'failed' ? 'This person has no channel: give one under People.' : null,
    }));
    const done = await trx
      .insertInto('notices')
      .values(rows)
      .onConflict((conflict) => conflict.column('decision').doNothing())
      .returning('id')
      .execute();
    written += done.length;
  }
  if (written > 0) await announceNotices(trx);
  return written;
}

/** Who sends hears of it when the transaction commits, and need not look again and again. */
export async function announceNotices(trx: Transaction<Database>): Promise<void> {
  await sql`select pg_notify(${noticesChannel}, '')`.execute(trx);
}

async function writeEntries(trx: Transaction<Database>, entries: readonly EntryDraft[], at: Date): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ incidentId, key, arguments: given }) => ({
    id: newId<NoticeId>() as string,
    incident_id: incidentId,
    at,
    key,
    arguments: json(given),
    request_id: key === 'nobody-to-tell' || key === 'opened' ? v5(`${incidentId}/${key}`, onceNamespace) : null,
  }));
  for (let from = 0; from < rows.length; from += mostRows) {
    await trx
      .insertInto('incident_entries')
      .values(rows.slice(from, from + mostRows))
      .onConflict((conflict) => conflict.column('request_id').doNothing())
      .execute();
  }
}

/**
 * As PostgreSQL takes it: names of devices and people are hostile text, and one that holds a NUL or half a character must
 * not keep everybody from being told.
 */
function json(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'string' ? storable(item) : item));
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{FFFD}');
}
