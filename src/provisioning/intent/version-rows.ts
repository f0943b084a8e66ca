import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { newId, type DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { Sealer } from './intent-parts.ts';
import { maskedDocument } from './masked.ts';

export interface NewVersion {
  readonly deviceId: DeviceId;
  readonly document: IntentDocument;
  readonly version: string;
  readonly by: string;
  readonly managedBy: string;
  readonly at: Date;
}

/** Keeps documents as versions of devices, each unless its device has that one. */
export async function keepVersionRows(
  trx: Transaction<Database>,
  sealer: Sealer,
  versions: readonly NewVersion[],
): Promise<void> {
  if (versions.length === 0) return;
  const rows = versions.map(({ deviceId, document, version, by, managedBy, at }) => {
    const id = newId<never>() as string;
    return {
      id,
      device_id: deviceId,
      version,
      driver: document.driver,
      masked: JSON.stringify(maskedDocument(document)),
      sealed: sealer.seal(JSON.stringify(document), id),
      created_at: at,
      created_by: by,
      managed_by: managedBy,
    };
  });
  await trx
    .insertInto('intent_versions')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['device_id', 'version']).doNothing())
    .execute();
}

/** The key that names versions; made at the very first start. */
export async function readNamingKey(db: Kysely<Database>, sealer: Sealer): Promise<Buffer> {
  const id = newId<never>() as string;
  await db.transaction().execute(async (trx) => {
    await sql`lock table intent_keys in share row exclusive mode`.execute(trx);
    const there = await trx.selectFrom('intent_keys').select('id').executeTakeFirst();
    if (there !== undefined) return;
    const sealed = sealer.seal(randomBytes(32).toString('hex'), id);
    await trx.insertInto('intent_keys').values({ id, sealed }).execute();
  });
  const row = await db.selectFrom('intent_keys').selectAll().executeTakeFirstOrThrow();
  return Buffer.from(sealer.open(row.sealed, row.id), 'hex');
}
