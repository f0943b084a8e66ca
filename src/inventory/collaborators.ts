import type { Transaction } from 'kysely';
import type { Access } from '../domain/access.ts';
import type { Database } from '../database/tables.ts';

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

/** The audit log as the inventory needs it: written in the transaction of the change itself. */
export interface AuditSink {
  appendAll(trx: Transaction<Database>, entries: readonly AuditEntry[]): Promise<unknown>;
}

/** Seals secrets; `context` is the row's id, so that a sealed text moved to another row does not open. */
export interface SecretSealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
}
