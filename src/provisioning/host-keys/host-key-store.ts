import { sql, type Kysely, type Selectable } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
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
  /** Another key that the device has shown last, and when: nothing was sent to it. Null where it shows the known one. */
  readonly offered: { readonly fingerprint: string; readonly at: number } | null;
}

/** The host keys of devices: met once and compared from then on, or pinned by a person. */
export class HostKeyStore {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #clock: Clock;
  readonly #tell: (deviceId: DeviceId) => void;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly clock: Clock;
    /** A device shows another key than it did before. */
    readonly tell?: (deviceId: DeviceId) => void;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#tell = options.tell ?? (() => undefined);
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
      refused: async (fingerprint) => {
        const { numUpdatedRows } = await this.#db
          .updateTable('device_host_keys')
          .set({ offered: fingerprint, offered_at: new Date(this.#clock.now()) })
          .where('device_id', '=', deviceId)
          .where('offered', 'is distinct from', fingerprint)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) this.#tell(deviceId);
      },
      met: async () => {
        await this.#db
          .updateTable('device_host_keys')
          .set({ offered: null, offered_at: null })
          .where('device_id', '=', deviceId)
          .where('offered', 'is not', null)
          .execute();
      },
    };
  }

  /** Those within reach, by name of their device. */
  async list(
    access: Access,
    { changed, page = {} }: { readonly changed?: boolean | undefined; readonly page?: PageRequest } = {},
  ): Promise<Page<HostKey>> {
    let query = this.#db
      .selectFrom('device_host_keys')
      .innerJoin('devices', 'devices.id', 'device_host_keys.device_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select(['devices.id as id', 'devices.name as device', ...columns])
      .where(withinScope('regions.code', scopeFor(access, 'provisioning.read')));
    if (changed !== undefined) query = query.where('offered', changed ? 'is not' : 'is', null);
    const sort = { name: 'device', by: sql.ref('devices.name'), type: 'text' } as const;
    const found = await readPage(query, { id: sql.ref('devices.id'), sort, page });
    return { items: found.items.map(({ id, device, ...row }) => keyOf({ id, name: device }, row)), next: found.next };
  }

  /**
   * Takes the key that a device has shown last as its own: it was replaced, or its key was made anew, and somebody knows that.
   * Throws `host-key.not-offered` when it is not the one that was shown last, `device.not-found`, `inventory.outside-regions`.
   */
  accept(
    access: Access,
    key: string,
    { fingerprint, reason }: { readonly fingerprint: string; readonly reason: string },
  ): Promise<HostKey> {
    return this.#changes.run(access, reason, async (change) => {
      const device = await findDevice(change.trx, access, key, 'credential.manage');
      const before = await this.#row(change.trx, device);
      if (before?.offered?.fingerprint !== fingerprint) {
        throw new ArungError('conflict', `${device.name} has not shown this key, or shows another by now: look again.`, {
          code: 'host-key.not-offered',
          arguments: { name: device.name },
        }); // prettier-ignore
      }
      const since = new Date(this.#clock.now());
      await change.trx
        .updateTable('device_host_keys')
        .set({ fingerprint, pinned: true, since, offered: null, offered_at: null })
        .where('device_id', '=', device.id)
        .execute();
      const after = { deviceId: device.id, device: device.name, fingerprint, pinned: true, since: since.getTime(), offered: null }; // prettier-ignore
      audit(change, device, 'accept', before, after);
      return after;
    });
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

  /**
   * Says which key a device has: no other is accepted from now on. In the place of another one that is known it is what
   * `accept` is, and for who may that.
   */
  pin(access: Access, key: string, fingerprint: string): Promise<HostKey> {
    return this.#changes.run(access, undefined, async (change) => {
      const device = await findDevice(change.trx, access, key, 'provisioning.write');
      const before = await this.#row(change.trx, device);
      if (before !== null && before.fingerprint !== fingerprint) await mayTrust(change, key);
      const fields = { fingerprint, pinned: true, since: new Date(this.#clock.now()), offered: null, offered_at: null };
      await change.trx
        .insertInto('device_host_keys')
        .values({ device_id: device.id, ...fields })
        .onConflict((conflict) => conflict.column('device_id').doUpdateSet(fields))
        .execute();
      const after = { deviceId: device.id, device: device.name, fingerprint, pinned: true, since: fields.since.getTime(), offered: null }; // prettier-ignore
      audit(change, device, 'pin', before, after);
      return after;
    });
  }

  /**
   * Forgets the key of a device that was replaced: the next one that is met is trusted, so that it is for who may `accept`
   * one. Nothing where none is known.
   */
  forget(access: Access, key: string): Promise<void> {
    return this.#changes.run(access, undefined, async (change) => {
      const device = await findDevice(change.trx, access, key, 'provisioning.write');
      const before = await this.#row(change.trx, device);
      if (before === null) return;
      await mayTrust(change, key);
      await change.trx.deleteFrom('device_host_keys').where('device_id', '=', device.id).execute();
      audit(change, device, 'forget', before, null);
    });
  }

  async #row(db: Kysely<Database>, device: ManagedDevice): Promise<HostKey | null> {
    const row = await db
      .selectFrom('device_host_keys')
      .select(columns)
      .where('device_id', '=', device.id)
      .executeTakeFirst();
    return row === undefined ? null : keyOf(device, row);
  }
}

/** Whoever says that another key is right says to whom the credential of the device is sent. */
async function mayTrust({ trx, access }: Change, key: string): Promise<void> {
  await findDevice(trx, access, key, 'credential.manage');
}

const columns = ['fingerprint', 'pinned', 'since', 'offered', 'offered_at'] as const;

function keyOf(
  { id, name }: Pick<ManagedDevice, 'id' | 'name'>,
  row: Pick<Selectable<Database['device_host_keys']>, (typeof columns)[number]>,
): HostKey {
  const { fingerprint, pinned, since, offered, offered_at: at } = row;
  return {
    deviceId: id,
    device: name,
    fingerprint,
    pinned,
    since: since.getTime(),
    offered: offered === null ? null : { fingerprint: offered, at: at?.getTime() ?? since.getTime() },
  };
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
