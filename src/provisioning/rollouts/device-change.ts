import { setTimeout as sleepTimer } from 'node:timers/promises';
import type { Lease } from '../../database/lease.ts';
import { ArungError } from '../../domain/errors.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import { rightRunStates, touchedRunStates, type DeviceRunState } from '../../domain/rollout.ts';
import type { ConfigurationDriver, DeviceTarget } from '../drivers/driver.ts';
import { dependentsOf } from './dependents.ts';
import type { Management } from './device-door.ts';
import { DeviceRun } from './device-run.ts';
import { addressOnceStands } from './management-move.ts';
import { versionNow } from './phases.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';
import type { RolloutRunnerOptions } from './rollout-runner.ts';
import type { RolloutNews } from './rollout-surroundings.ts';
import { saidOf } from './said.ts';

/** Planned work lasts so much longer than the device may take, milliseconds. */
const slack = 120_000;

/** What the journal hears of the end of a device's change. */
const newsOf: Partial<Record<DeviceRunState, RolloutNews['key']>> = {
  confirmed: 'device.configured',
  reverted: 'device.reverted',
  lost: 'device.lost',
};

/**
 * Changes one device of a rollout, from wherever an earlier process left it: announces the work, runs it, keeps what came of
 * it. Throws `RunStopped` when the signal ends it, `LeaseLost` when another controller goes on.
 */
export async function changeDevice(
  rollout: Rollout,
  device: RolloutDevice,
  parts: RolloutRunnerOptions & { readonly lease: Lease; readonly signal: AbortSignal },
): Promise<void> {
  const { store, intents, door, work, addresses, kept, clock, logger, sleep, paths, health, lease, signal, tell } =
    parts;
  const { deviceId } = device;
  const version = versionNow(rollout, device);
  const isResumed = touchedRunStates.has(device.state);
  const prepared = await preparation(device, version, parts).catch((error: unknown) => {
    // One that was begun needs its end: it is tried again.
    if (isResumed || !(error instanceof ArungError)) throw error;
    return error;
  });
  if (prepared instanceof ArungError) {
    // Nothing of it is on the device, and nobody can come to it: its credential or its address is gone since it was checked.
    await store.device(lease, rollout.id, deviceId, { state: 'unreachable', error: saidOf(prepared) });
    return;
  }
  const { document, applied, driver, management, target, addressAfter } = prepared;
  if (!isResumed) {
    if (!(await store.mayBegin(lease, rollout.id))) return;
    const until = clock.now() + rollout.rollbackS * 1_000 + slack;
    const maintenanceId = await work.announce(deviceId, until, rollout.number);
    await store.device(lease, rollout.id, deviceId, { state: 'checking', maintenanceId });
  }
  const run = new DeviceRun({
    deviceId,
    dependents: dependentsOf(deviceId, {
      behind: paths.behind([deviceId]),
      health,
      before: rollout.before,
      isResumed,
    }),
    driver,
    target,
    addressAfter,
    document,
    applied,
    run: rollout.id,
    rollbackS: rollout.rollbackS,
    begunAs: { ...device, steps: isResumed ? await store.stepsOf(rollout.id, deviceId) : [] },
    keepBefore: (session) => kept.before(deviceId, session, driver.kind),
    tell: (news) =>
      store.device(lease, rollout.id, deviceId, news, async (trx) => {
        if (!rightRunStates.has(news.state)) return;
        await intents.confirmed(trx, deviceId, version);
        await door.confirmed(trx, management, document);
        const by = `rollout ${rollout.number}`;
        if (addressAfter !== null) await addresses.move(trx, deviceId, { address: addressAfter, by });
      }),
    signal,
    clock,
    logger,
    sleep: sleep ?? sleepUntilAborted,
    session: door.session,
  });
  const state = await run.run();
  if (addressAfter !== null && rightRunStates.has(state)) addresses.moved();
  // It has ended and is not run again: what follows may fail, and is told all the same.
  const key = newsOf[state];
  if (key !== undefined) tell({ key, rollout, device, reason: null });
  const announced = await store.maintenanceOf(rollout.id, deviceId);
  if (announced !== null) await work.over(announced);
}

interface Preparation {
  readonly document: IntentDocument;
  readonly applied: IntentDocument | null;
  readonly driver: ConfigurationDriver;
  readonly management: Management;
  readonly target: DeviceTarget;
  readonly addressAfter: string | null;
}

/** What a device is brought to, and how it is reached now. Throws as `DeviceDoor.managementOf` and `targetOf`. */
async function preparation(
  { deviceId, managementAddress, version: last }: RolloutDevice,
  version: string,
  { intents, door }: Pick<RolloutRunnerOptions, 'intents' | 'door'>,
): Promise<Preparation> {
  const document = await intents.open(deviceId, version);
  const applied = await intents.confirmedOf(deviceId);
  const driver = door.driverOf(document);
  const management = await door.managementOf(deviceId);
  const target = door.targetOf(management, document);
  const addressAfter = addressOnceStands(driver, {
    document,
    address: managementAddress,
    now: target.address,
    isLast: version === last,
  });
  return { document, applied, driver, management, target, addressAfter };
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  await sleepTimer(ms, undefined, { signal }).catch(() => undefined);
}
