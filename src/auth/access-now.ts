import type { Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { accessOfUser } from './grants.ts';

/**
 * What somebody who asked for something a while ago may now; null for a user who is gone or turned off, and for a token
 * that is revoked or has ended: its rights never change otherwise.
 */
export async function accessNow(db: Kysely<Database>, access: Access, now: number): Promise<Access | null> {
  if (access.id === null) return access;
  if (access.kind === 'user') return accessOfUser(db, access.id);
  const row = await db.selectFrom('api_tokens').select('expires_at').where('id', '=', access.id).executeTakeFirst();
  const isOver = row === undefined || (row.expires_at !== null && row.expires_at.getTime() <= now);
  return isOver ? null : access;
}
