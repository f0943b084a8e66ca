import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { touchedRunStates, type Said } from '../../domain/rollout.ts';

/** What differs from the version that the device was compared with, or why it could not be. */
export type LookFindings =
  | { readonly comparedWith: string; readonly drift: readonly ConfigurationStep[] }
  | { readonly error: Said };

/** The version that is staged for a device; null where none is. */
export async function stagedOf(db: Kysely<Database>, deviceId: DeviceId): Promise<string | null> {
  const row = await db
    .selectFrom('device_intents')
    .select('staged')
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return row?.staged ?? null;
}

/** A device was read back and is this version. */
export async function keepConfirmed(
  trx: Transaction<Database>,
  deviceId: DeviceId,
  version: string,
  now: Date,
): Promise<void> {
  if (await isBackup(trx, deviceId, version)) {
    // What code wants is not on it any more, and waits for the next rollout.
    await trx
      .updateTable('device_intents')
      .set({ confirmed: null, confirmed_at: null, drift: '[]', look_error: null })
      .where('device_id', '=', deviceId)
      .execute();
    return;
  }
  const fields = { confirmed: version, confirmed_at: now, drift: '[]', looked_at: now, look_error: null };
  await trx
    .insertInto('device_intents')
    .values({ device_id: deviceId, staged: version, staged_at: now, ...fields })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(fields))
    .execute();
}

/** Mostly a device is as it was at the last look: one statement says so and keeps it. */
async function isStillRight(
  db: Kysely<Database>,
  deviceId: DeviceId,
  comparedWith: string,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('device_intents')
    .set({ looked_at: now, look_error: null })
    .where('device_id', '=', deviceId)
    .where('confirmed', '=', comparedWith)
    .where(sql<boolean>`drift = '[]'::jsonb`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * What a look at a device has found. Says whether that is news. A look takes seconds: what a rollout changes meanwhile, or
 * has confirmed since, is no drift, and nothing of it is kept.
 */
export async function keepLook(
  db: Kysely<Database>,
  deviceId: DeviceId,
  found: LookFindings,
  now: Date,
): Promise<{ readonly changed: boolean }> {
  if ('error' in found) {
    await db
      .updateTable('device_intents')
      .set({ looked_at: now, look_error: JSON.stringify(found.error) })
      .where('device_id', '=', deviceId)
      .execute();
    return { changed: false };
  }
  const { comparedWith } = found;
  if (found.drift.length === 0 && (await isStillRight(db, deviceId, comparedWith, now))) return { changed: false };
  return db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('device_intents')
      .select('drift')
      .where('device_id', '=', deviceId)
      .where('confirmed', '=', comparedWith)
      .where(
        sql<boolean>`not exists (select 1 from rollout_devices
          where rollout_devices.device_id = ${deviceId} and state = any(${[...touchedRunStates]}::text[]))`,
      )
      .forUpdate()
      .executeTakeFirst();
    if (before === undefined) return { changed: false };
    const drift = JSON.stringify(found.drift);
    await trx
      .updateTable('device_intents')
      .set({ drift, looked_at: now, look_error: null })
      .where('device_id', '=', deviceId)
      .execute();
    return { changed: !isDeepStrictEqual(before.drift, JSON.parse(drift)) };
  });
}

async function isBackup(trx: Transaction<Database>, deviceId: DeviceId, version: string): Promise<boolean> {
  const row = await trx
    .selectFrom('intent_versions')
    .select(sql<boolean>`coalesce((masked->>'whole')::boolean, false)`.as('whole'))
    .where('device_id', '=', deviceId)
    .where('version', '=', version)
    .executeTakeFirst();
  return row?.whole === true;
}
