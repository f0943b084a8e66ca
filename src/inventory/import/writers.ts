import { sql } from 'kysely';
import { levelOfCode } from '../../domain/region.ts';
import { creatorOf } from '../../database/collection/reach.ts';
import type { Work } from './diff.ts';
import type { ListName } from './lists.ts';
import { namesIn, replaceMembers, tableWriter, type WriteContext, type Writer } from './table-writer.ts';

/** How each list is written. */
export const writers: Readonly<Record<ListName, (context: WriteContext) => Writer>> = {
  regions: (context) => {
    const columns = { code: 'text', name: 'text', level: 'text', latitude: 'float8', longitude: 'float8' };
    const writer = tableWriter(
      context,
      'regions',
      'regions',
      columns,
      (value) => ({ ...value, level: levelOfCode(String(value['code'])) }),
      { point_source: 'person' },
    );
    return {
      insert: async (work) => {
        await writer.insert(work);
        const rows = work.map((one) => ({ region_id: context.ids.of('regions', one.key), code: one.key }));
        await sql`insert into region_codes (region_id, code, valid_from)
          select region_id, code, ${context.now}::timestamptz
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(region_id uuid, code text)`.execute(
          context.change.trx,
        );
      },
      update: async (work) => {
        await writer.update(work);
        const codes = work.map((one) => one.key);
        await sql`update regions set point_source = 'person' where code = any(${codes}::text[])`.execute(
          context.change.trx,
        );
      },
    };
  },

  calendars: (context) =>
    tableWriter(
      context,
      'calendars',
      'calendars',
      { name: 'text', time_zone: 'text', windows: 'jsonb', holidays: 'jsonb' },
      (value) => ({ ...value, time_zone: value['timeZone'] }),
      { created_by: creatorOf(context.change.access) },
    ),

  contacts: (context) =>
    tableWriter(
      context,
      'contacts',
      'contacts',
      { name: 'text', role: 'text', phone: 'text', email: 'text' },
      (value) => value,
      { created_by: creatorOf(context.change.access) },
    ),

  credentials: (context) => {
    const writer = tableWriter(
      context,
      'credentials',
      'credentials',
      { name: 'text', kind: 'text', user: 'text' },
      (value) => value,
      { created_by: creatorOf(context.change.access) },
    );
    return {
      ...writer,
      after: async (work) => {
        const sealed = work.flatMap((one) => {
          if (one.secret === null) return [];
          const id = context.ids.of('credentials', one.key);
          return [{ id, secret: context.sealer.seal(JSON.stringify(one.secret), id).toString('hex') }];
        });
        if (sealed.length === 0) return;
        await sql`update credentials set secret = decode(r.secret, 'hex')
          from jsonb_to_recordset(${JSON.stringify(sealed)}::jsonb) as r(id uuid, secret text)
          where credentials.id = r.id`.execute(context.change.trx);
      },
    };
  },

  sharedRisks: (context) =>
    tableWriter(context, 'sharedRisks', 'shared_risks', { name: 'text', kind: 'text' }, (value) => value, {
      created_by: creatorOf(context.change.access),
    }),

  sites: (context) => ({
    ...tableWriter(
      context,
      'sites',
      'sites',
      {
        code: 'text',
        name: 'text',
        kind: 'text',
        network: 'text',
        rollout_status: 'text',
        region_id: 'uuid',
        latitude: 'float8',
        longitude: 'float8',
        address: 'text',
        access_notes: 'text',
        calendar_id: 'uuid',
        tags: 'text[]',
      },
      (value) => ({
        ...value,
        rollout_status: value['rolloutStatus'],
        region_id: context.ids.of('regions', value['region']),
        access_notes: value['accessNotes'],
        calendar_id: context.ids.orNull('calendars', value['calendar']),
      }),
      { managed_by: 'import' },
    ),
    after: async (work) => {
      const touched = work.filter((one) => one.action === 'create' || one.fields['contacts'] !== undefined);
      const members = touched.flatMap((one) =>
        namesIn(one.value['contacts']).map((name, position) => ({
          site_id: context.ids.of('sites', one.key),
          contact_id: context.ids.of('contacts', name),
          position,
        })),
      );
      const owner = { column: 'site_id', ids: touched.map((one) => context.ids.of('sites', one.key)) };
      const columns = { site_id: 'uuid', contact_id: 'uuid', position: 'int' };
      await replaceMembers(context.change, 'site_contacts', owner, members, columns);
    },
  }),

  devices: (context) => {
    const columns = {
      name: 'text',
      site_id: 'uuid',
      role: 'text',
      gateway: 'boolean',
      protocol: 'text',
      address: 'text',
      port: 'int',
      credential_id: 'uuid',
      management_credential_id: 'uuid',
      management_port: 'int',
      vendor: 'text',
      model: 'text',
      serial: 'text',
      tags: 'text[]',
    };
    const writer = tableWriter(
      context,
      'devices',
      'devices',
      columns,
      (value) => ({
        ...value,
        site_id: context.ids.of('sites', value['site']),
        credential_id: context.ids.orNull('credentials', value['credential']),
        management_credential_id: context.ids.orNull('credentials', value['managementCredential']),
        management_port: value['managementPort'],
      }),
      { managed_by: 'import', agent_id: context.ids.of('agents', 'local') },
    );
    return {
      insert: writer.insert,
      update: async (work) => {
        // Devices may swap addresses: they step aside first, since the unique key is checked row by row.
        const ids = work.filter((one) => one.fields['address'] ?? one.fields['port']).map((one) => one.id);
        await sql`update devices set address = '' where id = any(${ids}::uuid[])`.execute(context.change.trx);
        await writer.update(work);
      },
    };
  },

  interfaces: (context) =>
    tableWriter(
      context,
      'interfaces',
      'interfaces',
      { device_id: 'uuid', name: 'text', description: 'text', mac: 'text', speed_bps: 'float8' },
      (value) => ({ ...value, device_id: context.ids.of('devices', value['device']), speed_bps: value['speedBps'] }),
    ),

  links: (context) => ({
    ...tableWriter(
      context,
      'links',
      'links',
      { name: 'text', medium: 'text', capacity_bps: 'float8', trunk: 'boolean', tags: 'text[]' },
      (value) => ({ ...value, capacity_bps: value['capacityBps'] }),
      { managed_by: 'import' },
    ),
    after: async (work) => {
      const { ids, change } = context;
      const moved = work.filter(movesEnds);
      const ends = moved.flatMap((one) =>
        (['a', 'b'] as const).map((side) => ({
          link_id: ids.of('links', one.key),
          side,
          interface_id: ids.of('interfaces', one.value[side]),
        })),
      );
      await sql`insert into link_ends (link_id, side, interface_id) select link_id, side, interface_id
        from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) as r(link_id uuid, side text, interface_id uuid)`.execute(
        change.trx,
      );
      const touched = work.filter((one) => one.action === 'create' || one.fields['sharedRisks'] !== undefined);
      const members = touched.flatMap((one) =>
        namesIn(one.value['sharedRisks']).map((name) => ({
          link_id: ids.of('links', one.key),
          shared_risk_id: ids.of('sharedRisks', name),
        })),
      );
      const owner = { column: 'link_id', ids: touched.map((one) => ids.of('links', one.key)) };
      const columns = { link_id: 'uuid', shared_risk_id: 'uuid' };
      await replaceMembers(change, 'shared_risk_links', owner, members, columns);
    },
  }),

  services: (context) =>
    tableWriter(
      context,
      'services',
      'services',
      {
        code: 'text',
        name: 'text',
        site_id: 'uuid',
        device_id: 'uuid',
        url: 'text',
        checks: 'jsonb',
        used_by: 'text[]',
      },
      (value) => ({
        ...value,
        used_by: value['usedBy'],
        site_id: context.ids.of('sites', value['site']),
        device_id: context.ids.orNull('devices', value['device']),
      }),
    ),

  agents: (context) => ({
    ...tableWriter(context, 'agents', 'agents', { name: 'text' }, (value) => value),
    after: async (work) => {
      const members = work.flatMap((one) =>
        namesIn(one.value['attachedTo']).map((name) => ({
          agent_id: context.ids.of('agents', one.key),
          device_id: context.ids.of('devices', name),
        })),
      );
      const owner = { column: 'agent_id', ids: work.map((one) => context.ids.of('agents', one.key)) };
      const columns = { agent_id: 'uuid', device_id: 'uuid' };
      await replaceMembers(context.change, 'agent_attachments', owner, members, columns);
    },
  }),
};

/** Whether a link gets other ends than it has. */
export function movesEnds(work: Work): boolean {
  return work.action === 'create' || work.fields['a'] !== undefined || work.fields['b'] !== undefined;
}
