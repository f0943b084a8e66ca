import type { Transaction } from 'kysely';
import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../database/tables.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { CredentialKind, CredentialSecret } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { soundsSecret, type IntentDocument, type IntentFragment } from '../../domain/intent.ts';
import type { ManagementTarget, ManagementTargets } from '../../domain/management.ts';
import type {
  ConfigurationDriver,
  DeviceConfiguration,
  DeviceCredential,
  DeviceTarget,
  SessionOptions,
} from '../drivers/driver.ts';
import type { ConfigurationDrivers } from '../drivers/drivers.ts';
import type { HostKeyStore } from '../host-keys/host-key-store.ts';
import type { SignIn, SignInStore } from '../sign-ins/sign-in-store.ts';
import { movedTo } from './management-move.ts';
import type { RolloutDevice } from './rollout-record.ts';

/** A tag of the inventory: the device knows only outdated algorithms of SSH. */
const legacyTag = 'ssh-legacy';

/** A device as it is configured now. */
export interface Management extends ManagementTarget {
  /** Null where the inventory's credential opens it. */
  readonly signIn: SignIn | null;
}

/** How devices are reached to be configured: which driver, where, as whom. */
export class DeviceDoor {
  readonly #drivers: Pick<ConfigurationDrivers, 'get' | 'credentials' | 'withCredential'>;
  readonly #targets: ManagementTargets;
  readonly #hostKeys: Pick<HostKeyStore, 'of'>;
  readonly #signIns: Pick<SignInStore, 'of' | 'keep'>;
  /** How patient one is with a device; as its driver is without. */
  readonly session: SessionOptions;

  constructor(options: {
    readonly drivers: Pick<ConfigurationDrivers, 'get' | 'credentials' | 'withCredential'>;
    readonly targets: ManagementTargets;
    readonly hostKeys: Pick<HostKeyStore, 'of'>;
    readonly signIns: Pick<SignInStore, 'of' | 'keep'>;
    readonly session?: SessionOptions;
  }) {
    this.session = options.session ?? {};
    this.#drivers = options.drivers;
    this.#targets = options.targets;
    this.#hostKeys = options.hostKeys;
    this.#signIns = options.signIns;
  }

  /** Whether a document can be applied at all. Throws `driver.unknown`, `intent.invalid`. */
  check(document: IntentDocument): void {
    this.driverOf(document).check(document);
  }

  /** Those of a subject's properties that nobody may see. Throws `driver.unknown`. */
  secretNames(driver: string, subject: string, properties: readonly string[]): readonly string[] {
    return this.#drivers.get(driver).secretsAmong?.(subject, properties) ?? properties.filter(soundsSecret);
  }

  /** Throws `driver.unknown`. */
  driverOf(document: Pick<IntentDocument, 'driver'>): ConfigurationDriver {
    return this.#drivers.get(document.driver);
  }

  /** Kinds of credentials that open a device to be configured. */
  get credentials(): readonly CredentialKind[] {
    return this.#drivers.credentials;
  }

  /** Who speaks with a device that no document names, by its credential. Throws `driver.unknown`. */
  driverFor({ secret }: Pick<ManagementTarget, 'secret'>): ConfigurationDriver {
    const kind = secret?.kind ?? 'mqtt';
    return this.#drivers.withCredential(kind) ?? this.#drivers.get(kind);
  }

