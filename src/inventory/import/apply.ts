import { sql, type RawBuilder } from 'kysely';
import { newId } from '../../domain/ids.ts';
import { levelOfCode } from '../../domain/region.ts';
import type { Change } from '../changes.ts';
import type { SecretSealer } from '../collaborators.ts';
import { creatorOf } from '../reach.ts';
import type { Diff, Work } from './diff.ts';
import { lists, listNames, type Fields, type ListName } from './lists.ts';
import type { Snapshot } from './snapshot.ts';

/** Says how far an import is: the list it writes, how many of how many. */
export type Progress = (phase: ListName | 'read' | 'check' | 'commit', done: number, total: number) => void;

/** Rows of one SQL statement. */
const batch = 1_000;

/** Writes what the diff found, list after list, in the transaction of the change. */
export async function applyDiff(
  change: Change,
  diff: Diff,
  snapshot: Snapshot,
  options: { readonly sealer: SecretSealer; readonly now: Date; readonly progress: Progress },
): Promise<void> {
  const ids = new Ids(snapshot, diff);
  for (const name of listNames) {
    const work = diff.work.filter((one) => one.list === name);
    // What gives a name up goes before what takes it: links let go of their ends first.
    if (name === 'links') await releaseEnds(change, work, ids);
    for (let start = 0; start < work.length; start += batch) {
      options.progress(name, start, work.length);
      const part = work.slice(start, start + batch);
      const created = part.filter((one) => one.action === 'create');
      const changed = part.filter((one) => one.action === 'change');
      const writer = writers[name]({ change, ids, ...options });
      if (created.length > 0) await writer.insert(created);
      if (changed.length > 0) await writer.update(changed);
      await writer.after?.(part);
      for (const one of part) record(change, one, ids);
    }
    if (name === 'sites') await writeRiskSites(change, diff, ids);
    if (work.length > 0) options.progress(name, work.length, work.length);
  }
}

/** The ids behind the names: of what is there, and of what this import makes. */
class Ids {
  readonly #byList = new Map<ListName, Map<string, string>>();

  constructor(snapshot: Snapshot, diff: Diff) {
    for (const name of listNames) {
      this.#byList.set(name, new Map([...snapshot[name]].map(([key, kept]) => [key, kept.id])));
    }
    for (const one of diff.work) if (one.id === null) this.#byList.get(one.list)?.set(one.key, newId());
  }

  of(list: ListName, key: unknown): string {
    const id = this.#byList.get(list)?.get(String(key));
    if (id === undefined) throw new Error(`${list} ${String(key)} passed the check of references but has no id`);
    return id;
  }

  /** Null for the empty name. */
  orNull(list: ListName, key: unknown): string | null {
    return key === undefined || key === null || key === '' ? null : this.of(list, key);
  }
}

interface Context {
  readonly change: Change;
  readonly ids: Ids;
  readonly sealer: SecretSealer;
  readonly now: Date;
}

interface Writer {
  insert(work: readonly Work[]): Promise<void>;
  update(work: readonly Work[]): Promise<void>;
  /** What hangs on the rows: contacts, ends, memberships. */
  after?(work: readonly Work[]): Promise<void>;
}

/** A table with the SQL types of the columns that an import writes, and how they come from the document's fields. */
function tableWriter(
  context: Context,
  list: ListName,
  table: string,
  columns: Readonly<Record<string, string>>,
  rowOf: (value: Fields, work: Work) => Readonly<Record<string, unknown>>,
  constants: Readonly<Record<string, unknown>> = {},
): Writer {
  const { change, ids } = context;
  const names = Object.keys(columns);
  const record = (work: readonly Work[]) => {
    const rows = work.map((one) => ({ id: ids.of(list, one.key), ...rowOf(one.value, one) }));
    const types = sql.join(names.map((name) => sql`${sql.ref(name)} ${sql.raw(columns[name] ?? 'text')}`));
    return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, ${types})`;
  };
  return {
    insert: async (work) => {
      const fixed = Object.keys(constants);
      const into = sql.join([...names, ...fixed].map((name) => sql.ref(name)));
      const from = sql.join([
        ...names.map((name) => sql`r.${sql.ref(name)}` as RawBuilder<unknown>),
        ...fixed.map((name) => sql`${constants[name]}`),
      ]);
      await sql`insert into ${sql.table(table)} (id, ${into}) select r.id, ${from} from ${record(work)}`.execute(
        change.trx,
      );
    },
    update: async (work) => {
      const set = sql.join(names.map((name) => sql`${sql.ref(name)} = r.${sql.ref(name)}`));
      await sql`update ${sql.table(table)} as t set ${set}, version = t.version + 1 from ${record(work)}
        where t.id = r.id`.execute(change.trx);
    },
  };
}

/** Replaces the rows that hang on the written ones. */
async function replaceMembers(
  change: Change,
  table: string,
  owner: { readonly column: string; readonly ids: readonly string[] },
  members: readonly Readonly<Record<string, string | number>>[],
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  await sql`delete from ${sql.table(table)} where ${sql.ref(owner.column)} = any(${[...owner.ids]}::uuid[])`.execute(
    change.trx,
  );
  if (members.length === 0) return;
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  const types = sql.join(Object.entries(columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`));
  await sql`insert into ${sql.table(table)} (${names}) select ${names}
    from jsonb_to_recordset(${JSON.stringify(members)}::jsonb) as r(${types}) on conflict do nothing`.execute(
    change.trx,
  );
}

const namesIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const writers: Readonly<Record<ListName, (context: Context) => Writer>> = {
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
      { code: 'text', name: 'text', site_id: 'uuid', device_id: 'uuid', url: 'text' },
      (value) => ({
        ...value,
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

function movesEnds(work: Work): boolean {
  return work.action === 'create' || work.fields['a'] !== undefined || work.fields['b'] !== undefined;
}

async function releaseEnds(change: Change, work: readonly Work[], ids: Ids): Promise<void> {
  const moved = work.filter((one) => one.action === 'change' && movesEnds(one)).map((one) => ids.of('links', one.key));
  if (moved.length === 0) return;
  await sql`delete from link_ends where link_id = any(${moved}::uuid[])`.execute(change.trx);
}

/** The sites of a shared risk, written when the sites themselves are there. */
async function writeRiskSites(change: Change, diff: Diff, ids: Ids): Promise<void> {
  const touched = diff.work.filter(
    (one) => one.list === 'sharedRisks' && (one.action === 'create' || one.fields['sites'] !== undefined),
  );
  if (touched.length === 0) return;
  const members = touched.flatMap((one) =>
    namesIn(one.value['sites']).map((code) => ({
      shared_risk_id: ids.of('sharedRisks', one.key),
      site_id: ids.of('sites', code),
    })),
  );
  const owner = { column: 'shared_risk_id', ids: touched.map((one) => ids.of('sharedRisks', one.key)) };
  const columns = { shared_risk_id: 'uuid', site_id: 'uuid' };
  await replaceMembers(change, 'shared_risk_sites', owner, members, columns);
}

function record(change: Change, work: Work, ids: Ids): void {
  const entries = Object.entries(work.fields);
  change.record({
    action: work.action === 'create' ? 'create' : 'update',
    entityKind: lists[work.list].noun.replaceAll(' ', '-'),
    entityId: ids.of(work.list, work.key),
    entityName: work.key,
    before: work.action === 'create' ? null : Object.fromEntries(entries.map(([field, one]) => [field, one.before])),
    after: Object.fromEntries(entries.map(([field, one]) => [field, one.after])),
    regionCode: work.regionCode,
  });
}
