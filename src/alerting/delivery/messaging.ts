import type { Transaction, Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelId, SiteId, UserId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { Reachability } from '../../domain/reachability.ts';
import { ChannelRepository } from '../channels/channel-repository.ts';
import type { ForeignAlert, InboundAnswer, InboundRequest } from '../channels/channel.ts';
import type { Language } from '../words/figures.ts';
import { Delivery } from './delivery.ts';
import { InboundDesk } from './inbound-desk.ts';
import { InboxReader } from './inbox-reader.ts';
import type { IncidentActing } from './incident-acting.ts';
import { Listeners } from './listeners.ts';
import type { LinkFor } from './message-maker.ts';
import { TemplateStore } from './template-store.ts';
import { sendTest, type TestResult } from './test-message.ts';

export interface MessagingOptions {
  readonly db: Kysely<Database>;
  readonly databaseUrl: () => string;
  readonly sealer: { seal(plain: string, context: string): Buffer; open(sealed: Buffer, context: string): string };
  readonly audit: {
    appendAll(trx: Transaction<Database>, entries: readonly AuditEntry[]): Promise<unknown>;
  };
  /** Where people reach Arung. */
  readonly publicUrl: () => string;
  readonly linkFor: LinkFor;
  readonly acting: IncidentActing;
  readonly accessOfUser: (id: UserId) => Promise<Access | null>;
  readonly stateOf: (site: SiteId) => Reachability;
  /** What another program says over its channel (Alertmanager). */
  readonly onForeignAlert: (channelId: ChannelId, alert: ForeignAlert) => Promise<void>;
  readonly timeZone: string;
  readonly language: Language;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface AuditEntry {
  readonly access: Access;
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  readonly entityName: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  readonly regionCode: string | null;
}

/** Everything between a decided notice and a person, and back: channels, words, the outbox, what comes in. */
export class Messaging implements LongLived {
  readonly name = 'messaging';
  readonly channels: ChannelRepository;
  readonly templates: TemplateStore;
  readonly inbox: InboxReader;
  readonly delivery: Delivery;
  readonly #desk: InboundDesk;
  readonly #parts: readonly LongLived[];
  readonly #options: MessagingOptions;

  constructor(options: MessagingOptions) {
    const { db } = options;
    const logger = options.logger.child({ part: 'messaging' });
    this.#options = options;
    this.channels = new ChannelRepository(options);
    this.templates = new TemplateStore(options);
    this.inbox = new InboxReader(options);
    this.delivery = new Delivery(options);
    const { book, presence, fallback } = this.delivery;
    this.#desk = new InboundDesk({ ...options, fallback, logger });
    const handle = this.#desk.handle.bind(this.#desk);
    this.#parts = [this.delivery, new Listeners({ db, book, presence, handle, logger })];
  }

  async start(): Promise<void> {
    await this.channels.ensureInbox();
    for (const part of this.#parts) await part.start();
  }

  async stop(): Promise<void> {
    for (const part of this.#parts.toReversed()) await part.stop();
  }

  /** A test message at once; see `sendTest`. */
  test(request: { channelId: ChannelId; address: string; name: string; language: Language }): Promise<TestResult> {
    const { clock, timeZone } = this.#options;
    return sendTest({ book: this.delivery.book, clock, timeZone }, request);
  }

  /** A call of a channel's server: what is in it is done before it is answered, so that a lost answer is a repeat. */
  async receive(id: ChannelId, request: InboundRequest): Promise<InboundAnswer | null> {
    const row = await this.#options.db
      .selectFrom('channels')
      .select(['id', 'kind'])
      .where('id', '=', id)
      .where('enabled', '=', true)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { channel } = await this.delivery.book.get(id);
    if (channel.receive === undefined) return null;
    const answer = await channel.receive(request);
    if (answer.status === 200) for (const inbound of answer.inbound) await this.#desk.handle(row, inbound);
    return answer;
  }
}
