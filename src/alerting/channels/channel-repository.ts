import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { Type, type Static, type TObject } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '../../database/tables.ts';
import type { ChannelTable } from '../../database/tables/alerting.ts';
import type { Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, newId, type ChannelId } from '../../domain/ids.ts';
import { channelKinds, kindOf } from './channels.ts';

/** A channel as it may be read: never its secrets, only which of them are set. */
export const ChannelRecord = Type.Object({
  id: Type.Unsafe<ChannelId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 120, examples: ['Telegram jaringan'] }),
  kind: Type.String({ examples: ['telegram'] }),
  enabled: Type.Boolean(),
  settings: Type.Record(Type.String(), Type.Any()),
  /** Names of the secrets that are set. */
  secretsSet: Type.Array(Type.String()),
  /** ISO 8601; null: never. */
  lastSentAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  /** Since when it takes nothing; null while it is well. */
  failingSince: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  /** Why, in English; the code and its arguments say it in any language. */
  lastError: Type.Union([Type.String(), Type.Null()]),
  lastErrorCode: Type.Union([Type.String(), Type.Null()]),
  lastErrorArguments: Type.Union([Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])), Type.Null()]),
  /** At most so many messages a minute; null: as `GET /channel-kinds` says of its kind. */
  perMinute: Type.Union([Type.Integer(), Type.Null()]),
});
export type ChannelRecord = Static<typeof ChannelRecord>;

/** As much as the quickest of the kinds takes. */
const mostPerMinute = 100_000;

