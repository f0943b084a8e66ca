import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { AuditLog } from '../../audit/audit-log.ts';
import { systemAccess, type Access, type Role } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { systemClock } from '../../domain/clock.ts';
import { newId, type UserId } from '../../domain/ids.ts';
import { Vault } from '../../vault/vault.ts';
import { Inventory, sealedColumns } from '../inventory.ts';

export interface TestInventory {
  readonly inventory: Inventory;
  readonly database: TestDatabase;
  readonly audit: AuditLog;
  readonly vault: Vault;
  close(): Promise<void>;
}

/** An inventory on a real database, with the real vault and audit log; empty, or with the regions of a code. */
export async function createTestInventory(options: { regions?: string; clock?: Clock } = {}): Promise<TestInventory> {
  const database = await createTestDatabase();
  const logger = pino({ level: 'silent' });
  const folder = mkdtempSync(join(tmpdir(), 'arung-inventory-'));
  const { db } = database;
  const vault = new Vault({ db, keyFile: join(folder, 'key'), columns: sealedColumns, logger });
  await vault.start();
  const audit = new AuditLog({ db, logger });
  const inventory = new Inventory({ db, vault, audit, clock: options.clock ?? systemClock, logger });
  if (options.regions !== undefined) await inventory.catalogue.import(systemAccess('test'), options.regions);
  await inventory.start();
  return {
    inventory,
    database,
    audit,
    vault,
    close: async () => {
      await inventory.stop();
      await vault.stop();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function accessOf(role: Role, regionCode: string | null): Access {
  return { kind: 'user', id: newId<UserId>(), name: `${role} of ${regionCode}`, grants: [{ role, regionCode }] };
}
