import { sql, type Kysely } from 'kysely';
import { reachOf } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { NoticeId, PersonId } from '../../domain/ids.ts';
import { incidentName } from '../../domain/incident.ts';
import type { NoticeKind } from '../../domain/notice.ts';
import { peopleWithin } from '../people/scopes.ts';
import { mapLinkOf } from '../words/map-link.ts';
import type { LinkFor } from './message-maker.ts';

/** A message as it stands in the inbox of the console. Times are ISO 8601. */
export interface InboxMessage {
  readonly id: NoticeId;
  readonly kind: NoticeKind;
  readonly personId: PersonId;
  readonly personName: string;
  readonly title: string;
  readonly text: string;
  readonly severity: string;
  readonly sentAt: string;
  readonly readAt: string | null;
  readonly incident: { readonly id: string; readonly name: string } | null;
  /** The page of the incident for this person; null to everybody else. */
  readonly link: string | null;
  readonly mapLink: string | null;
}

export interface InboxReaderOptions {
  readonly db: Kysely<Database>;
  readonly linkFor: LinkFor;
  readonly clock: Clock;
}

/** Messages of the built-in inbox channel: to the reader's own person, or to another whom the reader may see. */
export class InboxReader {
  readonly #options: InboxReaderOptions;

  constructor(options: InboxReaderOptions) {
    this.#options = options;
  }

  /** The newest first. `before`: ISO 8601, for the next page. */
  async list(
    access: Access,
    { personId, before, limit }: { personId?: PersonId | undefined; before?: string | undefined; limit: number },
  ): Promise<{ items: InboxMessage[]; next: string | null }> {
    const own = await this.#ownPerson(access);
    const wanted = personId ?? own;
    if (wanted === null) return { items: [], next: null };
    const isOwn = wanted === own;
    let query = this.#options.db
      .selectFrom('notices')
      .innerJoin('channels', 'channels.id', 'notices.channel_id')
      .innerJoin('people', 'people.id', 'notices.person_id')
      .leftJoin('incidents', 'incidents.id', 'notices.incident_id')
      .selectAll('notices')
      .select('incidents.number')
      .where('channels.kind', '=', 'inbox')
      .where('notices.person_id', '=', wanted)
      .where('notices.sent_at', 'is not', null);
    if (!isOwn) query = query.where(this.#readable(access));
    if (before !== undefined) query = query.where('notices.sent_at', '<', new Date(before));
    const rows = await query
      .orderBy('notices.sent_at', 'desc')
      .limit(limit + 1)
      .execute();
    const page = rows.slice(0, limit);
    const last = page.at(-1)?.sent_at ?? null;
    return {
      items: page.map((row) => {
        const [title = '', ...lines] = (row.sent_text ?? '').split('\n');
        const { incident_id: incidentId, number } = row;
        return {
          id: row.id,
          kind: row.kind,
          personId: wanted,
          personName: row.person_name,
          title,
          text: lines.join('\n'),
          severity: row.content.severity,
          sentAt: (row.sent_at ?? row.decided_at).toISOString(),
          readAt: row.read_at?.toISOString() ?? null,
          incident: incidentId === null || number === null ? null : { id: incidentId, name: incidentName(number) },
          link: isOwn && incidentId !== null ? this.#options.linkFor(incidentId, wanted) : null,
          mapLink: mapLinkOf(row.content.place),
        };
      }),
      next: rows.length > limit && last !== null ? last.toISOString() : null,
    };
  }

  /** Only by the person it was for. */
  async markRead(access: Access, id: NoticeId): Promise<void> {
    const own = await this.#ownPerson(access);
    const now = new Date(this.#options.clock.now());
    const { numUpdatedRows } = await this.#options.db
      .updateTable('notices')
      .set({ state: 'read', read_at: sql`coalesce(read_at, ${now}::timestamptz)` })
      .where('id', '=', id)
      .where('person_id', '=', own ?? ('00000000-0000-0000-0000-000000000000' as PersonId))
      .where('state', 'in', ['sent', 'delivered', 'read'])
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return;
    throw new ArungError('not-found', 'There is no such message in your inbox.', { code: 'inbox.not-found' });
  }

  /** Of others only what lies, with its cause, where the reader may read; and only to who may see people. */
  #readable(access: Access) {
    const people = withinScope('incidents.region_code', scopeFor(access, 'people.read'));
    const states = withinScope('incidents.region_code', scopeFor(access, 'status.read'));
    const person = peopleWithin(reachOf(access, 'people.read'));
    return sql<boolean>`(${person} and ${people} and ${states})`;
  }

  async #ownPerson({ id }: Access): Promise<PersonId | null> {
    if (id === null) return null;
    const row = await this.#options.db.selectFrom('people').select('id').where('user_id', '=', id).executeTakeFirst();
    return row?.id ?? null;
  }
}
