import { createHmac } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access, Permission } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import {
  checkIntentDocument,
  intentVersion,
  soundsSecret,
  type IntentDocument,
  type IntentFragment,
} from '../../domain/intent.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { keepConfirmed, keepLook, type LookFindings } from './device-state.ts';
import { IntentParts, isOfTemplates, partOf, partText } from './intent-parts.ts';
import type { IntentPart, OwnedFragment, PartFragment, Sealer } from './intent-parts.ts';
import { templateOwner } from '../../domain/template.ts';
import {
  findDevice,
  lockDevice,
  noIntent,
  noVersion,
  ownerKept,
  refuseUnderWay,
  type ManagedDevice,
} from './managed-device.ts';
import { variablesIn } from '../variables/fill.ts';
import {
  auditedIntent,
  Staging,
  type SaidOfDevice,
  type StagedPart,
  type Templates,
  type Variables,
} from './staging.ts';
import { keepVersionRows, readNamingKey } from './version-rows.ts';

/** Who knows whether a document can be applied at all; throws `intent.invalid`. */
export type DocumentCheck = (document: IntentDocument) => void;

/** Names of the properties of a subject that a driver knows to be secret. */
export type SecretNames = (driver: string, subject: string, properties: readonly string[]) => readonly string[];

/** Names of those values of a fragment that hold a secret by what they say. */
export type SecretValues = (driver: string, fragment: Pick<IntentFragment, 'subject' | 'values'>) => readonly string[];

