import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { ConfigurationDriver } from '../drivers/driver.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import type { DeviceDoor } from './device-door.ts';
import { addressOutside, addressTaken } from './reasons.ts';
import type { RolloutDevice } from './rollout-record.ts';
import type { ManagedAddresses } from './rollout-surroundings.ts';

type KnowsAddresses = Pick<ConfigurationDriver, 'addressesOf'>;

/**
 * The address at which a device is managed once a document stands, where the documents tell: the fragment that gave it the
 * address at which it is managed gives it another one, and no other fragment keeps the old. Null where it stays, and where
 * nobody can tell.
 */
export function movedTo(
  driver: KnowsAddresses,
  {
    applied,
    wanted,
    address,
  }: { readonly applied: IntentDocument | null; readonly wanted: IntentDocument; readonly address: string },
): string | null {
  if (driver.addressesOf === undefined || applied === null || wanted.whole === true) return null;
  const will = driver.addressesOf(wanted);
  if ([...will.values()].includes(address)) return null;
  for (const [key, was] of driver.addressesOf(applied)) if (was === address) return will.get(key) ?? null;
  return null;
}

/** Whether a document gives the device an address. */
export function gives(driver: KnowsAddresses, document: IntentDocument, address: string): boolean {
  return driver.addressesOf !== undefined && [...driver.addressesOf(document).values()].includes(address);
}

/** Where the device answers once a version stands; null where that is where it is managed already. */
export function addressOnceStands(
  driver: KnowsAddresses,
  of: {
    readonly document: IntentDocument;
    /** At the end of the rollout; null where it does not move. */
    readonly address: string | null;
    readonly now: string;
    /** The document is the last one that the rollout brings it to. */
    readonly isLast: boolean;
  },
): string | null {
  const { document, address, now, isLast } = of;
  if (address === null || address === now) return null;
  return isLast || gives(driver, document, address) ? address : null;
}

/** Of each device that a rollout moves, where it is managed afterwards: as it was asked for, else as the documents tell. */
export async function plannedMoves(
  devices: readonly Pick<RolloutDevice, 'deviceId' | 'deviceName' | 'version' | 'managementAddress'>[],
  {
    intents,
    door,
    addresses,
  }: {
    readonly intents: Pick<IntentStore, 'open' | 'confirmedOf'>;
    readonly door: Pick<DeviceDoor, 'driverOf' | 'managementOf'>;
    readonly addresses: Pick<ManagedAddresses, 'holderOf' | 'mayBe'>;
  },
): Promise<ReadonlyMap<DeviceId, string>> {
  const moves = new Map<DeviceId, string>();
  for (const device of devices) {
    const { deviceId, deviceName, version } = device;
    const wanted = await intents.open(deviceId, version);
    const { address: now } = await door.managementOf(deviceId);
    const applied = await intents.confirmedOf(deviceId);
    const address = device.managementAddress ?? movedTo(door.driverOf(wanted), { applied, wanted, address: now });
    if (address === null || address === now) continue;
    if (!addresses.mayBe(address)) throw addressOutside(deviceName, address);
    const other = devices.find((one) => moves.get(one.deviceId) === address);
    const holder = (await addresses.holderOf(deviceId, address)) ?? other?.deviceName ?? null;
    if (holder !== null) throw addressTaken(deviceName, address, holder);
    moves.set(deviceId, address);
  }
  return moves;
}
