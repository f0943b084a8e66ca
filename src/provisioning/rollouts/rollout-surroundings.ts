import type { Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { ConfigurationSession } from '../drivers/driver.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';

/** Announces work on a device, so that nobody is woken for what was to be expected. */
export interface PlannedWork {
  announce(deviceId: DeviceId, until: number, rollout: number): Promise<string | null>;
  over(id: string): Promise<void>;
  /** Those of these devices over which planned work that a person announced lasts from now until a moment at least. */
  covering(devices: readonly DeviceId[], until: number): Promise<ReadonlySet<DeviceId>>;
}

/** What happens in a rollout, for the journal. */
export interface RolloutNews {
  readonly key:
    | 'rollout.started'
    | 'rollout.ended'
    | 'rollout.stopped'
    | 'device.configured'
    | 'device.reverted'
    | 'device.lost';
  readonly rollout: Rollout;
  readonly device: RolloutDevice | null;
  readonly reason: Said | null;
}

/** Who keeps what devices are configured as. */
export interface KeptConfigurations {
  /**
   * A device is about to be changed: keeps what it is now, over a session of the caller's, unless that was seen a while ago.
   * What the device refuses, or cannot tell, is no reason to leave it unchanged; a session that is lost is thrown.
   */
  before(deviceId: DeviceId, session: ConfigurationSession, driver: string): Promise<void>;
}

/** Who keeps the addresses at which devices are managed. */
export interface ManagedAddresses {
  /** Whether devices may be there at all. */
  mayBe(address: string): boolean;
  /** Name of another device that has an address; null where none has. */
  holderOf(deviceId: DeviceId, address: string): Promise<string | null>;
  /** Makes an address the device's, in a transaction of the caller's, who calls `moved` after its commit. */
  move(
    trx: Transaction<Database>,
    deviceId: DeviceId,
    to: { readonly address: string; readonly by: string },
  ): Promise<void>;
  moved(): void;
}
