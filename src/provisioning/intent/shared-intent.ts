import { sql, type Kysely, type Transaction } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { templateOwner } from '../../domain/template.ts';
import { stagedOf } from './device-state.ts';
import { withFragment, type IntentPart, type OwnedFragment, type PartFragment } from './intent-parts.ts';
import type { IntentStore } from './intent-store.ts';
import { findDevice, findDevices, lockDevices, ownerKept, type ManagedDevice } from './managed-device.ts';
import { maskedDocument } from './masked.ts';
import type { StagedPart } from './staging.ts';

/** One owner's part as anybody may see it who may read the device. */
export interface SeenPart {
  readonly managedBy: string;
  readonly driver: string;
  /** Names what it says, secrets included. */
  readonly content: string;
  /** Secrets are named, and have no value. */
  readonly fragments: readonly PartFragment[];
}

/** What an owner has staged of a device. */
export interface StagedName {
  readonly managedBy: string;
  readonly content: string;
}

/** An owner's part of a device, by the name that it had when it was staged. */
export interface NamedPart {
  /** Name or id. */
  readonly device: string;
  readonly managedBy: string;
  readonly content: string;
}

/** A device's intent as several owners write it, each its own part. */
export class SharedIntent {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #store: IntentStore;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly store: IntentStore }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#store = options.store;
  }

  /** What each owner says of the device, by owner; none where nobody does. Throws `device.not-found`. */
  async parts(access: Access, key: string): Promise<readonly SeenPart[]> {
    const device = await findDevice(this.#db, access, key, 'provisioning.read');
    const parts = await this.#db.transaction().execute((trx) => this.#store.parts.of(trx, device.id));
    return parts.map((part) => {
      const masked = maskedDocument(this.#store.withSecrets(part)).fragments;
      return {
        managedBy: part.managedBy,
        driver: part.driver,
        content: this.#store.contentOf(part),
        fragments: masked.map((one, at) => {
          const { order = 0, from, hides } = part.fragments[at] ?? {};
          return { ...one, order, ...(from === undefined ? {} : { from }), ...(hides === undefined ? {} : { hides }) };
        }),
      };
    });
  }

  /**
   * Names what a program has staged of devices: it, and owners whose names begin with it and a blank. Only what it could stage
   * again just so; not what is refused since, or holds a value that is known to be secret since.
   */
  async staged(devices: readonly DeviceId[], program: string): Promise<ReadonlyMap<DeviceId, readonly StagedName[]>> {
    const all = await this.#store.parts.ofAll(this.#db, devices);
    const isOfProgram = (owner: string): boolean => owner === program || owner.startsWith(`${program} `);
    return new Map(
      [...all].map(([id, parts]) => [
        id,
        parts
          .filter((part) => isOfProgram(part.managedBy) && this.#isAsPrepared(part))
          .map((part) => ({ managedBy: part.managedBy, content: this.#store.contentOf(part) })),
      ]),
    );
  }

  #isAsPrepared(part: IntentPart): boolean {
    try {
      const { fragments } = this.#store.prepare(part);
      return fragments.every(({ secret }, at) => secret.join() === part.fragments[at]?.secret.toSorted().join());
    } catch (error) {
      if (error instanceof ArungError && error.code === 'intent.invalid') return false;
      throw error;
    }
  }

  /**
   * Keeps one fragment as what its owner says of the device, beside what it said already. Throws as `IntentStore.stage`.
   */
  async stageFragment(
    access: Access,
    key: string,
    { driver, fragment }: OwnedFragment,
    options: { readonly managedBy: string; readonly reason?: string | undefined },
  ): Promise<StagedPart> {
    const { managedBy, reason } = options;
    if (managedBy === templateOwner) throw ownerKept();
    const prepared = this.#store.prepareFragment({ driver, fragment });
    return this.#changes.run(access, reason, async (change) => {
      const device = await this.#store.writable(change, key);
      const parts = await this.#store.parts.of(change.trx, device.id);
      const own = parts.find((part) => part.managedBy === managedBy) ?? { managedBy, driver, fragments: [] };
      const written = withFragment({ ...own, driver }, prepared);
      const before = await stagedOf(change.trx, device.id);
      const staged = await this.#store.keepParts(change, {
        device,
        managedBy,
        parts: [...parts.filter((part) => part !== own), written],
      });
      if (staged.changed) await forget(change.trx, device.id, before);
      return staged;
    });
  }

  /**
   * Takes back what an owner says of the device: all of it, or one fragment. When nobody says anything any more, and no
   * template holds for it or did, the device is released and stays as it is. What is not there is no error. Throws
   * `intent.under-way`, `device.not-found`.
   */
  async withdraw(
    access: Access,
    key: string,
    what: { readonly managedBy: string; readonly fragment?: string },
    reason?: string,
  ): Promise<void> {
    const { managedBy, fragment } = what;
    if (managedBy === templateOwner) throw ownerKept();
    await this.#changes.run(access, reason, async (change) => {
      const device = await this.#store.writable(change, key);
      const before = await this.#store.parts.of(change.trx, device.id);
      const after = before.flatMap((part) => {
        if (part.managedBy !== managedBy) return [part];
        const fragments = fragment === undefined ? [] : part.fragments.filter((one) => one.key !== fragment);
        return fragments.length === 0 ? [] : [{ ...part, fragments }];
      });
      if (before.every((part, at) => part.fragments.length === after[at]?.fragments.length)) return;
      await this.#write(change, device, { managedBy, parts: after });
    });
  }

  /**
   * What devices should be for a rollout of exactly these parts: their versions, by device as it was named. First the
   * withdrawn parts are emptied, so that the rollout takes them from their devices; a device of which nothing else is
   * said stays managed until then. Throws `intent.staged-since` when a part is not what it was.
   * @param request.program of the owners whose names begin with it and a blank, only the parts that are named count on
   *   these devices: what a run that was cut off has staged beside them is withdrawn, too.
   */
  async settle(
    access: Access,
    request: {
      readonly parts: readonly NamedPart[];
      readonly withdrawn: readonly Omit<NamedPart, 'content'>[];
      readonly program?: string | undefined;
    },
  ): Promise<ReadonlyMap<string, string>> {
    const named = Map.groupBy(request.parts, ({ device }) => device);
    const withdrawn = Map.groupBy(request.withdrawn, ({ device }) => device);
    return this.#changes.run(access, undefined, async (change) => {
      const versions = new Map<string, string>();
      // Sorted, so that two at once wait for each other in the same order.
      for (const key of [...new Set([...named.keys(), ...withdrawn.keys()])].toSorted()) {
        const device = await this.#known(change, key, named.has(key));
        if (device === null) continue;
        const parts = named.get(key) ?? [];
        const gone = new Set(withdrawn.get(key)?.map(({ managedBy }) => managedBy));
        const listed = new Set(parts.map(({ managedBy }) => managedBy));
        const isOther = (owner: string): boolean =>
          request.program !== undefined && owner.startsWith(`${request.program} `) && !listed.has(owner);
        const leaves = (owner: string): boolean => gone.has(owner) || (parts.length > 0 && isOther(owner));
        const version = await this.#settle(change, device, { parts, leaves });
        if (version !== null) versions.set(key, version);
      }
      return versions;
    });
  }

  /**
   * Stages again what devices should be, with the values that variables have now and with what templates say now. Says which
   * versions that gave, by device. Throws as `IntentStore.stage`, and `intent.none` for a device of which nobody says
   * anything, no template either.
   */
  async refresh(access: Access, keys: readonly string[], reason?: string): Promise<ReadonlyMap<string, string>> {
    return this.#changes.run(access, reason, async (change) => {
      const devices = await findDevices(change.trx, access, keys, 'provisioning.write');
      const ids = devices.map(({ id }) => id);
      await lockDevices(change.trx, ids);
      const kept = await this.#store.parts.ofAll(change.trx, ids);
      const said = devices.map((device) => {
        const parts = kept.get(device.id) ?? [];
        return { device, parts, managedBy: parts[0]?.managedBy ?? templateOwner };
      });
      const staged = await this.#store.keepAll(change, said);
      return new Map(devices.map(({ name }, at) => [name, staged[at]?.version ?? '']));
    });
  }

  /** A device that is no longer in the inventory has nothing to be taken from. */
  async #known(change: Change, key: string, isNeeded: boolean): Promise<ManagedDevice | null> {
    try {
      return await this.#store.writable(change, key);
    } catch (error) {
      if (!isNeeded && error instanceof ArungError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  async #settle(
    change: Change,
    device: ManagedDevice,
    { parts: named, leaves }: { readonly parts: readonly NamedPart[]; readonly leaves: (owner: string) => boolean },
  ): Promise<string | null> {
    const parts = await this.#store.parts.of(change.trx, device.id);
    for (const { managedBy, content } of named) {
      const part = parts.find((one) => one.managedBy === managedBy);
      if (part === undefined || this.#store.contentOf(part) !== content) throw stagedSince(device.name, managedBy);
    }
    const leaving = parts.find((part) => leaves(part.managedBy) && part.fragments.length > 0);
    if (leaving === undefined) return stagedOf(change.trx, device.id);
    const emptied = parts.map((part) => (leaves(part.managedBy) ? { ...part, fragments: [] } : part));
    return (await this.#store.keepParts(change, { device, managedBy: leaving.managedBy, parts: emptied })).version;
  }

  async #write(
    change: Change,
    device: ManagedDevice,
    { managedBy, parts }: { readonly managedBy: string; readonly parts: readonly IntentPart[] },
  ): Promise<void> {
    const isSilent = ({ fragments }: IntentPart): boolean => fragments.length === 0;
    // What templates said until now is taken back by a rollout first.
    const said = parts.every(isSilent) ? await this.#store.withTemplates(change.trx, device.id, parts) : parts;
    if (said.every(isSilent)) await this.#store.releaseWithin(change, device);
    else await this.#store.keepParts(change, { device, managedBy, parts });
  }
}

/** A version that the next fragment has replaced before any rollout took it is nobody's history. */
async function forget(trx: Transaction<Database>, deviceId: DeviceId, version: string | null): Promise<void> {
  if (version === null) return;
  await trx
    .deleteFrom('intent_versions')
    .where('device_id', '=', deviceId)
    .where('version', '=', version)
    .where(
      sql<boolean>`not exists (select 1 from rollout_devices used
        where used.device_id = intent_versions.device_id and used.version = intent_versions.version)
      and not exists (select 1 from device_intents kept
        where kept.device_id = intent_versions.device_id and intent_versions.version in (kept.staged, kept.confirmed))`,
    )
    .execute();
}

function stagedSince(device: string, owner: string): ArungError {
  return new ArungError(
    'conflict',
    `What ${owner} says of ${device} is not what this rollout was asked to bring any more: stage it again, then ask again.`,
    { code: 'intent.staged-since', arguments: { name: device, owner } },
  );
}
