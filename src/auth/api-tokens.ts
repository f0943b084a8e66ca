import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Access, Role } from '../domain/access.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type RegionId, type UserId } from '../domain/ids.ts';
import type { AuditSink } from './audit-sink.ts';
import { hashOfSecret, newTokenSecret } from './bearer.ts';
import { mayGrantIn, regionToGrant } from './grants.ts';
import { notifyRevoked } from './revocations.ts';

/** What is told of a token; the token itself is told once, to who made it. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly regionCode: string | null;
  readonly regionName: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface NewApiToken {
  readonly name: string;
  readonly role: Role;
  readonly regionCode: string | null;
  readonly expiresAt: Date | null;
  /** One of this name is ended first. */
  readonly replaces?: boolean;
}

const touchEveryMs = 60_000;

/** Tokens for programs: one role in one region, or everywhere. */
export class ApiTokens {
  readonly #db: Kysely<Database>;
  readonly #audit: AuditSink;
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly audit: AuditSink; readonly clock?: Clock }) {
    this.#db = options.db;
    this.#audit = options.audit;
    this.#clock = options.clock ?? systemClock;
  }

  async list(access: Access): Promise<ApiToken[]> {
    const rows = await this.#select(this.#db).orderBy('api_tokens.name').execute();
    return rows.filter((row) => isWhole(row) && mayGrantIn(access, row.regionCode)).map(toApiToken);
  }

  async create(access: Access, token: NewApiToken): Promise<{ apiToken: ApiToken; token: string }> {
    const now = this.#clock.now();
    if (token.expiresAt !== null && token.expiresAt.getTime() <= now) {
      throw new ArungError('invalid', 'The token would have expired already: choose a later time, or none.', {
        code: 'token.expired',
        details: [{ message: 'lies in the past', field: 'expiresAt' }],
      });
    }
    const secret = newTokenSecret();
    const id = newId<UserId>();
    return this.#db.transaction().execute(async (trx) => {
      const regionId = await regionToGrant(trx, access, token.regionCode);
      if (token.replaces === true) await this.#end(trx, access, { name: token.name });
      const inserted = await trx
        .insertInto('api_tokens')
        .values({
          id,
          name: token.name,
          token_hash: hashOfSecret(secret),
          role: token.role,
          region_id: regionId,
          created_by: access.name,
          created_at: new Date(now),
          expires_at: token.expiresAt,
          last_used_at: null,
        })
        .onConflict((conflict) => conflict.constraint('api_tokens_name_key').doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 0n) {
        throw new ArungError('conflict', `There is a token ${token.name} already: revoke it, or take another name.`, {
          code: 'token.name-taken',
          arguments: { name: token.name },
        });
      }
      await this.#append(access, 'create', trx, { id, ...token });
      const apiToken = toApiToken(await this.#select(trx).where('api_tokens.id', '=', id).executeTakeFirstOrThrow());
      return { apiToken, token: secret };
    });
  }

  async revoke(access: Access, id: string): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      if (await this.#end(trx, access, { id })) return;
      throw new ArungError('not-found', 'There is no such token.', { code: 'token.unknown' });
    });
  }

  /** Whether there was one that this writer may end. */
  async #end(
    trx: Transaction<Database>,
    access: Access,
    which: { readonly id: string } | { readonly name: string },
  ): Promise<boolean> {
    const [column, value] = 'id' in which ? (['api_tokens.id', which.id] as const) : (['api_tokens.name', which.name] as const); // prettier-ignore
    const row = await this.#select(trx).where(column, '=', value).executeTakeFirst();
    if (row === undefined || !mayGrantIn(access, row.regionCode)) return false;
    await trx.deleteFrom('api_tokens').where('id', '=', row.id).execute();
    await notifyRevoked(trx, { kind: 'token', id: row.id });
    await this.#append(access, 'revoke', trx, row);
    return true;
  }

  /** Who a token is, as its rights are now; null when it is unknown, revoked or expired. */
  async identify(secret: string): Promise<Access | null> {
    const row = await this.#select(this.#db).where('token_hash', '=', hashOfSecret(secret)).executeTakeFirst();
    const now = this.#clock.now();
    if (row === undefined || !isWhole(row)) return null;
    if (row.expires_at !== null && row.expires_at.getTime() <= now) return null;
    if (row.last_used_at === null || now - row.last_used_at.getTime() > touchEveryMs) {
      await this.#db
        .updateTable('api_tokens')
        .set({ last_used_at: new Date(now) })
        .where('id', '=', row.id)
        .execute();
    }
    return {
      kind: 'token',
      id: row.id as UserId,
      name: row.name,
      grants: [{ role: row.role, regionCode: row.regionCode }],
    };
  }

  #select(db: Kysely<Database>) {
    return db
      .selectFrom('api_tokens')
      .leftJoin('regions', 'regions.id', 'api_tokens.region_id')
      .select(['api_tokens.id', 'api_tokens.name', 'role', 'region_id', 'created_by', 'created_at'])
      .select(['expires_at', 'last_used_at', 'regions.code as regionCode', 'regions.name as regionName']);
  }

  async #append(
    access: Access,
    action: 'create' | 'revoke',
    trx: Parameters<AuditSink['append']>[0],
    token: { readonly id: string; readonly name: string; readonly role: Role; readonly regionCode: string | null },
  ): Promise<void> {
    const { id, name, role, regionCode } = token;
    const facts = { name, role, regionCode };
    await this.#audit.append(trx, {
      access,
      action,
      entityKind: 'api-token',
      entityId: id,
      entityName: name,
      before: action === 'create' ? null : facts,
      after: action === 'create' ? facts : null,
      reason: null,
      regionCode,
    });
  }
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly region_id: RegionId | null;
  readonly regionCode: string | null;
  readonly regionName: string | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
}

/** Never read a region that is gone as `everywhere`. */
function isWhole(row: TokenRow): boolean {
  return row.region_id === null || row.regionCode !== null;
}

function toApiToken(row: TokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    regionCode: row.regionCode,
    regionName: row.regionName,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
