import { sql, type Kysely } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { Interface } from '../domain/device.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId, InterfaceId, LinkId } from '../domain/ids.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import { reachOf, type Reach } from '../database/collection/reach.ts';

export const InterfaceDraft = Type.Object(
  {
    deviceId: Interface.properties.deviceId,
    name: Interface.properties.name,
    description: Type.Optional(Interface.properties.description),
    mac: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2}(:[0-9a-f]{2}){5})?$' })),
    speedBps: Type.Optional(Interface.properties.speedBps),
  },
  { additionalProperties: false },
);
export type InterfaceDraft = Static<typeof InterfaceDraft>;

/** What is plugged in at the other end, when the reader may see it. */
export interface FarEnd {
  readonly id: LinkId;
  readonly name: string;
  readonly capacityBps: number;
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly siteName: string;
}

export interface InterfaceRecord extends Interface {
  readonly link: FarEnd | null;
}

export class Interfaces extends Collection<Interface, InterfaceDraft> {
  protected readonly noun = 'interface';

  /** All interfaces of a device that the reader may see, by ifIndex, then name. */
  async ofDevice(access: Access, deviceId: DeviceId): Promise<InterfaceRecord[]> {
    const { scope } = reachOf(access, this.readPermission);
    const rows = await selectInterfaces(this.db)
      .leftJoin('link_ends as near', 'near.interface_id', 'interfaces.id')
      .leftJoin('link_ends as far', (join) =>
        join.onRef('far.link_id', '=', 'near.link_id').onRef('far.side', '<>', 'near.side'),
      )
      .leftJoin('links', 'links.id', 'near.link_id')
      .leftJoin('interfaces as far_interfaces', 'far_interfaces.id', 'far.interface_id')
      .leftJoin('devices as far_devices', 'far_devices.id', 'far_interfaces.device_id')
      .leftJoin('sites as far_sites', 'far_sites.id', 'far_devices.site_id')
      .leftJoin('regions as far_regions', (join) =>
        join.onRef('far_regions.id', '=', 'far_sites.region_id').on(withinScope('far_regions.code', scope)),
      )
      .select((eb) => [
        eb
          .case()
          .when('far_regions.id', 'is not', null)
          .then(
            sql<FarEnd>`json_build_object('id', links.id, 'name', links.name, 'capacityBps', links.capacity_bps,
              'deviceId', far_devices.id, 'deviceName', far_devices.name, 'siteName', far_sites.name)`,
          )
          .else(null)
          .end()
          .as('link'),
      ])
      .where('interfaces.device_id', '=', deviceId)
      .where(withinScope('regions.code', scope))
      .orderBy('interfaces.if_index', (order) => order.asc().nullsLast())
      .orderBy('interfaces.name')
      .execute();
    return rows;
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Interface> | null> {
    const row = await selectInterfaces(db)
      .select(['interfaces.version', 'devices.name as deviceName', 'regions.code as regionCode'])
      .where(sql<string>`interfaces.id::text`, '=', key)
      .where(withinScope('regions.code', reach.scope))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, deviceName, regionCode, ...entity } = row;
    return { entity, name: `${deviceName}:${entity.name}`, regionCode, version };
  }

  protected async lock(change: Change, id: InterfaceId): Promise<void> {
    await change.trx.selectFrom('interfaces').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected async insert(change: Change, id: InterfaceId, draft: InterfaceDraft): Promise<void> {
    await change.trx
      .insertInto('interfaces')
      .values({
        id,
        device_id: draft.deviceId,
        name: draft.name,
        description: draft.description ?? '',
        mac: draft.mac ?? '',
        if_index: null,
        if_type: null,
        speed_bps: draft.speedBps ?? null,
        seen: false,
      })
      .execute();
  }

  protected async write(change: Change, before: Interface, patch: Partial<InterfaceDraft>): Promise<void> {
    if (patch.deviceId !== undefined && patch.deviceId !== before.deviceId) {
      throw new ArungError('invalid', 'An interface stays with its device: make a new one on the other device.', {
        code: 'interface.device-fixed',
        details: [{ message: 'It cannot be changed.', field: 'deviceId' }],
      });
    }
    const fields = givenFields({
      name: patch.name,
      description: patch.description,
      mac: patch.mac,
      speed_bps: patch.speedBps,
    });
    await change.trx
      .updateTable('interfaces')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: Interface): Promise<void> {
    await change.trx.deleteFrom('interfaces').where('id', '=', entity.id).execute();
  }
}

function selectInterfaces(db: Kysely<Database>) {
  return db
    .selectFrom('interfaces')
    .innerJoin('devices', 'devices.id', 'interfaces.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'interfaces.id as id',
      'interfaces.device_id as deviceId',
      'interfaces.name as name',
      'interfaces.description as description',
      'interfaces.mac as mac',
      'interfaces.if_index as ifIndex',
      'interfaces.if_type as ifType',
      'interfaces.speed_bps as speedBps',
      'interfaces.seen as seen',
    ]);
}
