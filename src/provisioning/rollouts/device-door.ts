import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { ManagementTarget, ManagementTargets } from '../../domain/management.ts';
import type { ConfigurationDriver, DeviceTarget } from '../drivers/driver.ts';
import type { ConfigurationDrivers } from '../drivers/drivers.ts';

/** How devices are reached to be configured: which driver, where, as whom. */
export class DeviceDoor {
  readonly #drivers: Pick<ConfigurationDrivers, 'get'>;
  readonly #targets: ManagementTargets;

  constructor(options: { readonly drivers: Pick<ConfigurationDrivers, 'get'>; readonly targets: ManagementTargets }) {
    this.#drivers = options.drivers;
    this.#targets = options.targets;
  }

  /** Whether a document can be applied at all. Throws `driver.unknown`, `intent.invalid`. */
  check(document: IntentDocument): void {
    this.driverOf(document).check(document);
  }

  /** Throws `driver.unknown`. */
  driverOf(document: Pick<IntentDocument, 'driver'>): ConfigurationDriver {
    return this.#drivers.get(document.driver);
  }

  /** The device as the inventory has it now. Throws `management.no-address`, `management.no-credential`. */
  async managementOf(deviceId: DeviceId): Promise<ManagementTarget> {
    const target = (await this.#targets.of([deviceId])).get(deviceId);
    if (target === undefined || target.address === '') throw unmanaged(target?.name ?? deviceId, 'address');
    if (target.secret === null) throw unmanaged(target.name, 'credential');
    return target;
  }

  targetOf(management: ManagementTarget, document: Pick<IntentDocument, 'driver'>): DeviceTarget {
    const { secret, name, address, port } = management;
    if (secret === null || !('password' in secret)) throw unmanaged(name, 'credential');
    if (secret.kind !== 'routeros' && secret.kind !== 'ssh') {
      throw new ArungError(
        'invalid',
        `The credential for the management of ${name} is of the kind ${secret.kind}, which the driver ${document.driver} cannot use.`,
        { code: 'management.wrong-credential', arguments: { name, kind: secret.kind, driver: document.driver } },
      );
    }
    return {
      address,
      ...(port === 0 ? {} : { port }),
      credential: { user: secret.user, password: secret.password },
    };
  }

  /** What differs on the device from a document: reads it over a session of its own. */
  async look(
    deviceId: DeviceId,
    document: IntentDocument,
    applied: IntentDocument | null,
  ): Promise<readonly ConfigurationStep[]> {
    const driver = this.driverOf(document);
    const session = await driver.open(this.targetOf(await this.managementOf(deviceId), document));
    try {
      return driver.plan(document, await session.read(applied === null ? [document] : [document, applied]), applied);
    } finally {
      session.close();
    }
  }
}

function unmanaged(name: string, what: 'address' | 'credential'): ArungError {
  const message =
    what === 'address'
      ? `${name} has no address in the inventory: it cannot be configured.`
      : `${name} has no credential for its management: give it one in the inventory (managementCredential).`;
  return new ArungError('conflict', message, { code: `management.no-${what}`, arguments: { name } });
}
