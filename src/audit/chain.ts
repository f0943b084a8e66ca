import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';

/** What a row of the audit log says; all of it is hashed. */
export interface AuditRow {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actorKind: 'user' | 'token' | 'system';
  readonly actorId: string | null;
  readonly actorName: string;
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  readonly entityName: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  readonly regionCode: string | null;
}

/** Before the first row. */
export const genesis = Buffer.alloc(32);

/** SHA-256 of the hash before it and the row: whoever changes a row must change all that follow, and the anchors. */
export function hashRow(previous: Buffer, row: AuditRow): Buffer {
  return createHash('sha256').update(previous).update(canonicalJson(row)).digest();
}
