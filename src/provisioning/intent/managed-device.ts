import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import { keyKind } from '../../database/collection/collection.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access, type Permission } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { openRolloutStates } from '../../domain/rollout.ts';
import { templateOwner } from '../../domain/template.ts';

const read: Permission = 'provisioning.read';

export interface ManagedDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly regionCode: string;
}

/** A device within reach, by its id or name. Throws `device.not-found`, `inventory.outside-regions`. */
export async function findDevice(
  db: Kysely<Database>,
  access: Access,
  key: string,
  permission: Permission,
): Promise<ManagedDevice> {
  const find = (scope: ReturnType<typeof scopeFor>) =>
    db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select(['devices.id', 'devices.name', 'regions.code as regionCode'])
      .where(keyKind(key) === 'id' ? 'devices.id' : 'devices.name', '=', key as DeviceId)
      .where(withinScope('regions.code', scope))
      .executeTakeFirst();
  const device = await find(scopeFor(access, permission));
  if (device !== undefined) return device;
  const seen = permission === read ? undefined : await find(scopeFor(access, read));
  if (seen !== undefined) {
    throw new ArungError(
      'forbidden',
      `You may not configure the device ${seen.name}: it lies outside the regions in which you may.`,
      { code: 'inventory.outside-regions', arguments: { name: seen.name } },
    );
  }
  throw new ArungError('not-found', `There is no device ${key} in your regions.`, {
    code: 'device.not-found',
    arguments: { key },
  });
}

/** Several devices within reach, each once, by name. Throws as `findDevice`. */
export async function findDevices(
  db: Kysely<Database>,
  access: Access,
  keys: readonly string[],
  permission: Permission,
): Promise<readonly ManagedDevice[]> {
  const isKnown = sql<SqlBool>`(devices.id::text = any(${[...keys]}::text[]) or devices.name = any(${[...keys]}::text[]))`;
  const devices = await db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select(['devices.id', 'devices.name', 'regions.code as regionCode'])
    .where(isKnown)
    .where(withinScope('regions.code', scopeFor(access, permission)))
    .orderBy('devices.name')
    .execute();
  const found = new Set(devices.flatMap<string>(({ id, name }) => [id, name]));
  const missing = keys.find((key) => !found.has(key));
  if (missing !== undefined) await findDevice(db, access, missing, permission);
  return devices;
}

export function noVersion(device: string, version: string): ArungError {
  return new ArungError('not-found', `There is no version ${version} of the intent of ${device}.`, {
    code: 'intent.no-version',
    arguments: { name: device, version },
  });
}

export function noIntent(device: string): ArungError {
  return new ArungError('not-found', `Nothing says what ${device} should be: stage its intent first.`, {
    code: 'intent.none',
    arguments: { name: device },
  });
}

/** What templates say of a device is written by them alone. */
export function ownerKept(): ArungError {
  return new ArungError('invalid', `The owner ${templateOwner} is what templates say of a device: name another, or change the template.`, {
    code: 'intent.owner-kept',
    arguments: { owner: templateOwner },
  }); // prettier-ignore
}

/** Until the end of the transaction nobody else writes what the device should be. */
export async function lockDevice(trx: Transaction<Database>, deviceId: DeviceId): Promise<void> {
  await lockDevices(trx, [deviceId]);
}

/** The same for many, one after the other in the order of their names: two that lock some of the same wait in that order. */
export async function lockDevices(trx: Transaction<Database>, deviceIds: readonly DeviceId[]): Promise<void> {
  const ids = [...deviceIds];
  await trx.selectFrom('devices').select('id').where('id', 'in', ids).orderBy('name').forNoKeyUpdate().execute();
}

/** Throws `intent.under-way` while a rollout that is not over has the device. */
export async function refuseUnderWay(
  trx: Transaction<Database>,
  device: { readonly id: DeviceId; readonly name: string },
): Promise<void> {
  const open = await trx
    .selectFrom('rollout_devices')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_devices.rollout_id')
    .select('rollouts.number')
    .where('rollout_devices.device_id', '=', device.id)
    .where('rollouts.state', 'in', openRolloutStates)
    .executeTakeFirst();
  if (open === undefined) return;
  throw new ArungError(
    'conflict',
    `${device.name} is part of rollout ${open.number}, which goes on: wait for its end, or abort it first.`,
    { code: 'intent.under-way', arguments: { name: device.name, number: Number(open.number) } },
  );
}
