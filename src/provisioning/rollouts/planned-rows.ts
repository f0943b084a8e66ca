import { sql, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { DeviceId, RolloutId } from '../../domain/ids.ts';
import type { BlastRadius } from '../../domain/rollout.ts';

export interface PlannedWave {
  readonly devices: readonly DeviceId[];
  readonly worst: BlastRadius;
}

interface Place {
  readonly device_id: DeviceId;
  readonly wave: number;
}

/** Wave of each device, counted on from those before. */
export function placesOf(waves: readonly PlannedWave[], after: number): readonly Place[] {
  return waves.flatMap(({ devices }, i) => devices.map((device_id) => ({ device_id, wave: after + i + 1 })));
}

/** Keeps of each device its wave, the versions of its phases, and where it is managed afterwards. */
export async function writePlan(
  trx: Transaction<Database>,
  id: RolloutId,
  plan: {
    readonly places: readonly Place[];
    readonly versions: ReadonlyMap<DeviceId, readonly (string | null)[]>;
    readonly moves: ReadonlyMap<DeviceId, string>;
  },
): Promise<void> {
  const versions = [...plan.versions].map(([device_id, names]) => ({ device_id, names }));
  const moves = [...plan.moves].map(([device_id, address]) => ({ device_id, address }));
  await sql`update rollout_devices set phase_versions = r.names
    from jsonb_to_recordset(${JSON.stringify(versions)}::jsonb) as r(device_id uuid, names jsonb)
    where rollout_id = ${id} and rollout_devices.device_id = r.device_id`.execute(trx);
  await sql`update rollout_devices set management_address = r.address
    from jsonb_to_recordset(${JSON.stringify(moves)}::jsonb) as r(device_id uuid, address text)
    where rollout_id = ${id} and rollout_devices.device_id = r.device_id`.execute(trx);
  await sql`update rollout_devices set wave = r.wave
    from jsonb_to_recordset(${JSON.stringify(plan.places)}::jsonb) as r(device_id uuid, wave int)
    where rollout_id = ${id} and rollout_devices.device_id = r.device_id`.execute(trx);
}
