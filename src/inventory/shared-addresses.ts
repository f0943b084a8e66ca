import { sql } from 'kysely';
import type { Change } from '../database/collection/changes.ts';
import { withinScope } from '../database/scope.ts';
import { scopeFor } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceDraft } from './devices.ts';

/** What a device is opened with, and where. */
export interface SignedInTo {
  readonly address: string;
  /** It is read with a credential. */
  readonly read: boolean;
  /** It is configured with one. */
  readonly managed: boolean;
  readonly managementPort: number;
}

/** Another device at the same address. */
export interface AtSameAddress {
  readonly name: string;
  readonly managed: boolean;
  readonly managementPort: number;
  /** The writer may write it, too. */
  readonly writable: boolean;
  readonly sameAgent: boolean;
}

/**
 * Why a device may not be where another is; null when it may. A device under a second name is open to whoever has the
 * second name: it stands in another region, has another place in the topology and another intent. So an address is shared
 * only by who may write all that are there (several devices behind one public address), each with a management port of
 * its own.
 */
export function sharedBecause(
  device: SignedInTo,
  other: AtSameAddress,
): {
  readonly code: 'device.address-held' | 'device.address-shared';
  readonly message: string;
  readonly by: string;
} | null {
  // One agent speaks with one device at an address; another agent may mean another network. The controller configures all.
  if (!device.managed && !(device.read && other.sameAgent)) return null;
  if (!other.writable) {
    const message = `${device.address} is the address of another device, which is not yours to write: give this one its own.`;
    return { code: 'device.address-held', message, by: '' };
  }
  if (!device.managed || !other.managed) return null;
  const differ =
    device.managementPort !== other.managementPort && device.managementPort > 0 && other.managementPort > 0;
  if (differ) return null;
  const message = `${other.name} has the address ${device.address}, too: give each of the two a management port of its own.`;
  return { code: 'device.address-shared', message, by: other.name };
}

/**
 * Refuses a device that would be opened at the address of another. From here to the end of the transaction nobody else
 * writes: what was seen holds when it is committed.
 */
export async function requireOwnAddress(
  change: Change,
  device: Partial<DeviceDraft> & { readonly id: string | null },
): Promise<void> {
  const { id, address = '', credentialId = null, managementCredentialId = null, managementPort = 0 } = device;
  const opened: SignedInTo = {
    address,
    read: credentialId !== null,
    managed: managementCredentialId !== null,
    managementPort,
  };
  if (address === '' || !(opened.read || opened.managed)) return;
  await sql`select version from inventory_version for update`.execute(change.trx);
  const agent = device.agentId === undefined ? sql`agents.name = 'local'` : sql`agents.id = ${device.agentId}::uuid`;
  const others = await sql<AtSameAddress>`
    select devices.name, devices.management_credential_id is not null as managed,
      devices.management_port as "managementPort",
      ${withinScope('regions.code', scopeFor(change.access, 'inventory.write'))} as writable,
      ${agent} as "sameAgent"
    from devices join agents on agents.id = devices.agent_id
    join sites on sites.id = devices.site_id join regions on regions.id = sites.region_id
    where devices.id is distinct from ${id}::uuid and devices.id in (
      select id from devices where address <> '' and device_address_key(address) = device_address_key(${address})
      union all
      select device_id from rollout_devices join rollouts on rollouts.id = rollout_devices.rollout_id
      where rollouts.state not in ('done', 'stopped') and management_address <> ''
        and device_address_key(management_address) = device_address_key(${address}))
    order by devices.name`.execute(change.trx);
  for (const other of others.rows) {
    const wrong = sharedBecause(opened, other);
    if (wrong === null) continue;
    const { code, message, by } = wrong;
    const given = { value: address, by };
    throw new ArungError('conflict', message, {
      code,
      arguments: given,
      details: [{ message, field: 'address', code, arguments: given }],
    });
  }
}
