import type { Kysely, Selectable } from 'kysely';
import type { Logger } from 'pino';
import { Value } from 'typebox/value';
import type { Database } from '../../database/tables.ts';
import type { ChannelTable } from '../../database/tables/alerting.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelId } from '../../domain/ids.ts';
import { ChannelError, type Channel, type ChannelKind, type ChannelProblem } from '../channels/channel.ts';
import { kindOf } from '../channels/channels.ts';

export interface SecretSealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
}

export interface OpenChannel {
  readonly id: ChannelId;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly channel: Channel;
  /** At most so many messages a minute: its own rate, or its kind's. */
  readonly perMinute: number;
  readonly version: number;
}

type Row = Pick<Selectable<ChannelTable>, 'id' | 'name' | 'kind' | 'settings' | 'secret' | 'per_minute' | 'version'>;

export interface ChannelBookOptions {
  readonly db: Kysely<Database>;
  readonly sealer: SecretSealer;
  /** Where people reach Arung. */
  readonly publicUrl: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The channels that are on, open: each is opened once for each version of its row. */
export class ChannelBook {
  readonly #options: ChannelBookOptions;
  readonly #open = new Map<ChannelId, OpenChannel>();

  constructor(options: ChannelBookOptions) {
    this.#options = options;
  }

  /** Rejects with a `ChannelError` when its settings or secrets are not what its kind needs. */
  async get(id: ChannelId): Promise<OpenChannel> {
    const row = await this.#options.db
      .selectFrom('channels')
      .select(['id', 'name', 'kind', 'settings', 'secret', 'per_minute', 'version'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new ChannelError(channelRemoved, { permanent: true });
    const known = this.#open.get(id);
    if (known?.version === row.version) return known;
    const opened = this.#openRow(row);
    this.#open.set(id, opened);
    await known?.channel.close();
    return opened;
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(all.map((each) => each.channel.close()));
  }

  #openRow(row: Row): OpenChannel {
    const kind = kindOf(row.kind);
    if (kind === null) {
      const message = `This release has no channel of the kind ${row.kind}: remove it, or upgrade.`;
      throw unfit({ code: 'sending.unknown-kind', arguments: { kind: row.kind }, message });
    }
    const secrets: unknown = row.secret === null ? {} : JSON.parse(this.#options.sealer.open(row.secret, row.id));
    if (!Value.Check(kind.settings, row.settings)) {
      const message = 'Its settings are not complete: open it and mend them.';
      throw unfit({ code: 'sending.bad-settings', arguments: {}, message });
    }
    if (!Value.Check(kind.secrets, secrets)) {
      throw unfit({
        code: 'sending.bad-secrets',
        arguments: {},
        message: 'Its secrets are not complete: set them again.',
      });
    }
    const logger = this.#options.logger.child({ channel: row.name, kind: row.kind });
    const { publicUrl, clock } = this.#options;
    const context = { id: row.id, name: row.name, logger, publicUrl: publicUrl(), clock };
    const channel = kind.open(row.settings, secrets, context);
    const perMinute = row.per_minute ?? kind.perMinute;
    return { id: row.id, name: row.name, kind, channel, perMinute, version: row.version };
  }
}

export const channelRemoved: ChannelProblem = {
  code: 'sending.channel-removed',
  arguments: {},
  message: 'This channel was removed.',
};

function unfit(problem: ChannelProblem): ChannelError {
  return new ChannelError(problem, { permanent: true, ofChannel: true });
}
