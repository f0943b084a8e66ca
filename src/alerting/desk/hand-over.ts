import type { Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { newId, type NoticeId, type PersonId } from '../../domain/ids.ts';
import { contentOf } from './decisions.ts';
import type { LockedIncident } from './incident-request.ts';
import { announceNotices, readKept } from './incident-store.ts';

/** The one who got it hears of it, now: it was another person's decision. */
export async function tellOfHandOver(
  trx: Transaction<Database>,
  row: LockedIncident,
  to: { readonly id: PersonId; readonly name: string },
  now: Date,
): Promise<void> {
  const kept = await readKept(trx, row.id, now.getTime());
  const channel = await trx
    .selectFrom('person_channels')
    .select(['channel_id', 'address'])
    .where('person_id', '=', to.id)
    .orderBy('position')
    .executeTakeFirst();
  const id = newId<NoticeId>();
  await trx
    .insertInto('notices')
    .values({
      id,
      incident_id: row.id,
      person_id: to.id,
      person_name: to.name,
      channel_id: channel?.channel_id ?? null,
      address: channel?.address ?? '',
      kind: 'handed-over',
      incident_revision: kept.incident.causes.length,
      decision: `${row.id}/handed-over/${id}`,
      why: 'handed-over',
      content: JSON.stringify(contentOf(kept, false)),
      state: channel === undefined ? 'failed' : 'due',
      decided_at: now,
      due_at: now,
      error: channel === undefined ? 'This person has no channel: give one under People.' : null,
    })
    .execute();
  await announceNotices(trx);
}
