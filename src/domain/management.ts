import type { CredentialSecret } from './device.ts';
import type { DeviceId, SiteId } from './ids.ts';

/** Where and as whom one device is configured. */
export interface ManagementTarget {
  readonly deviceId: DeviceId;
  readonly name: string;
  readonly siteId: SiteId;
  readonly regionCode: string;
  /** IP address; empty where the inventory has none. */
  readonly address: string;
  /** TCP port; 0 is the driver's own. */
  readonly port: number;
  /** As the inventory has them; some say how the device is spoken to. */
  readonly tags: readonly string[];
  /** Null while the device has no credential for its management, or that has no secret. */
  readonly secret: CredentialSecret | null;
}

/** Who knows the devices as they are configured. Secrets are opened here, on their way to a socket. */
export interface ManagementTargets {
  /** Those that are there, by id. */
  of(deviceIds: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, ManagementTarget>>;
}
