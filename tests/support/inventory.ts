import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { systemAccess, type Access, type Role } from '../../src/domain/access.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { DeviceNetworks } from '../../src/domain/device-networks.ts';
import { newId, type UserId } from '../../src/domain/ids.ts';
import { Vault } from '../../src/vault/vault.ts';
import { Inventory, sealedColumns } from '../../src/inventory/inventory.ts';

const silent = pino({ level: 'silent' });

export interface TestInventory {
  readonly inventory: Inventory;
  readonly database: TestDatabase;
  readonly audit: AuditLog;
  readonly vault: Vault;
  close(): Promise<void>;
}

/** An inventory on a real database, with the real vault and audit log; empty, or with the regions of a code. */
export async function createTestInventory(
  options: { regions?: string; clock?: Clock; deviceNetworks?: DeviceNetworks } = {},
): Promise<TestInventory> {
  const database = await createTestDatabase();
  const audit = new AuditLog({ db: database.db, logger: silent });
  const made = await createInventoryOn({ ...options, database, audit });
  return {
    ...made,
    database,
    audit,
    close: async () => {
      await made.close();
      await database.drop();
    },
  };
}

/** The same on a database that is there already; its closing leaves the database. */
export async function createInventoryOn(options: {
  database: Pick<TestDatabase, 'db'>;
  audit: AuditLog;
  regions?: string;
  clock?: Clock;
  deviceNetworks?: DeviceNetworks;
}): Promise<Pick<TestInventory, 'inventory' | 'vault' | 'close'>> {
  const { db } = options.database;
  const folder = mkdtempSync(join(tmpdir(), 'arung-inventory-'));
  const vault = new Vault({ db, keyFile: join(folder, 'key'), columns: sealedColumns, logger: silent });
  await vault.start();
  const { audit, clock = systemClock, deviceNetworks = new DeviceNetworks() } = options;
  const inventory = new Inventory({ db, vault, audit, deviceNetworks, clock, logger: silent });
  if (options.regions !== undefined) await inventory.catalogue.import(systemAccess('test'), options.regions);
  await inventory.start();
  return {
    inventory,
    vault,
    close: async () => {
      await inventory.stop();
      await vault.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function accessOf(role: Role, regionCode: string | null): Access {
  return { kind: 'user', id: newId<UserId>(), name: `${role} of ${regionCode}`, grants: [{ role, regionCode }] };
}
