import { setTimeout as sleepTimer } from 'node:timers/promises';
import type { Lease } from '../../database/lease.ts';
import { rightRunStates, touchedRunStates, type DeviceRunState } from '../../domain/rollout.ts';
import { dependentsOf } from './dependents.ts';
import { DeviceRun } from './device-run.ts';
import { addressOnceStands } from './management-move.ts';
import { versionNow } from './phases.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';
import type { RolloutRunnerOptions } from './rollout-runner.ts';
import type { RolloutNews } from './rollout-surroundings.ts';

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
  const { store, intents, door, work, addresses, clock, logger, sleep, paths, health, lease, signal, tell } = parts;
  const { deviceId } = device;
  const version = versionNow(rollout, device);
  const document = await intents.open(deviceId, version);
  const applied = await intents.confirmedOf(deviceId);
  const driver = door.driverOf(document);
  const management = await door.managementOf(deviceId);
  const target = door.targetOf(management, document);
  const addressAfter = addressOnceStands(driver, {
    document,
    address: device.managementAddress,
    now: target.address,
    isLast: version === device.version,
  });
  const isResumed = touchedRunStates.has(device.state);
  if (!isResumed) {
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
    begunAs: device,
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
  const announced = await store.maintenanceOf(rollout.id, deviceId);
  if (announced !== null) await work.over(announced);
  const key = newsOf[state];
  if (key !== undefined) tell({ key, rollout, device, reason: null });
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  await sleepTimer(ms, undefined, { signal }).catch(() => undefined);
}