export const ChannelDraft = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120, pattern: '^[^\\u0000]*$' }),
    kind: Type.String({ maxLength: 40, pattern: `^(${channelKinds.map(({ kind }) => kind).join('|')})$` }),
    enabled: Type.Optional(Type.Boolean()),
    perMinute: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: mostPerMinute }), Type.Null()], {
        description: 'At most so many messages a minute; null: as its kind.',
      }),
    ),
    settings: Type.Optional(Type.Record(Type.String({ maxLength: 60 }), Type.Any())),
    secrets: Type.Optional(
      Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 2_000 }), {
        writeOnly: true,
        description: 'Write only: never returned. Those that are not given stay.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ChannelDraft = Static<typeof ChannelDraft>;

interface Sealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
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

export interface ChannelRepositoryOptions {
  readonly db: Kysely<Database>;
  readonly sealer: Sealer;
  readonly audit: { appendAll(trx: Transaction<Database>, entries: readonly AuditEntry[]): Promise<unknown> };
}

interface WriteOptions {
  readonly reason?: string | undefined;
  readonly version?: number | undefined;
}

interface Kept {
  readonly entity: ChannelRecord;
  readonly name: string;
  readonly regionCode: null;
  readonly version: number;
}

/** Where the vault's secrets of channels are kept, for the rotation of its key. */
export const sealedChannelColumns = [{ table: 'channels', id: 'id', sealed: 'secret' }] as const;

const inboxName = 'inbox';

/** The channels. They lie in no region: who may manage channels manages all of them. */
export class ChannelRepository {
  readonly #options: ChannelRepositoryOptions;

  constructor(options: ChannelRepositoryOptions) {
    this.#options = options;
  }

  async list(): Promise<{ items: ChannelRecord[]; next: null }> {
    const rows = await this.#options.db
      .selectFrom('channels')
      .selectAll()
      .orderBy(sql`lower(name)`)
      .execute();
    return { items: rows.map((row) => this.#record(row)), next: null };
  }

  async get(_access: Access, key: string): Promise<Kept> {
    return this.#kept(this.#options.db, key);
  }

  /** An inbox of the console is always there; made at the first start. */
  async ensureInbox(): Promise<ChannelId> {
    const { db } = this.#options;
    const inboxes = db.selectFrom('channels').select('id').where('kind', '=', 'inbox').orderBy('id').limit(1);
    const known = await inboxes.executeTakeFirst();
    if (known !== undefined) return known.id;
    await db
      .insertInto('channels')
      .values({ id: newId<ChannelId>(), name: inboxName, kind: 'inbox', secret: null })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    return (await inboxes.executeTakeFirstOrThrow()).id;
  }

  async create(access: Access, draft: ChannelDraft, { reason }: WriteOptions): Promise<Kept> {
    const id = newId<ChannelId>();
    const settings = draft.settings ?? {};
    const secrets = draft.secrets ?? {};
    checkAgainstKind(draft.kind, settings, secrets);
    return this.#write(async (trx) => {
      await trx
        .insertInto('channels')
        .values({
          id,
          name: draft.name,
          kind: draft.kind,
          enabled: draft.enabled ?? true,
          per_minute: draft.perMinute ?? null,
          settings: JSON.stringify(settings),
          secret: this.#sealed(id, secrets),
          created_by: access.id ?? access.name,
        })
        .execute();
      const kept = await this.#kept(trx, id);
      await this.#audit(trx, access, { kept, action: 'create', before: null, after: kept.entity, reason });
      return kept;
    });
  }

  async update(access: Access, key: string, patch: Partial<ChannelDraft>, options: WriteOptions): Promise<Kept> {
    return this.#write(async (trx) => {
      const before = await this.#locked(trx, key, options);
      const { id } = before.entity;
      const kind = patch.kind ?? before.entity.kind;
      const isOtherKind = kind !== before.entity.kind;
      const settings = patch.settings ?? (isOtherKind ? {} : before.entity.settings);
      // What was given for one kind, or one server, is not handed to another.
      const old = isOtherKind ? {} : await this.#secretsOf(trx, id);
      const secrets = { ...old, ...patch.secrets };
      checkAgainstKind(kind, settings, secrets);
      if (patch.settings !== undefined) refuseOldSecrets(before.entity, patch, old);
      await trx
        .updateTable('channels')
        .set({
          ...(patch.name !== undefined && { name: patch.name }),
          ...(patch.enabled !== undefined && { enabled: patch.enabled }),
          ...(patch.perMinute !== undefined && { per_minute: patch.perMinute }),
          kind,
          settings: JSON.stringify(settings),
          secret: this.#sealed(id, secrets),
          failing_since: null,
          last_error: null,
          last_problem: null,
          paused_until: null,
          version: sql`version + 1`,
        })
        .where('id', '=', id)
        .execute();
      const after = await this.#kept(trx, id);
      const action = patch.secrets === undefined ? 'update' : 'replace-secret';
      const was = before.entity;
      await this.#audit(trx, access, { kept: after, action, before: was, after: after.entity, reason: options.reason });
      return after;
    });
  }

  async remove(access: Access, key: string, options: WriteOptions): Promise<void> {
    await this.#write(async (trx) => {
      const before = await this.#locked(trx, key, options);
      if (before.entity.kind === 'inbox' && before.name === inboxName) {
        throw new ArungError('conflict', 'The inbox of the console stays: turn it off instead.', {
          code: 'channel.built-in',
        });
      }
      await trx.deleteFrom('channels').where('id', '=', before.entity.id).execute();
      const { entity } = before;
      await this.#audit(trx, access, {
        kept: before,
        action: 'remove',
        before: entity,
        after: null,
        reason: options.reason,
      });
    });
  }

  async #locked(trx: Transaction<Database>, key: string, { version }: WriteOptions): Promise<Kept> {
    const { entity } = await this.#kept(trx, key);
    await trx.selectFrom('channels').select('id').where('id', '=', entity.id).forUpdate().execute();
    const kept = await this.#kept(trx, entity.id);
    if (version !== undefined && version !== kept.version) {
      throw new ArungError(
        'stale',
        `The channel ${kept.name} was changed since you read it: read it again, then repeat your change.`,
        { code: 'inventory.stale-version', arguments: { expected: version, actual: kept.version } },
      );
    }
    return kept;
  }

  async #kept(db: Kysely<Database>, key: string): Promise<Kept> {
    const row = await db
      .selectFrom('channels')
      .selectAll()
      .where((on) => (isId(key) ? on('id', '=', key as ChannelId) : on('name', '=', key)))
      .executeTakeFirst();
    if (row === undefined) {
      throw new ArungError('not-found', `There is no channel ${key}.`, {
        code: 'channel.not-found',
        arguments: { key },
      });
    }
    return { entity: this.#record(row), name: row.name, regionCode: null, version: row.version };
  }

  #record(row: Selectable<ChannelTable>): ChannelRecord {
    return {
      id: row.id,
      name: row.name,
      kind: row.kind,
      enabled: row.enabled,
      settings: { ...row.settings },
      secretsSet: row.secret === null ? [] : Object.keys(this.#opened(row.id, row.secret)).toSorted(),
      lastSentAt: row.last_sent_at?.toISOString() ?? null,
      failingSince: row.failing_since?.toISOString() ?? null,
      lastError: row.last_error,
      lastErrorCode: row.last_problem?.code ?? null,
      lastErrorArguments: row.last_problem?.arguments ?? null,
      perMinute: row.per_minute,
    };
  }

  async #secretsOf(db: Kysely<Database>, id: ChannelId): Promise<Record<string, string>> {
    const row = await db.selectFrom('channels').select('secret').where('id', '=', id).executeTakeFirstOrThrow();
    return row.secret === null ? {} : this.#opened(id, row.secret);
  }

  #opened(id: ChannelId, sealed: Buffer): Record<string, string> {
    return JSON.parse(this.#options.sealer.open(sealed, id)) as Record<string, string>;
  }

  #sealed(id: ChannelId, secrets: Readonly<Record<string, string>>): Buffer | null {
    return Object.keys(secrets).length === 0 ? null : this.#options.sealer.seal(JSON.stringify(secrets), id);
  }

  async #audit(
    trx: Transaction<Database>,
    access: Access,
    entry: { kept: Kept; action: string; before: unknown; after: unknown; reason: string | undefined },
  ): Promise<void> {
    const { kept, action, before, after, reason } = entry;
    const named = { entityKind: 'channel', entityId: kept.entity.id, entityName: kept.name, regionCode: null };
    await this.#options.audit.appendAll(trx, [{ access, action, ...named, before, after, reason: reason ?? null }]);
  }

  async #write<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
    try {
      return await this.#options.db.transaction().execute(work);
    } catch (error) {
      const constraint = error instanceof Error && 'constraint' in error ? error.constraint : '';
      if (constraint === 'channels_name_key') {
        throw new ArungError('conflict', 'There is a channel with this name already: choose another name.', {
          code: 'channel.name-taken',
        });
      }
      if (constraint === 'person_channels_channel_id_fkey') {
        throw new ArungError('conflict', 'People are told over this channel: give them another one first.', {
          code: 'channel.in-use',
        });
      }
      throw error;
    }
  }
}

