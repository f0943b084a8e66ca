import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import { idFrom } from '../../domain/id-from.ts';
import type { ChannelId, IncidentId, PersonId, UserId } from '../../domain/ids.ts';
import { incidentName } from '../../domain/incident.ts';
import { plainAddress } from '../channels/addresses.ts';
import type { ChannelProblem, ForeignAlert, Inbound } from '../channels/channel.ts';
import type { Language } from '../words/figures.ts';
import { fill } from '../words/phrases.ts';
import { commandOf, type Command } from './commands.ts';
import type { Fallback } from './fallback.ts';
import { inboundWords, type InboundWords } from './inbound-words.ts';
import type { ActingRequest, Actor, IncidentActing } from './incident-acting.ts';
import { inColumns } from './outbox.ts';
import { statusAnswer, type StatusAnswerOptions } from './status-answer.ts';

export interface InboundDeskOptions extends StatusAnswerOptions {
  readonly db: Kysely<Database>;
  readonly acting: IncidentActing;
  /** What a user may; null for one who was removed. */
  readonly accessOfUser: (id: UserId) => Promise<Access | null>;
  readonly fallback: Fallback;
  readonly onForeignAlert: (channelId: ChannelId, alert: ForeignAlert) => Promise<void>;
  readonly language: Language;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface InboundChannel {
  readonly id: ChannelId;
  readonly kind: string;
}

interface KnownPerson {
  readonly id: PersonId;
  readonly name: string;
  readonly userId: UserId | null;
  readonly language: Language;
}

const muteMinutes = 120;
const nobody: Access = { kind: 'user', id: null, name: 'nobody', grants: [] };

/** What people and programs say back over a channel. Only an address that a person has there is heard. */
export class InboundDesk {
  readonly #options: InboundDeskOptions;

  constructor(options: InboundDeskOptions) {
    this.#options = options;
  }

  async handle(channel: InboundChannel, inbound: Inbound): Promise<void> {
    switch (inbound.kind) {
      case 'receipt':
        return this.#receipt(channel, inbound);
      case 'alert':
        return this.#options.onForeignAlert(channel.id, inbound.alert);
      case 'action':
        return this.#action(channel, inbound);
      case 'text':
        return this.#text(channel, inbound);
    }
  }

  async #receipt(channel: InboundChannel, { externalId, state, reason }: Inbound & { kind: 'receipt' }): Promise<void> {
    const { db, fallback, clock } = this.#options;
    const now = new Date(clock.now());
    const row = await db
      .selectFrom('notices')
      .selectAll()
      .where('channel_id', '=', channel.id)
      .where('external_id', '=', externalId)
      .executeTakeFirst();
    if (row === undefined) return;
    const earlier = { delivered: ['sent'], read: ['sent', 'delivered'], failed: ['sent'] } as const;
    const { numUpdatedRows } = await db
      .updateTable('notices')
      .set({
        state,
        ...(state === 'delivered' && { delivered_at: now }),
        ...(state === 'read' && { read_at: now, delivered_at: row.delivered_at ?? now }),
        ...(state === 'failed' && inColumns(undelivered(reason))),
      })
      .where('id', '=', row.id)
      .where('state', 'in', [...earlier[state]])
      .executeTakeFirst();
    if (state === 'failed' && numUpdatedRows > 0n) await fallback.afterFailure(row, clock.now());
  }

