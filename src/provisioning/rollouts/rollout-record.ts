import type { DeviceId, RolloutId, SiteId } from '../../domain/ids.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type {
  BlastRadius,
  ChangePhase,
  DeviceRunState,
  HealthBefore,
  RolloutState,
  Said,
} from '../../domain/rollout.ts';

/** One device of a rollout. Moments are milliseconds since the epoch. */
export interface RolloutDevice {
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly siteId: SiteId;
  readonly siteName: string;
  readonly regionCode: string;
  readonly version: string;
  /** From 1; 0 until it is known whether it differs at all, and before its first phase. Of a later phase, a later wave. */
  readonly wave: number;
  /** Of each phase of the rollout the version that it is brought to; null where it stays as it is. Empty where its change has no other end. */
  readonly phaseVersions: readonly (string | null)[];
  /** Where it is managed afterwards; null where it stays, and until that is known. */
  readonly managementAddress: string | null;
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
  /** What it goes in, over all devices that carry one way; empty where it goes in one. */
  readonly phases: readonly ChangePhase[];
  /** Which of these goes on, from 0. */
  readonly phase: number;
  /** Grows with every change of it or of a device of it. */
  readonly revision: number;
}

export interface Rollout extends RolloutRecord {
  readonly devices: readonly RolloutDevice[];
}
