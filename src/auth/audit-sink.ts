import type { Transaction } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';

/** The audit log as sign-in and user management need it. */
export interface AuditSink {
  append(
    trx: Transaction<Database>,
    entry: {
      readonly access: Access;
      readonly action: string;
      readonly entityKind: string;
      readonly entityId: string | null;
      readonly entityName: string;
      readonly before: unknown;
      readonly after: unknown;
      readonly reason: string | null;
      readonly regionCode: string | null;
    },
  ): Promise<unknown>;
}
