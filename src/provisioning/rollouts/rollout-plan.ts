import type { Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import type { DeviceDoor } from './device-door.ts';
import { plannedMoves } from './management-move.ts';
import type { ChangePaths } from './paths.ts';
import { planPhases, type PhasePlan } from './phases.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';
import type { ManagedAddresses } from './rollout-surroundings.ts';

/** How a rollout goes over the devices that differ. */
export interface RolloutPlan extends PhasePlan {
  /** Where devices are managed afterwards, of those that move. */
  readonly moves: ReadonlyMap<DeviceId, string>;
  /** Those whose turn is in the first phase. */
  readonly first: readonly RolloutDevice[];
}

/** Or why it cannot be done at all. */
export async function planOf(
  rollout: Pick<Rollout, 'devices'>,
  options: {
    readonly intents: Pick<IntentStore, 'open' | 'confirmedOf'>;
    readonly door: Pick<DeviceDoor, 'driverOf' | 'managementOf'>;
    readonly paths: Pick<ChangePaths, 'areLinked'>;
    readonly addresses: Pick<ManagedAddresses, 'holderOf' | 'mayBe'>;
  },
): Promise<RolloutPlan | { readonly refusal: ArungError }> {
  const differ = rollout.devices.filter(({ state }) => state === 'checking');
  const missing = rollout.devices.filter(({ state }) => state === 'unreachable');
  try {
    const moves = await plannedMoves(differ, options);
    const { phases, documents } = await planPhases([...differ, ...missing], { ...options, moves });
    const first = phases.length === 0 ? differ : differ.filter(({ deviceId }) => documents.get(deviceId)?.[0] !== null);
    return { phases, documents, moves, first };
  } catch (error) {
    if (error instanceof ArungError && error.kind === 'conflict') return { refusal: error };
    throw error;
  }
}

/** Keeps the documents of the phases as versions; says their names, by device and phase. */
export async function keepPhaseVersions(
  trx: Transaction<Database>,
  { documents }: PhasePlan,
  {
    rollout,
    intents,
  }: {
    readonly rollout: Pick<Rollout, 'number' | 'requestedBy'>;
    readonly intents: Pick<IntentStore, 'keepVersion'>;
  },
): Promise<ReadonlyMap<DeviceId, readonly (string | null)[]>> {
  const by = { by: rollout.requestedBy, managedBy: `rollout ${rollout.number}` };
  const versions = new Map<DeviceId, readonly (string | null)[]>();
  for (const [deviceId, parts] of documents) {
    const names: (string | null)[] = [];
    for (const part of parts) names.push(part === null ? null : await intents.keepVersion(trx, deviceId, part, by));
    versions.set(deviceId, names);
  }
  return versions;
}
