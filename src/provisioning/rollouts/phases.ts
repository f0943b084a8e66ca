import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import { changePhases, type ChangePhase } from '../../domain/rollout.ts';
import type { PhaseDocument, PhasedChange } from '../drivers/driver.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import type { DeviceDoor } from './device-door.ts';
import { gives } from './management-move.ts';
import type { ChangePaths } from './paths.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';

/** In what phases a rollout goes over its devices. */
export interface PhasePlan {
  /** Empty where it goes in one. */
  readonly phases: readonly ChangePhase[];
  /**
   * Of each device whose change has another end, by phase, the document that it is brought to; null where it stays as it is.
   * All others are changed at once, in the first phase.
   */
  readonly documents: ReadonlyMap<DeviceId, readonly (IntentDocument | null)[]>;
}

const inOne: PhasePlan = { phases: [], documents: new Map() };

/**
 * Phases are for changes with two ends: where two devices of a rollout change what they have in common (an IP network, a VLAN
 * over the link between them), both are through with one phase before any of them begins with the next, so that each way stands
 * at both ends before anybody takes it, and until nobody does. So does a device that is managed at another address afterwards.
 */
export async function planPhases(
  devices: readonly Pick<RolloutDevice, 'deviceId' | 'version'>[],
  options: {
    readonly intents: Pick<IntentStore, 'open' | 'confirmedOf'>;
    readonly door: Pick<DeviceDoor, 'driverOf'>;
    readonly paths: Pick<ChangePaths, 'areLinked'>;
    /** Devices that are managed at another address afterwards: their new one stands beside the old before it counts. */
    readonly moves: ReadonlyMap<DeviceId, string>;
  },
): Promise<PhasePlan> {
  const { intents, door, paths, moves } = options;
  const changes = new Map<DeviceId, PhasedChange>();
  for (const { deviceId, version } of devices) {
    const wanted = await intents.open(deviceId, version);
    const found = door.driverOf(wanted).inPhases?.(await intents.confirmedOf(deviceId), wanted);
    if (found !== undefined) changes.set(deviceId, found);
  }
  const standing = [...moves].flatMap(([id, address]) => {
    const [first, ...later] = changes.get(id)?.phases ?? [];
    if (first === undefined || later.length === 0) return [];
    return gives(door.driverOf(first.document), first.document, address) ? [id] : [];
  });
  const paired = new Set([
    ...standing,
    ...pairs(changes, ({ networks }) => networks, () => true),
    ...pairs(changes, ({ vlans }) => vlans, (a, b) => paths.areLinked(a, b)),
  ]); // prettier-ignore
  const phasesOf = (id: DeviceId): readonly PhaseDocument[] => changes.get(id)?.phases ?? [];
  const phases = changePhases.filter((phase) =>
    [...paired].some((id) => phasesOf(id).some((one) => one.phase === phase)),
  );
  if (phases.length < 2) return inOne;
  const documents = new Map(
    [...paired].map((id) => {
      const own = phasesOf(id);
      return [id, phases.map((phase) => own.find((one) => one.phase === phase)?.document ?? null)];
    }),
  );
  return { phases, documents };
}

/** Devices that have something in common with another one. */
function pairs(
  changes: ReadonlyMap<DeviceId, PhasedChange>,
  names: (change: PhasedChange) => readonly string[],
  areEnds: (one: DeviceId, other: DeviceId) => boolean,
): ReadonlySet<DeviceId> {
  const named = [...changes].flatMap(([id, change]) => names(change).map((name) => ({ name, id })));
  const found = new Set<DeviceId>();
  for (const some of Map.groupBy(named, ({ name }) => name).values()) {
    for (const { id } of some) if (some.some((other) => other.id !== id && areEnds(id, other.id))) found.add(id);
  }
  return found;
}

/** The version that a device is brought to in the phase that goes on. */
export function versionNow(
  { phase }: Pick<Rollout, 'phase'>,
  device: Pick<RolloutDevice, 'phaseVersions' | 'version'>,
): string {
  return device.phaseVersions[phase] ?? device.version;
}

/** Devices whose change goes on in a phase. */
export function devicesOfPhase(rollout: Pick<Rollout, 'devices'>, phase: number): readonly RolloutDevice[] {
  return rollout.devices.filter(({ phaseVersions }) => (phaseVersions[phase] ?? null) !== null);
}

/** Devices that did not answer, and whose other ends would switch to what they do not have. */
export function missingPartners(rollout: Pick<Rollout, 'devices'>): readonly RolloutDevice[] {
  return rollout.devices.filter(({ state, phaseVersions }) => state === 'unreachable' && phaseVersions.length > 0);
}
