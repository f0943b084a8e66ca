import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { IncidentId, PersonId } from '../../domain/ids.ts';
import type { NoticeKind } from '../../domain/notice.ts';
import type { Action, ChannelKind, OutgoingMessage } from '../channels/channel.ts';
import type { Language } from '../words/figures.ts';
import { mapLinkOf } from '../words/map-link.ts';
import { languages, wordsOf } from '../words/words.ts';
import type { NoticeRow, Outbox } from './outbox.ts';

/** The page of an incident for one person; null when such links are not made. */
export type LinkFor = (incidentId: IncidentId, personId: PersonId) => string | null;

export interface MessageMakerOptions {
  readonly db: Kysely<Database>;
  readonly outbox: Outbox;
  readonly linkFor: LinkFor;
  readonly timeZone: string;
  /** Of who has none of their own. */
  readonly language: Language;
}

const offered: Readonly<Record<NoticeKind, readonly Action[]>> = {
  opened: ['take', 'on-the-way', 'mute'],
  revised: ['take', 'on-the-way', 'fixed'],
  escalated: ['take', 'on-the-way', 'mute'],
  'handed-over': ['take', 'on-the-way', 'fixed'],
  resolved: [],
  digest: [],
  test: [],
};

/** Makes the message of a row: in the language of its person, with the operator's words where there are some. */
export class MessageMaker {
  readonly #options: MessageMakerOptions;

  constructor(options: MessageMakerOptions) {
    this.#options = options;
  }

  async make(notice: NoticeRow, kind: ChannelKind): Promise<OutgoingMessage> {
    const language = await this.#languageOf(notice.person_id);
    const template = await this.#templateOf(notice.kind, language);
    const { content } = notice;
    const maybeTwice = notice.maybe_twice && !kind.takesKey;
    const { title, text } = wordsOf(content, notice.kind, language, {
      timeZone: this.#options.timeZone,
      leaves: kind.leaves,
      maybeTwice,
      template,
    });
    const { incident_id: incidentId, person_id: personId } = notice;
    const isAbout = incidentId !== null && personId !== null && kind.audience === 'person';
    return {
      id: notice.id,
      kind: notice.kind,
      address: notice.address,
      personName: notice.person_name,
      language,
      title,
      text,
      content,
      decidedAt: notice.decided_at.getTime(),
      link: isAbout ? this.#options.linkFor(incidentId, personId) : null,
      mapLink: mapLinkOf(content.place),
      actions: isAbout
        ? offered[notice.kind].map((action) => ({ action, label: languages[language].actions[action] }))
        : [],
      thread: incidentId === null ? null : { incidentId, externalId: await this.#options.outbox.threadOf(notice) },
      maybeTwice,
    };
  }

  async #languageOf(personId: PersonId | null): Promise<Language> {
    if (personId === null) return this.#options.language;
    const row = await this.#options.db
      .selectFrom('people')
      .select('language')
      .where('id', '=', personId)
      .executeTakeFirst();
    return row?.language ?? this.#options.language;
  }

  async #templateOf(kind: NoticeKind, language: Language): Promise<string | undefined> {
    const row = await this.#options.db
      .selectFrom('message_templates')
      .select('body')
      .where('kind', '=', kind)
      .where('language', '=', language)
      .executeTakeFirst();
    return row?.body;
  }
}
