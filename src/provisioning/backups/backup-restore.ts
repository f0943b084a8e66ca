import type { Access } from '../../domain/access.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { ConfigurationDriver } from '../drivers/driver.ts';
import type { IntentReader } from '../intent/intent-reader.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import type { DeviceDoor } from '../rollouts/device-door.ts';
import type { RolloutPreview, Rollouts, SeenRollout } from '../rollouts/rollouts.ts';
import type { BackupReader } from './backup-reader.ts';

export interface RestorePreview {
  readonly device: string;
  /** What would be done on the device, in order. */
  readonly steps: readonly ConfigurationStep[];
  /** Menus in which the device is otherwise than the backup, and stays so: its driver does not know them. */
  readonly left: readonly string[];
  /** What is dark at worst, and why a rollout would be refused. */
  readonly rollout: RolloutPreview;
}

/**
 * Brings a device back to a configuration that it had, as a rollout of one device: the rollback is armed on it first, the
 * change is confirmed over a new connection, and a device that does not come back heals itself.
 */
export class BackupRestore {
  readonly #backups: BackupReader;
  readonly #intents: Pick<IntentStore, 'keepBackup' | 'confirmedOf'>;
  readonly #reader: Pick<IntentReader, 'namedSecrets' | 'configurableDevice'>;
  readonly #door: DeviceDoor;
  readonly #rollouts: Pick<Rollouts, 'preview' | 'start'>;

  constructor(options: {
    readonly backups: BackupReader;
    readonly intents: Pick<IntentStore, 'keepBackup' | 'confirmedOf'>;
    readonly reader: Pick<IntentReader, 'namedSecrets' | 'configurableDevice'>;
    readonly door: DeviceDoor;
    readonly rollouts: Pick<Rollouts, 'preview' | 'start'>;
  }) {
    this.#backups = options.backups;
    this.#intents = options.intents;
    this.#reader = options.reader;
    this.#door = options.door;
    this.#rollouts = options.rollouts;
  }

  /**
   * Reads the device, and keeps nothing. Throws `backup.not-found`, `backup.no-restore`, `inventory.outside-regions`, and
   * what the device says.
   */
  async preview(access: Access, id: string): Promise<RestorePreview> {
    const { deviceId, device, text, document, driver } = await this.#wanted(access, id);
    const { steps, now } = await this.#compared(deviceId, driver, document);
    return {
      device,
      steps,
      left: driver.leftOut?.(text, now) ?? [],
      rollout: await this.#rollouts.preview(access, [device]),
    };
  }

  /** Starts the rollout. Throws as `preview`, `rollout.cuts-controller`. */
  async start(
    access: Access,
    id: string,
    options: {
      readonly reason?: string | undefined;
      readonly rollbackS?: number | undefined;
      readonly forcedReason?: string | undefined;
    },
  ): Promise<SeenRollout> {
    const { device, document, firstAt } = await this.#wanted(access, id);
    const version = await this.#intents.keepBackup(access, device, document, {
      managedBy: `backup ${new Date(firstAt).toISOString()}`,
      reason: options.reason,
    });
    const { rollbackS, forcedReason } = options;
    const request = { versions: { [device]: version }, pauseS: 0, rollbackS, forcedReason };
    return (await this.#rollouts.start(access, request)).rollout;
  }

  async #wanted(access: Access, id: string) {
    const backup = await this.#backups.whole(access, id);
    await this.#reader.configurableDevice(access, backup.deviceId);
    const driver = this.#door.driverOf(backup);
    const document = driver.restoring?.(backup.text, await this.#reader.namedSecrets(backup.deviceId));
    if (document !== undefined) return { ...backup, driver, document };
    throw new ArungError(
      'conflict',
      `The driver ${backup.driver} cannot bring ${backup.device} back to a configuration.`,
      {
        code: 'backup.no-restore',
        arguments: { name: backup.device, driver: backup.driver },
      },
    );
  }

  async #compared(
    deviceId: DeviceId,
    driver: ConfigurationDriver,
    document: IntentDocument,
  ): Promise<{ readonly steps: readonly ConfigurationStep[]; readonly now: string }> {
    const target = this.#door.targetOf(await this.#door.managementOf(deviceId), document);
    const session = await driver.open(target);
    try {
      const { text } = await session.backup();
      const applied = await this.#intents.confirmedOf(deviceId);
      return { steps: driver.plan(document, await session.read([document]), applied), now: text };
    } finally {
      session.close();
    }
  }
}
