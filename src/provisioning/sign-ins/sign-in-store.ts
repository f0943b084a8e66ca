import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { DeviceCredential } from '../drivers/driver.ts';
import type { Sealer } from '../intent/intent-parts.ts';

/** With what a device lets us in since a rollout has set it there. */
export interface SignIn {
  readonly credential: DeviceCredential;
  /** What the inventory had at that time: when it has another one now, a person has said so since. */
  readonly insteadOf: DeviceCredential;
}

/**
 * What devices are signed in at with, where a rollout has set another password or comm key than the inventory has: its
 * credential is shared by many devices, and most of them have not changed yet. Kept also when a device is released: it
 * stays as it is.
 */
export class SignInStore {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;

  constructor(options: { readonly db: Kysely<Database>; readonly sealer: Sealer }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
  }

  /** Null where the inventory's credential opens it. */
  async of(deviceId: DeviceId): Promise<SignIn | null> {
    const row = await this.#db
      .selectFrom('device_sign_ins')
      .select('sealed')
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    return row === undefined ? null : (JSON.parse(this.#sealer.open(row.sealed, deviceId)) as SignIn);
  }

  /** Null: the inventory's credential opens it. */
  async keep(trx: Transaction<Database>, deviceId: DeviceId, signIn: SignIn | null): Promise<void> {
    if (signIn === null) {
      await trx.deleteFrom('device_sign_ins').where('device_id', '=', deviceId).execute();
      return;
    }
    const sealed = this.#sealer.seal(JSON.stringify(signIn), deviceId);
    await trx
      .insertInto('device_sign_ins')
      .values({ device_id: deviceId, sealed })
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ sealed }))
      .execute();
  }
}
