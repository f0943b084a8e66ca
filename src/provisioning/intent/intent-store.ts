import { createHmac, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access, Permission } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { ArungError } from '../../domain/errors.ts';
import { newId, type DeviceId } from '../../domain/ids.ts';
import { checkIntentDocument, intentVersion, type IntentDocument } from '../../domain/intent.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { openRolloutStates, type Said } from '../../domain/rollout.ts';
import { findDevice, noVersion } from './managed-device.ts';
import { maskedDocument } from './masked.ts';

/** Seals secrets; `context` is the row's id. */
export interface Sealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
}

/** Who knows whether a document can be applied at all; throws `intent.invalid`. */
export type DocumentCheck = (document: IntentDocument) => void;

/** Where the vault's secrets of provisioning are kept, for the rotation of its key. */
export const sealedIntentColumns = [
  { table: 'intent_keys', id: 'id', sealed: 'sealed' },
  { table: 'intent_versions', id: 'id', sealed: 'sealed' },
  { table: 'device_backups', id: 'id', sealed: 'sealed' },
] as const;

const write: Permission = 'provisioning.write';

/**
 * What devices should be. Versions are immutable and named by their content; staging one says that it is wanted, and
 * touches no device.
 */
export class IntentStore implements LongLived {
  readonly name = 'intent';
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #sealer: Sealer;
  readonly #check: DocumentCheck;
  readonly #clock: Clock;
  #key: Buffer | null = null;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: Sealer;
    readonly check: DocumentCheck;
    readonly clock: Clock;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#sealer = options.sealer;
    this.#check = options.check;
    this.#clock = options.clock;
  }

  /** Makes the key that names versions, at the very first start. */
  async start(): Promise<void> {
    const id = newId<never>() as string;
    await this.#db.transaction().execute(async (trx) => {
      await sql`lock table intent_keys in share row exclusive mode`.execute(trx);
      const there = await trx.selectFrom('intent_keys').select('id').executeTakeFirst();
      if (there !== undefined) return;
      const sealed = this.#sealer.seal(randomBytes(32).toString('hex'), id);
      await trx.insertInto('intent_keys').values({ id, sealed }).execute();
    });
    const row = await this.#db.selectFrom('intent_keys').selectAll().executeTakeFirstOrThrow();
    this.#key = Buffer.from(this.#sealer.open(row.sealed, row.id), 'hex');
  }

  async stop(): Promise<void> {}

  /** The name that a document has here. */
  versionOf(document: IntentDocument): string {
    if (this.#key === null) throw new Error('the store of intent has not started');
    return intentVersion(document, this.#key);
  }

  /** A name for a text that holds secrets: tells nothing of it to who lacks the key of this installation. */
  nameOf(text: string): string {
    if (this.#key === null) throw new Error('the store of intent has not started');
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }

  /** Throws `intent.invalid` with every fault of its form and of what its driver can do. */
  check(document: IntentDocument): void {
    checkIntentDocument(document);
    this.#check(document);
  }

  /**
   * Keeps a document as what the device should be. The same content twice is one version and no change. Throws
   * `intent.invalid` with every fault, `device.not-found`, `inventory.outside-regions`.
   */
  async stage(
    access: Access,
    key: string,
    document: IntentDocument,
    options: { readonly managedBy: string; readonly reason?: string | undefined },
  ): Promise<{ readonly version: string; readonly changed: boolean }> {
    this.check(document);
    const version = this.versionOf(document);
    return this.#changes.run(access, options.reason, async (change) => {
      const device = await this.#writable(change.trx, access, key);
      await lockDevice(change.trx, device.id);
      await this.#keep(change.trx, device.id, document, { version, access, managedBy: options.managedBy });
      const before = await change.trx
        .selectFrom('device_intents')
        .select('staged')
        .where('device_id', '=', device.id)
        .executeTakeFirst();
      if (before?.staged === version) return { version, changed: false };
      const staged = { staged: version, staged_at: new Date(this.#clock.now()) };
      await change.trx
        .insertInto('device_intents')
        .values({ device_id: device.id, ...staged })
        .onConflict((conflict) => conflict.column('device_id').doUpdateSet(staged))
        .execute();
      change.record({
        action: 'stage',
        entityKind: 'intent',
        entityId: device.id,
        entityName: device.name,
        before: before?.staged === undefined || before.staged === null ? null : { version: before.staged },
        after: { version, managedBy: options.managedBy },
        regionCode: device.regionCode,
      });
      return { version, changed: true };
    });
  }

  /** The device is no longer managed: it stays as it is, nothing of it is compared any more. */
  async release(access: Access, key: string, reason?: string): Promise<void> {
    await this.#changes.run(access, reason, async (change) => {
      const device = await this.#writable(change.trx, access, key);
      await lockDevice(change.trx, device.id);
      await refuseUnderWay(change.trx, device);
      const before = await change.trx
        .selectFrom('device_intents')
        .select(['staged', 'confirmed'])
        .where('device_id', '=', device.id)
        .executeTakeFirst();
      if (before === undefined || (before.staged === null && before.confirmed === null)) return;
      await change.trx
        .updateTable('device_intents')
        .set({ staged: null, staged_at: null, confirmed: null, confirmed_at: null, drift: '[]', look_error: null })
        .where('device_id', '=', device.id)
        .execute();
      change.record({
        action: 'release',
        entityKind: 'intent',
        entityId: device.id,
        entityName: device.name,
        before,
        after: null,
        regionCode: device.regionCode,
      });
    });
  }

  /** A version whole, with its secrets: for a driver alone. */
  async open(deviceId: DeviceId, version: string): Promise<IntentDocument> {
    const row = await this.#db
      .selectFrom('intent_versions')
      .select(['id', 'sealed'])
      .where('device_id', '=', deviceId)
      .where('version', '=', version)
      .executeTakeFirst();
    if (row === undefined) throw noVersion(deviceId, version);
    return JSON.parse(this.#sealer.open(row.sealed, row.id)) as IntentDocument;
  }

  /** The document that was confirmed on the device last; null when none was. */
  async confirmedOf(deviceId: DeviceId): Promise<IntentDocument | null> {
    const row = await this.#db
      .selectFrom('device_intents')
      .select('confirmed')
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    return row?.confirmed === undefined || row.confirmed === null ? null : this.open(deviceId, row.confirmed);
  }

  /** The device was read back and is this version. */
  async confirmed(trx: Transaction<Database>, deviceId: DeviceId, version: string): Promise<void> {
    const now = new Date(this.#clock.now());
    const fields = { confirmed: version, confirmed_at: now, drift: '[]', looked_at: now, look_error: null };
    await trx
      .insertInto('device_intents')
      .values({ device_id: deviceId, staged: version, staged_at: now, ...fields })
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet(fields))
      .execute();
  }

  /** What a look at the device has found. Says whether that is news. */
  async looked(
    deviceId: DeviceId,
    found: { readonly drift: readonly ConfigurationStep[] } | { readonly error: Said },
  ): Promise<{ readonly changed: boolean }> {
    const now = new Date(this.#clock.now());
    if ('error' in found) {
      await this.#db
        .updateTable('device_intents')
        .set({ looked_at: now, look_error: JSON.stringify(found.error) })
        .where('device_id', '=', deviceId)
        .execute();
      return { changed: false };
    }
    return this.#db.transaction().execute(async (trx) => {
      const before = await trx
        .selectFrom('device_intents')
        .select('drift')
        .where('device_id', '=', deviceId)
        .forUpdate()
        .executeTakeFirst();
      const drift = JSON.stringify(found.drift);
      await trx
        .updateTable('device_intents')
        .set({ drift, looked_at: now, look_error: null })
        .where('device_id', '=', deviceId)
        .execute();
      return { changed: before !== undefined && !isDeepStrictEqual(before.drift, JSON.parse(drift)) };
    });
  }

  async #keep(
    trx: Transaction<Database>,
    deviceId: DeviceId,
    document: IntentDocument,
    { version, access, managedBy }: { readonly version: string; readonly access: Access; readonly managedBy: string },
  ): Promise<void> {
    const id = newId<never>() as string;
    await trx
      .insertInto('intent_versions')
      .values({
        id,
        device_id: deviceId,
        version,
        driver: document.driver,
        masked: JSON.stringify(maskedDocument(document)),
        sealed: this.#sealer.seal(JSON.stringify(document), id),
        created_at: new Date(this.#clock.now()),
        created_by: access.name,
        managed_by: managedBy,
      })
      .onConflict((conflict) => conflict.columns(['device_id', 'version']).doNothing())
      .execute();
  }

  async #writable(db: Kysely<Database>, access: Access, key: string) {
    return findDevice(db, access, key, write);
  }
}

async function lockDevice(trx: Transaction<Database>, deviceId: DeviceId): Promise<void> {
  await trx.selectFrom('devices').select('id').where('id', '=', deviceId).forNoKeyUpdate().execute();
}

async function refuseUnderWay(
  trx: Transaction<Database>,
  device: { readonly id: DeviceId; readonly name: string },
): Promise<void> {
  const open = await trx
    .selectFrom('rollout_devices')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_devices.rollout_id')
    .select('rollouts.number')
    .where('rollout_devices.device_id', '=', device.id)
    .where('rollouts.state', 'in', openRolloutStates)
    .executeTakeFirst();
  if (open === undefined) return;
  throw new ArungError(
    'conflict',
    `${device.name} is part of rollout ${open.number}, which goes on: wait for its end, or abort it first.`,
    { code: 'intent.under-way', arguments: { name: device.name, number: Number(open.number) } },
  );
}
