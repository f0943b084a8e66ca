import type { Kysely } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { HostKeys } from '../drivers/driver.ts';
import { findDevice, type ManagedDevice } from '../intent/managed-device.ts';

/** The SSH host key that one device is known by. */
export interface HostKey {
  readonly deviceId: DeviceId;
  readonly device: string;
  /** As OpenSSH shows it. */
  readonly fingerprint: string;
  /** A person said so; otherwise it is the one that was met first. */
  readonly pinned: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The host keys of devices: met once and compared from then on, or pinned by a person. */
export class HostKeyStore {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly clock: Clock }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
  }

  /** What a driver asks and tells of one device. */
  of(deviceId: DeviceId): HostKeys {
    return {
      known: async () => {
        const row = await this.#db
          .selectFrom('device_host_keys')
          .select('fingerprint')
          .where('device_id', '=', deviceId)
          .executeTakeFirst();
        return row?.fingerprint ?? null;
      },
      learned: async (fingerprint) => {
        // Two that meet it at once keep one key; whoever sees another fails at the next session.
        await this.#db
          .insertInto('device_host_keys')
          .values({ device_id: deviceId, fingerprint, pinned: false, since: new Date(this.#clock.now()) })
          .onConflict((conflict) => conflict.column('device_id').doNothing())
          .execute();
      },
    };
  }

  /** Throws `device.not-found`, `host-key.none`. */
  async get(access: Access, key: string): Promise<HostKey> {
    const device = await findDevice(this.#db, access, key, 'provisioning.read');
    const row = await this.#row(this.#db, device);
    if (row === null) {
      throw new ArungError('not-found', `No SSH key of ${device.name} is known: it was never met over SSH.`, {
        code: 'host-key.none',
        arguments: { name: device.name },
      });
    }
    return row;
  }

  /** Says which key a device has: no other is accepted from now on. */
  pin(access: Access, key: string, fingerprint: string): Promise<HostKey> {
    return this.#changes.run(access, undefined, async (change) => {
      const device = await findDevice(change.trx, access, key, 'provisioning.write');
      const before = await this.#row(change.trx, device);
      const fields = { fingerprint, pinned: true, since: new Date(this.#clock.now()) };
      await change.trx
        .insertInto('device_host_keys')
        .values({ device_id: device.id, ...fields })
        .onConflict((conflict) => conflict.column('device_id').doUpdateSet(fields))
        .execute();
      const after = { deviceId: device.id, device: device.name, fingerprint, pinned: true, since: fields.since.getTime() }; // prettier-ignore
      audit(change, device, 'pin', before, after);
      return after;
    });
  }

  /** Forgets the key of a device that was replaced: the next one that is met is trusted. Nothing where none is known. */
  forget(access: Access, key: string): Promise<void> {
    return this.#changes.run(access, undefined, async (change) => {
      const device = await findDevice(change.trx, access, key, 'provisioning.write');
      const before = await this.#row(change.trx, device);
      if (before === null) return;
      await change.trx.deleteFrom('device_host_keys').where('device_id', '=', device.id).execute();
      audit(change, device, 'forget', before, null);
    });
  }

  async #row(db: Kysely<Database>, { id, name }: ManagedDevice): Promise<HostKey | null> {
    const row = await db
      .selectFrom('device_host_keys')
      .select(['fingerprint', 'pinned', 'since'])
      .where('device_id', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : { ...row, since: row.since.getTime(), deviceId: id, device: name };
  }
}

function audit(
  change: Change,
  device: ManagedDevice,
  action: string,
  before: HostKey | null,
  after: HostKey | null,
): void {
  const { id, name, regionCode } = device;
  change.record({ entityKind: 'host-key', entityId: id, entityName: name, regionCode, action, before, after });
}
