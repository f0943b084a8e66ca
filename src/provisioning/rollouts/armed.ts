import type { Kysely } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import type { Scope } from '../../domain/access.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { DeviceRunState } from '../../domain/rollout.ts';

/** A device that goes back by itself at a moment, unless it is confirmed before. Milliseconds since the epoch. */
export interface ArmedDevice {
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly site: string;
  readonly rollout: number;
  readonly state: DeviceRunState;
  readonly until: number;
}

/** Devices of a scope on which a rollback waits, the one that is due first first. */
export async function readArmed(db: Kysely<Database>, scope: Scope): Promise<readonly ArmedDevice[]> {
  const rows = await db
    .selectFrom('rollout_devices')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_devices.rollout_id')
    .innerJoin('devices', 'devices.id', 'rollout_devices.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'devices.id as deviceId',
      'devices.name as device',
      'sites.name as site',
      'rollouts.number as rollout',
      'rollout_devices.state as state',
      'rollout_devices.armed_until as until',
    ])
    .where('rollout_devices.armed_until', 'is not', null)
    .where(withinScope('regions.code', scope))
    .orderBy('rollout_devices.armed_until')
    .limit(1_000)
    .execute();
  return rows.map(({ rollout, until, ...row }) => ({ ...row, rollout: Number(rollout), until: until?.getTime() ?? 0 }));
}
