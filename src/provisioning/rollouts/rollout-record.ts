import type { DeviceId, RolloutId, SiteId } from '../../domain/ids.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { BlastRadius, DeviceRunState, HealthBefore, RolloutState, Said } from '../../domain/rollout.ts';

/** One device of a rollout. Moments are milliseconds since the epoch. */
export interface RolloutDevice {
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly siteId: SiteId;
  readonly siteName: string;
  readonly regionCode: string;
  readonly version: string;
  /** From 1; 0 until it is known whether it differs at all. */
  readonly wave: number;
  readonly state: DeviceRunState;
  readonly steps: readonly ConfigurationStep[];
  readonly armedUntil: number | null;
  readonly error: Said | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** A rollout as it is kept, without its devices. */
export interface RolloutRecord {
  readonly id: RolloutId;
  /** Counts up; what people call it by. */
  readonly number: number;
  readonly state: RolloutState;
  readonly reason: Said | null;
  readonly batch: number;
  readonly pauseS: number;
  readonly rollbackS: number;
  readonly onlyInMaintenance: boolean;
  readonly forcedReason: string | null;
  readonly requestedBy: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly before: HealthBefore | null;
  /** Worst case of each wave; null until it is known what differs. */
  readonly waves: readonly BlastRadius[] | null;
  /** Grows with every change of it or of a device of it. */
  readonly revision: number;
}

export interface Rollout extends RolloutRecord {
  readonly devices: readonly RolloutDevice[];
}