/** Where the vault's secrets of provisioning are kept, for the rotation of its key. */
export const sealedIntentColumns = [
  { table: 'intent_keys', id: 'id', sealed: 'sealed' },
  { table: 'intent_versions', id: 'id', sealed: 'sealed' },
  { table: 'intent_parts', id: 'id', sealed: 'sealed' },
  { table: 'device_backups', id: 'id', sealed: 'sealed' },
  { table: 'variables', id: 'id', sealed: 'sealed' },
  { table: 'device_sign_ins', id: 'device_id', sealed: 'sealed' },
  { table: 'templates', id: 'id', sealed: 'sealed' },
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
  readonly #secretNames: SecretNames;
  readonly #secretValues: SecretValues;
  readonly #templates: Templates | null;
  readonly #staging: Staging;
  readonly #clock: Clock;
  readonly parts: IntentParts;
  #key: Buffer | null = null;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: Sealer;
    readonly check: DocumentCheck;
    /** By the names alone without it. */
    readonly secretNames?: SecretNames;
    /** No value tells without it. */
    readonly secretValues?: SecretValues;
    /** Documents are taken as they are without it. */
    readonly variables?: Variables;
    /** Devices are what their own owners say without it. */
    readonly templates?: Templates;
    readonly clock: Clock;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#sealer = options.sealer;
    this.#check = options.check;
    this.#secretNames = options.secretNames ?? ((_driver, _subject, properties) => properties.filter(soundsSecret));
    this.#secretValues = options.secretValues ?? (() => []);
    this.parts = new IntentParts(options.sealer);
    this.#templates = options.templates ?? null;
    this.#clock = options.clock;
    this.#staging = new Staging({
      sealer: options.sealer,
      parts: this.parts,
      variables: options.variables ?? null,
      templates: this.#templates,
      check: (document) => this.check(document),
      versionOf: (document) => this.versionOf(document),
      contentOf: (part) => this.contentOf(part),
      clock: options.clock,
    });
  }

  /** Makes the key that names versions, at the very first start. */
  async start(): Promise<void> {
    this.#key = await readNamingKey(this.#db, this.#sealer);
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

  /** Of each fragment, the names of its values that are secret. */
  secretsOf({ driver, fragments }: IntentDocument): readonly (readonly string[])[] {
    return fragments.map(({ subject, values, secret }) =>
      [
        ...new Set([
          ...secret,
          ...this.#secretNames(driver, subject, Object.keys(values)),
          ...this.#secretValues(driver, { subject, values }),
        ]),
      ].sort(),
    );
  }

  /**
   * The document as it is kept: with every secret called one. Throws as `check`; what waits for values of variables is
   * checked when it is filled.
   */
  prepare(document: IntentDocument): IntentDocument {
    if (variablesIn(document).length === 0) this.check(document);
    else checkIntentDocument(document);
    return this.withSecrets(document);
  }

  /** The document with every secret called one: of an older one more may be known by now. */
  withSecrets(document: IntentDocument): IntentDocument {
    const secrets = this.secretsOf(document);
    return { ...document, fragments: document.fragments.map((one, at) => ({ ...one, secret: secrets[at] ?? [] })) };
  }

  /** The same of one fragment. */
  prepareFragment({ driver, fragment }: OwnedFragment): PartFragment {
    const [prepared = fragment] = this.prepare({ driver, fragments: [fragment] }).fragments;
    return { ...prepared, order: fragment.order };
  }

  /** The name of what an owner says: the same content has the same one. Keyed, as a version's. */
  contentOf(part: IntentPart): string {
    return this.nameOf(partText(part));
  }

  /** A document with the values that hold for the device, checked. Throws `variable.missing`, `intent.invalid`. */
  async filled(deviceId: DeviceId, document: IntentDocument): Promise<IntentDocument> {
    const filled = await this.#staging.filled(this.#db, new Map([[deviceId, document]]));
    return filled.get(deviceId)?.document ?? document;
  }

  /**
   * Keeps a document as what one owner says of the device; what others say stays, unless they are taken over. The same
   * content twice is one version and no change. Throws `intent.invalid` with every fault, `intent.key-taken`,
   * `intent.other-driver`, `variable.missing`, `device.not-found`, `inventory.outside-regions`.
   */
  async stage(
    access: Access,
    key: string,
    document: IntentDocument,
    options: { readonly managedBy: string; readonly reason?: string | undefined; readonly takeOver?: boolean },
  ): Promise<StagedPart> {
    const { managedBy, reason, takeOver = false } = options;
    if (managedBy === templateOwner) throw ownerKept();
    const part = partOf(managedBy, this.prepare(document));
    return this.#changes.run(access, reason, async (change) => {
      const device = await this.writable(change, key);
      const others = (await this.parts.of(change.trx, device.id)).filter(
        (one) => one.managedBy !== managedBy && (!takeOver || isOfTemplates(one)),
      );
      return this.keepParts(change, { device, managedBy, parts: [...others, part] });
    });
  }

  /** The device, locked until the end of the transaction. Throws `device.not-found`, `inventory.outside-regions`. */
  async writable({ trx, access }: Change, key: string): Promise<ManagedDevice> {
    const device = await findDevice(trx, access, key, write);
    await lockDevice(trx, device.id);
    return device;
  }

  /** What is said of a device by these parts and by the templates that hold for it now. */
  async withTemplates(
    db: Kysely<Database>,
    deviceId: DeviceId,
    parts: readonly IntentPart[],
  ): Promise<readonly IntentPart[]> {
    return (await this.#staging.withTemplates(db, new Map([[deviceId, parts]]))).get(deviceId) ?? [];
  }

  /**
   * Makes these parts, and what templates say, all that is said of the device, and that together what it should be. Throws
   * `intent.none` where nobody says anything.
   */
  async keepParts(change: Change, said: SaidOfDevice): Promise<StagedPart> {
    const [staged] = await this.keepAll(change, [said]);
    if (staged === undefined) throw noIntent(said.device.name);
    return staged;
  }

  /** The same of many devices, each in turn. */
  keepAll(change: Change, said: readonly SaidOfDevice[]): Promise<readonly StagedPart[]> {
    return this.#staging.keep(change, said);
  }

  /** Keeps a version that a rollout brings the device through on its way; what is staged stays. Returns its name. */
  async keepVersion(
    trx: Transaction<Database>,
    deviceId: DeviceId,
    document: IntentDocument,
    by: { readonly by: string; readonly managedBy: string },
  ): Promise<string> {
    const version = this.versionOf(document);
    await this.#keep(trx, deviceId, document, { version, ...by });
    return version;
  }

  /**
   * Keeps a configuration that the device had as a version that a rollout can bring it back to; what is staged stays. Says
   * its name. Throws `intent.invalid`, `device.not-found`, `inventory.outside-regions`.
   */
  async keepBackup(
    access: Access,
    key: string,
    document: IntentDocument,
    options: { readonly managedBy: string; readonly reason?: string | undefined },
  ): Promise<string> {
    this.check(document);
    const version = this.versionOf(document);
    await this.#changes.run(access, options.reason, async (change) => {
      const device = await this.writable(change, key);
      const { managedBy } = options;
      await this.#keep(change.trx, device.id, document, { version, by: access.name, managedBy });
      change.record({ ...auditedIntent(device), action: 'restore', before: null, after: { version, managedBy } });
    });
    return version;
  }

  /** The device is no longer managed: it stays as it is, nothing of it is compared any more. */
  async release(access: Access, key: string, reason?: string): Promise<void> {
    await this.#changes.run(access, reason, async (change) => {
      await this.releaseWithin(change, await this.writable(change, key));
    });
  }

  async releaseWithin(change: Change, device: ManagedDevice): Promise<void> {
    const { trx } = change;
    await refuseUnderWay(trx, device);
    const nothing = new Map([[device.id, []]]);
    await this.parts.keep(trx, nothing);
    await this.#templates?.keep(trx, nothing);
    const before = await trx
      .selectFrom('device_intents')
      .select(['staged', 'confirmed'])
      .where('device_id', '=', device.id)
      .executeTakeFirst();
    if (before === undefined || (before.staged === null && before.confirmed === null)) return;
    await trx
      .updateTable('device_intents')
      .set({ staged: null, staged_at: null, confirmed: null, confirmed_at: null, drift: '[]', look_error: null })
      .where('device_id', '=', device.id)
      .execute();
    change.record({ ...auditedIntent(device), action: 'release', before, after: null });
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
    return (await this.lastConfirmed(deviceId))?.document ?? null;
  }

  /** The same, with the name of its version. */
  async lastConfirmed(
    deviceId: DeviceId,
  ): Promise<{ readonly version: string; readonly document: IntentDocument } | null> {
    const row = await this.#db
      .selectFrom('device_intents')
      .leftJoin('intent_versions', (join) =>
        join
          .onRef('intent_versions.device_id', '=', 'device_intents.device_id')
          .onRef('intent_versions.version', '=', 'device_intents.confirmed'),
      )
      .select(['device_intents.confirmed', 'intent_versions.id', 'intent_versions.sealed'])
      .where('device_intents.device_id', '=', deviceId)
      .executeTakeFirst();
    if (row === undefined || row.confirmed === null) return null;
    const { confirmed: version, id, sealed } = row;
    if (id === null || sealed === null) throw noVersion(deviceId, version);
    return { version, document: JSON.parse(this.#sealer.open(sealed, id)) as IntentDocument };
  }

  /** The device was read back and is this version. */
  async confirmed(trx: Transaction<Database>, deviceId: DeviceId, version: string): Promise<void> {
    await keepConfirmed(trx, deviceId, version, new Date(this.#clock.now()));
  }

  /** What a look at the device has found. Says whether that is news. */
  async looked(deviceId: DeviceId, found: LookFindings): Promise<{ readonly changed: boolean }> {
    return keepLook(this.#db, deviceId, found, new Date(this.#clock.now()));
  }

  async #keep(
    trx: Transaction<Database>,
    deviceId: DeviceId,
    document: IntentDocument,
    named: { readonly version: string; readonly by: string; readonly managedBy: string },
  ): Promise<void> {
    await keepVersionRows(trx, this.#sealer, [{ deviceId, document, ...named, at: new Date(this.#clock.now()) }]);
  }
}
