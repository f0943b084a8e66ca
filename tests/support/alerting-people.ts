import type { Kysely } from 'kysely';
import type { Database } from '../../src/database/tables.ts';
import { newId, type ChannelId, type IncidentId, type NoticeId, type PersonId } from '../../src/domain/ids.ts';
import type { NoticeContent } from '../../src/domain/notice.ts';
import { sampleContent } from '../../src/alerting/words/sample.ts';

/** Rows of alerting for tests: channels, a person with ways to be told, an incident, decided notices. */
export async function insertChannel(
  db: Kysely<Database>,
  channel: { name: string; kind: string; settings?: object; secret?: Buffer; id?: ChannelId },
): Promise<ChannelId> {
  const id = channel.id ?? newId<ChannelId>();
  await db
    .insertInto('channels')
    .values({
      id,
      name: channel.name,
      kind: channel.kind,
      settings: JSON.stringify(channel.settings ?? {}),
      secret: channel.secret ?? null,
    })
    .execute();
  return id;
}

export async function insertPerson(
  db: Kysely<Database>,
  name: string,
  ways: readonly { channelId: ChannelId; address: string }[],
): Promise<PersonId> {
  const id = newId<PersonId>();
  await db.insertInto('people').values({ id, name }).execute();
  for (const [position, { channelId, address }] of ways.entries()) {
    const row = { person_id: id, position, channel_id: channelId, address };
    await db.insertInto('person_channels').values(row).execute();
  }
  return id;
}

/** Decided now, for one of the person's ways. */
export async function insertNotice(
  db: Kysely<Database>,
  notice: {
    personId: PersonId;
    channelId: ChannelId;
    address: string;
    incidentId?: IncidentId;
    kind?: 'opened' | 'resolved';
    severity?: NoticeContent['severity'];
    dueAt?: number;
    state?: 'due' | 'scheduled';
  },
): Promise<NoticeId> {
  const id = newId<NoticeId>();
  const kind = notice.kind ?? 'opened';
  const content = { ...sampleContent(kind, Date.now()), severity: notice.severity ?? 'critical' };
  await db
    .insertInto('notices')
    .values({
      id,
      incident_id: notice.incidentId ?? null,
      person_id: notice.personId,
      person_name: 'Andi',
      channel_id: notice.channelId,
      address: notice.address,
      kind,
      incident_revision: 1,
      decision: `incident/${kind}/1/${id}`,
      content: JSON.stringify(content),
      state: notice.state ?? 'due',
      decided_at: new Date(),
      due_at: new Date(notice.dueAt ?? Date.now()),
    })
    .execute();
  return id;
}

export async function insertIncident(db: Kysely<Database>): Promise<IncidentId> {
  const id = newId<IncidentId>();
  const now = new Date();
  const { cause } = sampleContent('opened', now.getTime());
  await db
    .insertInto('incidents')
    .values({
      id,
      state: 'open',
      severity: 'critical',
      since: now,
      opened_at: now,
      cleared_at: null,
      ended_at: null,
      merged_into: null,
      causes: JSON.stringify([{ at: now.getTime(), cause }]),
      alerts: '[]',
      ever_alerts: [],
      impact: JSON.stringify({ sites: [], services: [] }),
      region_code: null,
      region_codes: [],
      taken_by: null,
      taken_at: null,
    })
    .execute();
  return id;
}
