import type { Transaction } from 'kysely';
import type { Access } from '../../domain/access.ts';
import type { Database } from '../tables.ts';

/** One change as the audit log keeps it. Never holds a secret. */
export interface AuditEntry {
  readonly access: Access;
  /** `create`, `update`, `remove`, `import`. */
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  readonly entityName: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  /** Where it lies; null for what belongs to no region. */
  readonly regionCode: string | null;
}

/** The audit log as collections need it: written in the transaction of the change itself. */
export interface AuditSink {
  appendAll(trx: Transaction<Database>, entries: readonly AuditEntry[]): Promise<unknown>;
}
