import { sql, type SqlBool, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { newId, type NoticeId } from '../../domain/ids.ts';
import { impactOf, nobodyHurt } from '../../domain/incident.ts';
import type { NoticeContent } from '../../domain/notice.ts';
import { localTime } from './attendance.ts';
import { announceNotices } from './incident-store.ts';
import type { Addressee, PeopleNow } from './recipients.ts';

/** When the digest of a day is made, by the clock of Arung's time zone. */
const digestTime = '07:30';
const longestAgoMs = 7 * 86_400_000;
const mostIncidents = 50;

/** The day whose digest is to be made by now, `YYYY-MM-DD`; null before its time. */
export function digestDay(wall: number, timeZone: string): string | null {
  const { time, date } = localTime(timeZone, wall);
  return time >= digestTime ? date : null;
}

/**
 * One message a day to each person whose area had something low in it: what nobody was woken for, open or over. What was in
 * a digest is in no other. The caller holds the lease in the transaction.
 */
export async function writeDigests(
  trx: Transaction<Database>,
  { people, day, wall }: { readonly people: PeopleNow; readonly day: string; readonly wall: number },
): Promise<number> {
  const rows = await trx
    .selectFrom('incidents')
    .select(['number', 'causes', 'since', 'cleared_at', 'region_codes'])
    .where('severity', '=', 'info')
    .where('state', '!=', 'merged')
    .where('silence', 'is', null)
    .where('opened_at', '>', new Date(wall - longestAgoMs))
    .where(
      sql<SqlBool>`not exists (select 1 from notices where notices.kind = 'digest' and notices.state <> 'cancelled'
        and notices.content->'digest' @> jsonb_build_array(jsonb_build_object('number', incidents.number)))`,
    )
    .orderBy('opened_at')
    .execute();
  const digests = new Map<string, { person: Addressee; items: NoticeContent['digest'] }>();
  for (const { number, causes, since, cleared_at: until, region_codes: regionCodes } of rows) {
    const cause = causes.at(-1)?.cause;
    const facts = { severity: 'info' as const, regionCodes, networks: [], isOwnFault: regionCodes.length === 0 };
    const [person] = people.recipientsOf(facts, wall);
    if (cause === undefined || person === undefined) continue;
    const digest = digests.get(person.person.id) ?? { person, items: [] };
    digests.set(person.person.id, digest);
    if (digest.items.length < mostIncidents)
      digest.items.push({ number, cause, since: since.getTime(), until: until?.getTime() ?? null });
  }
  for (const { person, items } of digests.values()) await writeDigest(trx, person, items, { day, wall });
  if (digests.size > 0) await announceNotices(trx);
  return digests.size;
}

async function writeDigest(
  trx: Transaction<Database>,
  { person, why, dueAt, channels: [channel] }: Addressee,
  items: NoticeContent['digest'],
  { day, wall }: { readonly day: string; readonly wall: number },
): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  const content: NoticeContent = {
    incidentId: null,
    incidentNumber: null,
    severity: 'info',
    cause: first.cause,
    rule: null,
    since: first.since,
    place: null,
    evidence: [],
    impact: impactOf(nobodyHurt),
    before: null,
    lastedS: null,
    flaps: null,
    digest: items,
  };
  await trx
    .insertInto('notices')
    .values({
      id: newId<NoticeId>(),
      incident_id: null,
      person_id: person.id,
      person_name: person.name,
      channel_id: channel?.channelId ?? null,
      address: channel?.address ?? '',
      kind: 'digest',
      incident_revision: 1,
      decision: `digest/${day}/${person.id}`,
      why,
      content: JSON.stringify(content),
      state: channel === undefined ? 'failed' : dueAt > wall ? 'scheduled' : 'due',
      decided_at: new Date(wall),
      due_at: new Date(Math.max(dueAt, wall)),
      error: channel === undefined ? 'This person has no channel: give one under People.' : null,
    })
    .onConflict((conflict) => conflict.column('decision').doNothing())
    .execute();
}