  async #action(channel: InboundChannel, { address, noticeId, action, answer }: Inbound & { kind: 'action' }) {
    const notice = await this.#options.db
      .selectFrom('notices')
      .select(['incident_id', 'person_id', 'address'])
      .where('id', '=', noticeId)
      .where('channel_id', '=', channel.id)
      .executeTakeFirst();
    const person = await this.#personAt(channel, address);
    // A button that was forwarded into another chat is nobody's.
    const isTheirs = notice !== undefined && person !== null && notice.person_id === person.id;
    if (!isTheirs || notice.incident_id === null) return this.#ignored(channel, address);
    const name = await this.#nameOf(notice.incident_id);
    const requestId = requestIdOf(`${noticeId} ${action}`);
    await this.#answering(person, answer, async (words) => {
      const { acting } = this.#options;
      const request = { actor: await this.#actorOf(person, channel), requestId };
      const id = notice.incident_id;
      if (id === null) return words.noIncident;
      switch (action) {
        case 'take':
          await acting.take(id, request);
          return fill(words.taken, { name });
        case 'on-the-way':
          await acting.setStage(id, 'on-the-way', request);
          return fill(words.onTheWay, { name });
        case 'fixed':
          await acting.setStage(id, 'fixed', request);
          return fill(words.fixed, { name });
        case 'mute':
          await acting.mute(id, { minutes: muteMinutes, reason: channel.kind }, request);
          return fill(words.muted, { name, minutes: String(muteMinutes) });
      }
    });
  }

  async #text(channel: InboundChannel, inbound: Inbound & { kind: 'text' }): Promise<void> {
    const person = await this.#personAt(channel, inbound.address);
    if (person === null) return this.#ignored(channel, inbound.address);
    const command = commandOf(inbound.text);
    await this.#answering(person, inbound.answer, async (words) => {
      if (command.kind === 'help') return words.help;
      if (command.kind === 'status') {
        const access = await this.#accessOf(person);
        const { query } = command;
        return statusAnswer(this.#options, { access, query, language: person.language });
      }
      const number = command.kind === 'words' ? null : command.number;
      const incident = await this.#incidentFor(channel, person, { number, answersTo: inbound.answersTo });
      if (incident === null) return command.kind === 'words' ? words.help : words.noIncident;
      const requestId = requestIdOf(`${channel.id} ${inbound.messageId}`);
      return this.#do(command, incident, { actor: await this.#actorOf(person, channel), requestId }, words);
    });
  }

  async #do(
    command: Exclude<Command, { kind: 'help' | 'status' }>,
    incident: { id: IncidentId; name: string },
    request: ActingRequest,
    words: InboundWords,
  ): Promise<string> {
    const { acting } = this.#options;
    const { id, name } = incident;
    switch (command.kind) {
      case 'take':
        await acting.take(id, request);
        return fill(words.taken, { name });
      case 'mute':
        await acting.mute(id, { minutes: command.minutes, reason: command.reason || request.actor.via }, request);
        return fill(words.muted, { name, minutes: String(command.minutes) });
      case 'work': {
        const { minutes, reason } = command;
        await acting.workHere(id, { minutes, reason: reason || request.actor.via }, request);
        return fill(words.workBegun, { name, minutes: String(minutes) });
      }
      case 'words':
        await acting.comment(id, command.text, request);
        return fill(words.commented, { name });
    }
  }

  /** Does something and says what came of it; a refusal is said, too. */
  async #answering(
    person: KnownPerson,
    answer: (text: string) => Promise<void>,
    work: (words: InboundWords) => Promise<string>,
  ): Promise<void> {
    const words = inboundWords[person.language];
    let text: string;
    try {
      text = await work(words);
    } catch (error) {
      if (!(error instanceof ArungError)) throw error;
      text = fill(words.refused, { reason: reasonIn(words, error) });
    }
    await answer(text).catch((error: unknown) => {
      this.#options.logger.warn({ reason: error instanceof Error ? error.name : '' }, 'a person could not be answered');
    });
  }

  /** The incident that is replied to, or named, or else the last one told to this person that is not over. */
  async #incidentFor(
    channel: InboundChannel,
    person: KnownPerson,
    { number, answersTo }: { number: number | null; answersTo: string | null },
  ): Promise<{ id: IncidentId; name: string } | null> {
    // Only what was told to this person: a number is no way to somebody else's incident.
    let query = this.#options.db
      .selectFrom('notices')
      .innerJoin('incidents', 'incidents.id', 'notices.incident_id')
      .select(['incidents.id', 'incidents.number'])
      .where('notices.person_id', '=', person.id)
      .where('notices.state', 'in', ['sending', 'sent', 'delivered', 'read']);
    if (number !== null) query = query.where('incidents.number', '=', number);
    else if (answersTo !== null)
      query = query.where('notices.external_id', '=', answersTo).where('notices.channel_id', '=', channel.id);
    else query = query.where('incidents.state', 'in', ['open', 'clearing']);
    const row = await query.orderBy('notices.decided_at', 'desc').limit(1).executeTakeFirst();
    return row === undefined ? null : { id: row.id, name: incidentName(row.number) };
  }

  async #nameOf(id: IncidentId): Promise<string> {
    const row = await this.#options.db.selectFrom('incidents').select('number').where('id', '=', id).executeTakeFirst();
    return row === undefined ? '' : incidentName(row.number);
  }

  async #personAt(channel: InboundChannel, address: string): Promise<KnownPerson | null> {
    const rows = await this.#options.db
      .selectFrom('person_channels')
      .innerJoin('people', 'people.id', 'person_channels.person_id')
      .select(['people.id', 'people.name', 'people.user_id as userId', 'people.language', 'person_channels.address'])
      .where('person_channels.channel_id', '=', channel.id)
      .where('people.active', '=', true)
      .execute();
    const wanted = plainAddress(address);
    const found = rows.filter((row) => plainAddress(row.address) === wanted);
    const [person] = found;
    // Two people in one chat: nobody knows which of them wrote.
    if (person === undefined || found.length > 1) return null;
    return { ...person, language: person.language ?? this.#options.language };
  }

  /** May act on what was told to this person, as with a signed link; what that is was looked up by who calls. */
  async #actorOf(person: KnownPerson, channel: InboundChannel): Promise<Actor> {
    const { id: personId, userId, name } = person;
    const known = userId === null ? null : await this.#options.accessOfUser(userId);
    const access = known ?? { kind: 'system' as const, id: null, name: `${name} (${channel.kind})`, grants: [] };
    return { personId, userId, name, via: channel.kind, scope: 'everywhere', access };
  }

  async #accessOf({ userId }: KnownPerson): Promise<Access> {
    return (userId === null ? null : await this.#options.accessOfUser(userId)) ?? nobody;
  }

  #ignored(channel: InboundChannel, address: string): void {
    this.#options.logger.info({ channel: channel.id, length: address.length }, 'a stranger wrote to a channel');
  }
}

/** In the language of who asked, where it has a sentence for it. */
function reasonIn({ reasons }: InboundWords, { code, message, arguments: given }: ArungError): string {
  const sentence = reasons[code];
  if (sentence === undefined) return message;
  return fill(sentence, Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])));
}

/** What a channel tells of a message that it took, and could not bring. */
function undelivered(reason: string | undefined): ChannelProblem {
  if (reason === undefined) {
    return { code: 'sending.undelivered', arguments: {}, message: 'The channel could not deliver it.' };
  }
  const said = reason.slice(0, 300);
  const message = `The channel could not deliver it: ${said}.`;
  return { code: 'sending.undelivered-because', arguments: { reason: said }, message };
}

/** The same for the same press, however often the channel tells of it. */
function requestIdOf(text: string): string {
  return idFrom(text);
}