function checkAgainstKind(kind: string, settings: unknown, secrets: unknown): void {
  const known = kindOf(kind);
  if (known === null) return;
  refuse(known.settings, settings, 'settings');
  refuse(known.secrets, secrets, 'secrets');
}

/** The first thing that is wrong, by its field; never its value, which may be a secret. */
function refuse(schema: TObject, value: unknown, field: 'settings' | 'secrets'): void {
  // PostgreSQL keeps no NUL in a JSON text.
  const isClean = !JSON.stringify(value).includes('\\u0000');
  if (isClean && Value.Check(schema, value)) return;
  const [first] = Value.Errors(schema, value);
  const place = `${field}${first?.instancePath ?? ''}`;
  const message = `The ${field} do not fit this kind of channel: ${place} ${first?.message ?? 'is wrong'}.`;
  throw new ArungError('invalid', message, {
    code: 'channel.bad-settings',
    arguments: { place },
    details: [{ message, field: place }],
  });
}

/** Secrets go with the server that they were given for: who changes its address types them again. */
function refuseOldSecrets(before: ChannelRecord, patch: Partial<ChannelDraft>, old: Record<string, string>): void {
  const addresses = ['url', 'host', 'apiRoot', 'port', 'transport', 'security'];
  const isMoved = addresses.some(
    (name) => JSON.stringify(before.settings[name]) !== JSON.stringify(patch.settings?.[name]),
  );
  const reused = Object.keys(old).filter((name) => patch.secrets?.[name] === undefined);
  if (!isMoved || reused.length === 0) return;
  throw new ArungError(
    'invalid',
    `The channel is to talk to another server: type its secrets again (${reused.join(', ')}), so that they do not go where they were not meant for.`,
    { code: 'channel.secrets-again', arguments: { names: reused.join(', ') } },
  );
}