  /** The device as the inventory has it now. Throws `management.no-address`, `management.no-credential`. */
  async managementOf(deviceId: DeviceId): Promise<Management> {
    const target = (await this.#targets.of([deviceId])).get(deviceId);
    if (target === undefined || target.address === '') throw unmanaged(target?.name ?? deviceId, 'address');
    if (target.secret === null) throw unmanaged(target.name, 'credential');
    return { ...target, signIn: await this.#signIns.of(deviceId) };
  }

  /** As whom Arung itself signs in there, by the inventory; null where nobody does. */
  async userOf(deviceId: DeviceId): Promise<string | null> {
    const secret = (await this.#targets.of([deviceId])).get(deviceId)?.secret ?? null;
    return secret === null ? null : (credentialOf(secret)?.user ?? null);
  }

  /**
   * What opens the device first: what a rollout has set on it; the inventory's credential, where a person has given another
   * one there since. The other one is tried where that fails.
   */
  targetOf(management: Management, document: Pick<IntentDocument, 'driver'>): DeviceTarget {
    const { secret, name, address, port, deviceId, tags, signIn } = management;
    if (secret === null) throw unmanaged(name, 'credential');
    const credential = credentialOf(secret);
    if (credential === null || !this.driverOf(document).credentials.includes(secret.kind)) {
      throw new ArungError(
        'invalid',
        `The credential for the management of ${name} is of the kind ${secret.kind}, which the driver ${document.driver} cannot use.`,
        { code: 'management.wrong-credential', arguments: { name, kind: secret.kind, driver: document.driver } },
      );
    }
    return {
      address,
      ...(port === 0 ? {} : { port }),
      ...waysIn(credential, signIn),
      hostKeys: this.#hostKeys.of(deviceId),
      isLegacy: tags.includes(legacyTag),
    };
  }

  /**
   * A document was confirmed on the device: what it says of the password of the user that we come as, or of the comm key, is
   * what we come with from now on.
   */
  async confirmed(trx: Transaction<Database>, management: Management, document: IntentDocument): Promise<void> {
    const insteadOf = management.secret === null ? null : credentialOf(management.secret);
    if (insteadOf === null) return;
    const after = this.driverOf(document).credentialAfter(document, { ...insteadOf, password: '' });
    // It says nothing of it: that stays as it is.
    if (after.password === '') return;
    const isSame = after.password === insteadOf.password;
    await this.#signIns.keep(trx, management.deviceId, isSame ? null : { credential: after, insteadOf });
  }

  /** Where a device is managed once a document stands; null where it stays. */
  async moveOf(
    { deviceId, managementAddress }: Pick<RolloutDevice, 'deviceId' | 'managementAddress'>,
    { document, applied }: { readonly document: IntentDocument; readonly applied: IntentDocument | null },
  ): Promise<string | null> {
    const { address } = await this.managementOf(deviceId);
    const to = managementAddress ?? movedTo(this.driverOf(document), { applied, wanted: document, address });
    return to === address ? null : to;
  }

  /**
   * What differs on the device from a document: reads it over a session of its own.
   * @param orAt an address that is tried where it does not answer at its own.
   */
  async look(
    deviceId: DeviceId,
    document: IntentDocument,
    applied: IntentDocument | null,
    orAt: string | null = null,
  ): Promise<readonly ConfigurationStep[]> {
    const documents = applied === null ? [document] : [document, applied];
    const read = await this.#read(deviceId, document.driver, { documents, orAt });
    return this.driverOf(document).plan(document, read, applied);
  }

  /** What the device has of a subject, as the fragments that would make it, with secrets: reads it. */
  async found(deviceId: DeviceId, driver: string, subject: string): Promise<readonly IntentFragment[]> {
    const asked = { driver, fragments: [{ key: 'asked', subject, values: {}, secret: [] }] };
    const read = await this.#read(deviceId, driver, { documents: [asked], orAt: null });
    return this.#drivers.get(driver).fragments(read, subject);
  }

  async #read(
    deviceId: DeviceId,
    driver: string,
    { documents, orAt }: { readonly documents: readonly IntentDocument[]; readonly orAt: string | null },
  ): Promise<DeviceConfiguration> {
    const target = this.targetOf(await this.managementOf(deviceId), { driver });
    const alternative = orAt === null ? {} : { alternative: { ...target.alternative, address: orAt } };
    const session = await this.#drivers.get(driver).open({ ...target, ...alternative }, this.session);
    try {
      return await session.read(documents);
    } finally {
      session.close();
    }
  }
}

function waysIn(inventory: DeviceCredential, signIn: SignIn | null): Pick<DeviceTarget, 'credential' | 'alternative'> {
  if (signIn === null) return { credential: inventory };
  const { credential, insteadOf } = signIn;
  if (!isDeepStrictEqual(inventory, insteadOf)) return { credential: inventory, alternative: { credential } };
  return { credential, alternative: { credential: inventory } };
}

/** Null where a credential opens no device to be configured. */
function credentialOf(secret: CredentialSecret): DeviceCredential | null {
  switch (secret.kind) {
    case 'routeros':
    case 'ssh':
      return { user: secret.user, password: secret.password };
    case 'zkteco':
      return { user: '', password: String(secret.commKey) };
    default:
      return null;
  }
}

function unmanaged(name: string, what: 'address' | 'credential'): ArungError {
  const message =
    what === 'address'
      ? `${name} has no address in the inventory: it cannot be configured.`
      : `${name} has no credential for its management: give it one in the inventory (managementCredential).`;
  return new ArungError('conflict', message, { code: `management.no-${what}`, arguments: { name } });
}
