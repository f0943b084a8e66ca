import { sql, type Kysely } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import type { Scope } from '../../domain/access.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { DeviceId, RolloutId } from '../../domain/ids.ts';
import type { DeviceRunState, Said } from '../../domain/rollout.ts';
import type { RolloutDevice, RolloutRecord } from './rollout-record.ts';

export interface FallenDevice {
  readonly deviceId: DeviceId;
  readonly name: string;
  readonly state: 'reverted' | 'lost';
  readonly at: number;
  readonly error: Said | null;
  /** Number of the rollout. */
  readonly rollout: number;
}

export function selectRollouts(db: Kysely<Database>) {
  return db
    .selectFrom('rollouts')
    .select([
      'rollouts.id as id',
      'number',
      'rollouts.state as state',
      'reason',
      'batch',
      'pause_s',
      'rollback_s',
      'only_in_maintenance',
      'forced_reason',
      'requested_by',
      'rollouts.created_at as created_at',
      'rollouts.started_at as started_at',
      'rollouts.ended_at as ended_at',
      'before',
      'waves',
      'phases',
      'phase',
      'revision',
    ]);
}

export function recordOf(
  row: Awaited<ReturnType<ReturnType<typeof selectRollouts>['executeTakeFirstOrThrow']>>,
): RolloutRecord {
  return {
    id: row.id,
    number: Number(row.number),
    state: row.state,
    reason: row.reason,
    batch: row.batch,
    pauseS: row.pause_s,
    rollbackS: row.rollback_s,
    onlyInMaintenance: row.only_in_maintenance,
    forcedReason: row.forced_reason,
    requestedBy: row.requested_by,
    createdAt: row.created_at.getTime(),
    startedAt: row.started_at?.getTime() ?? null,
    endedAt: row.ended_at?.getTime() ?? null,
    before: row.before,
    waves: row.waves,
    phases: row.phases,
    phase: row.phase,
    revision: Number(row.revision),
  };
}

export async function readDevices(
  db: Kysely<Database>,
  id: RolloutId,
  scope: Scope,
  /** Whether with what is changed on each: megabytes for hundreds of devices. */
  { steps, device }: { readonly steps: boolean; readonly device?: string },
): Promise<readonly RolloutDevice[]> {
  const rows = await db
    .selectFrom('rollout_devices')
    .innerJoin('devices', 'devices.id', 'rollout_devices.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'rollout_devices.device_id as deviceId',
      'devices.name as deviceName',
      'sites.id as siteId',
      'sites.name as siteName',
      'regions.code as regionCode',
      'rollout_devices.version as version',
      'rollout_devices.wave as wave',
      'rollout_devices.phase_versions as phaseVersions',
      'rollout_devices.management_address as managementAddress',
      'rollout_devices.state as state',
      steps ? 'rollout_devices.steps as steps' : sql<readonly ConfigurationStep[]>`'[]'::jsonb`.as('steps'),
      'rollout_devices.armed_until as armedUntil',
      'rollout_devices.error as error',
      'rollout_devices.started_at as startedAt',
      'rollout_devices.ended_at as endedAt',
    ])
    .where('rollout_id', '=', id)
    .where(withinScope('regions.code', scope))
    .$if(device !== undefined, (query) =>
      query.where(sql<boolean>`(devices.id::text = ${device} or devices.name = ${device})`),
    )
    .orderBy('wave')
    .orderBy('devices.name')
    .execute();
  return rows.map((row) => ({
    ...row,
    armedUntil: row.armedUntil?.getTime() ?? null,
    startedAt: row.startedAt?.getTime() ?? null,
    endedAt: row.endedAt?.getTime() ?? null,
  }));
}

/** Devices whose last change went back, or was lost, and that were not configured since. */
export async function readFallen(db: Kysely<Database>): Promise<readonly FallenDevice[]> {
  const { rows } = await sql<{
    device_id: DeviceId;
    name: string;
    state: DeviceRunState;
    ended_at: Date;
    error: Said | null;
    number: string;
  }>`select fallen.device_id, devices.name, fallen.state, fallen.ended_at, fallen.error, rollouts.number
    from rollout_devices fallen join rollouts on rollouts.id = fallen.rollout_id
    join devices on devices.id = fallen.device_id
    where fallen.state in ('reverted', 'lost') and fallen.ended_at >= (
      select max(ended_at) from rollout_devices told where told.device_id = fallen.device_id
        and told.state in ('confirmed', 'unchanged', 'reverted', 'lost'))
    order by fallen.device_id`.execute(db);
  return rows.map((row) => ({
    deviceId: row.device_id,
    name: row.name,
    state: row.state === 'lost' ? 'lost' : 'reverted',
    at: row.ended_at.getTime(),
    error: row.error,
    rollout: Number(row.number),
  }));
}
