import type { DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';

/** Announces work on a device, so that nobody is woken for what was to be expected. */
export interface PlannedWork {
  announce(deviceId: DeviceId, until: number, rollout: number): Promise<string | null>;
  over(id: string): Promise<void>;
  /** Whether planned work that a person announced covers the device now. */
  covers(deviceId: DeviceId): boolean;
}

/** What happens in a rollout, for the journal. */
export interface RolloutNews {
  readonly key:
    'rollout.started' | 'rollout.ended' | 'rollout.stopped' | 'device.configured' | 'device.reverted' | 'device.lost';
  readonly rollout: Rollout;
  readonly device: RolloutDevice | null;
  readonly reason: Said | null;
}
