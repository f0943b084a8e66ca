import type { Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { AuditSink } from './audit-sink.ts';
import { notifyRevoked } from './revocations.ts';

/** Where somebody is signed in. */
export interface SeenSession {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** The sessions of a person, to be looked at and ended; who may is the caller's question. */
export class SessionList {
  readonly #db: Kysely<Database>;
  readonly #audit: AuditSink;

  constructor(options: { readonly db: Kysely<Database>; readonly audit: AuditSink }) {
    this.#db = options.db;
    this.#audit = options.audit;
  }

  /** The latest used first. */
  async of(userId: UserId): Promise<SeenSession[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['id', 'address', 'user_agent', 'created_at', 'last_seen_at', 'expires_at'])
      .where('user_id', '=', userId)
      .orderBy('last_seen_at', 'desc')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      address: row.address,
      userAgent: row.user_agent,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
    }));
  }

  /** Ends one session of the person (`not-found` when it is none of theirs), or all of them. Returns how many ended. */
  async end(
    access: Access,
    user: { readonly id: UserId; readonly name: string },
    session: string | 'all',
  ): Promise<number> {
    return this.#db.transaction().execute(async (trx) => {
      let sessions = trx.deleteFrom('sessions').where('user_id', '=', user.id);
      if (session !== 'all') sessions = sessions.where('id', '=', session);
      const ended = await sessions.returning(['id', 'address']).execute();
      if (ended.length === 0 && session !== 'all') {
        throw new ArungError('not-found', 'There is no such session: it has ended already.', {
          code: 'session.unknown',
        });
      }
      for (const { id } of ended) await notifyRevoked(trx, { kind: 'session', id });
      if (ended.length > 0) {
        await this.#audit.append(trx, {
          access,
          action: 'end-session',
          entityKind: 'user',
          entityId: user.id,
          entityName: user.name,
          before: { addresses: ended.map((one) => one.address) },
          after: null,
          reason: null,
          regionCode: null,
        });
      }
      return ended.length;
    });
  }
}
