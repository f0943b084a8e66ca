import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/tables.ts';
import { newId, type DeviceId, type InterfaceId, type SiteId } from '../domain/ids.ts';
import type { DeviceFacts } from '../domain/plan.ts';
import { matchInterfaces } from './interface-identity.ts';

const identity = ['vendor', 'model', 'serial', 'firmware', 'profile'] as const;
type Identity = Partial<Record<(typeof identity)[number], string>>;

/** A device as it was before its facts were written, and what of its identity they changed. */
export interface WrittenFacts {
  readonly name: string;
  readonly siteId: SiteId;
  readonly regionCode: string;
  /** Nothing was known of it before. */
  readonly first: boolean;
  readonly changed: readonly { readonly attribute: string; readonly from: string; readonly to: string }[];
  /** Its table of interfaces changed since (ifTableLastChange, RFC 2863): one came or went, by hand or by a restart. */
  readonly tableChanged: boolean;
}

export interface FactsWriting {
  readonly written: ReadonlyMap<DeviceId, WrittenFacts>;
  /** Devices that somebody else is writing at this moment: nothing was written of them. */
  readonly busy: ReadonlySet<DeviceId>;
  /** An interface got another name: the names of interfaces that carry links are part of the topology. */
  readonly renamed: boolean;
}

/**
 * Writes what devices said of themselves, all with the same few statements. At most one of each device; a device that is
 * no longer in the inventory is in neither outcome. It waits for no device that is locked, so that holding the others
 * blocks nobody who waits for them.
 */
export async function writeFacts(trx: Transaction<Database>, all: readonly DeviceFacts[]): Promise<FactsWriting> {
  // What a crash takes away here, the next identification brings back.
  await sql`set local synchronous_commit = off`.execute(trx);
  const ids = all.map((facts) => facts.deviceId);
  const devices = new Map((await lockedDevices(trx, ids)).map((device) => [device.id, device]));
  const busy = await lockedByOthers(
    trx,
    ids.filter((id) => !devices.has(id)),
  );
  const present = all.filter((facts) => devices.has(facts.deviceId));
  const written = new Map<DeviceId, WrittenFacts>();
  if (present.length === 0) return { written, busy, renamed: false };

  const last = await lastIdentities(trx, [...devices.keys()]);
  const identities: (Identity & { id: DeviceId })[] = [];
  for (const facts of present) {
    const device = devices.get(facts.deviceId);
    if (device === undefined) continue;
    const said = last.get(device.id);
    const { fields, changed } = takenOver(device, facts, said);
    if (Object.keys(fields).length > 0) identities.push({ id: device.id, ...fields });
    const { name, siteId, regionCode } = device;
    const tableChanged = said !== undefined && said.tableChange !== (facts.ifTableLastChange?.toString() ?? null);
    written.set(device.id, { name, siteId, regionCode, first: said === undefined, changed, tableChanged });
  }
  await writeIdentities(trx, identities);
  const renamed = await writeInterfaces(trx, present);
  await keepFacts(trx, present);
  return { written, busy, renamed };
}

async function lockedDevices(trx: Transaction<Database>, ids: readonly DeviceId[]) {
  return trx
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
      'devices.id',
      'devices.name',
      'devices.protocol',
      'devices.vendor',
      'devices.model',
      'devices.serial',
      'devices.firmware',
      'devices.profile',
      'sites.id as siteId',
      'regions.code as regionCode',
    ])
    .where('devices.id', 'in', ids)
    .orderBy('devices.id')
    .forNoKeyUpdate('devices')
    .skipLocked()
    .execute();
}

type DeviceRow = Awaited<ReturnType<typeof lockedDevices>>[number];

async function lockedByOthers(trx: Transaction<Database>, ids: readonly DeviceId[]): Promise<ReadonlySet<DeviceId>> {
  if (ids.length === 0) return new Set();
  const rows = await trx.selectFrom('devices').select('id').where('id', 'in', ids).execute();
  return new Set(rows.map((row) => row.id));
}

/** What devices said last of who they are; those that have never said anything are left out. */
async function lastIdentities(
  trx: Transaction<Database>,
  ids: readonly DeviceId[],
): Promise<ReadonlyMap<DeviceId, Identity & { readonly tableChange: string | null }>> {
  const rows = await trx
    .selectFrom('device_facts')
    .select(['device_id', ...identity.map((field) => sql<string>`facts ->> ${sql.lit(field)}`.as(field))])
    .select(sql<string | null>`facts ->> 'ifTableLastChange'`.as('tableChange'))
    .where('device_id', 'in', ids)
    .execute();
  return new Map(rows.map(({ device_id, ...said }) => [device_id, said]));
}

/** What nobody but the device has said, and what of it differs from what it said before. */
function takenOver(device: DeviceRow, facts: DeviceFacts, last: Identity | undefined) {
  const fields: Identity = {};
  const changed: { attribute: string; from: string; to: string }[] = [];
  for (const field of identity) {
    const said = clean(facts[field], field === 'serial' || field === 'vendor' ? 80 : 120);
    if (said === '') continue;
    const before = last?.[field] ?? '';
    if (last !== undefined && before !== storable(facts[field])) {
      changed.push({ attribute: field, from: before, to: said });
    }
    // The serial number of a device that speaks MQTT names its topics.
    if (field === 'serial' && device.protocol === 'mqtt') continue;
    const kept = device[field] ?? '';
    const ours = kept === '' || field === 'profile' || field === 'firmware' || kept === clean(before, 120);
    if (ours && kept !== said) fields[field] = said;
  }
  return { fields, changed };
}

async function writeIdentities(trx: Transaction<Database>, rows: readonly Identity[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update devices set vendor = coalesce(r.vendor, devices.vendor), model = coalesce(r.model, devices.model),
      serial = coalesce(r.serial, devices.serial), firmware = coalesce(r.firmware, devices.firmware),
      profile = coalesce(r.profile, devices.profile)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, vendor text, model text, serial text,
      firmware text, profile text)
    where devices.id = r.id`.execute(trx);
}

async function interfacesOf(trx: Transaction<Database>, ids: readonly DeviceId[]) {
  const rows = await trx
    .selectFrom('interfaces')
    .select(['device_id', 'id', 'name', 'mac', 'seen', 'description', 'if_index', 'if_type', 'speed_bps'])
    .where('device_id', 'in', ids)
    .execute();
  return Map.groupBy(rows, (row) => row.device_id);
}

type InterfaceRow = NonNullable<ReturnType<Awaited<ReturnType<typeof interfacesOf>>['get']>>[number];
type ShownInterface = Omit<InterfaceRow, 'seen'>;

/** Returns whether one was renamed. */
async function writeInterfaces(trx: Transaction<Database>, all: readonly DeviceFacts[]): Promise<boolean> {
  const known = await interfacesOf(
    trx,
    all.map((facts) => facts.deviceId),
  );
  const created: ShownInterface[] = [];
  const updated: ShownInterface[] = [];
  const renamed: InterfaceId[] = [];
  const gone: InterfaceId[] = [];
  for (const facts of all) {
    const own = known.get(facts.deviceId) ?? [];
    const byId = new Map(own.map((one) => [one.id, one]));
    const cleaned = facts.interfaces.map((one) => ({
      ...one,
      name: clean(one.name, 120),
      alias: clean(one.alias, 255),
    }));
    const matches = matchInterfaces(own, cleaned);
    for (const { facts: shown, id } of matches.shown) {
      const old = id === null ? undefined : byId.get(id);
      const row: ShownInterface = {
        device_id: facts.deviceId,
        id: id ?? newId<InterfaceId>(),
        name: shown.name,
        description: shown.alias === '' ? (old?.description ?? '') : shown.alias,
        mac: shown.mac === '' ? (old?.mac ?? '') : shown.mac,
        if_index: shown.ifIndex,
        if_type: shown.ifType,
        speed_bps: shown.speedBps ?? old?.speed_bps ?? null,
      };
      if (old === undefined) created.push(row);
      else {
        if (!isSame(old, row)) updated.push(row);
        if (old.name !== row.name) renamed.push(old.id);
      }
    }
    gone.push(...matches.vanished.filter((id) => byId.get(id)?.seen === true || byId.get(id)?.if_index !== null));
  }
  if (gone.length > 0) {
    await sql`update interfaces set seen = false, if_index = null where id = any(${gone}::uuid[])`.execute(trx);
  }
  if (renamed.length > 0) {
    // Two interfaces may swap names: they step aside first, since the unique key is checked row by row.
    await sql`update interfaces set name = 'renaming ' || id::text where id = any(${renamed}::uuid[])`.execute(trx);
  }
  if (updated.length > 0) {
    await sql`update interfaces set name = r.name, description = r.description, mac = r.mac, if_index = r.if_index,
        if_type = r.if_type, speed_bps = r.speed_bps, seen = true
      from jsonb_to_recordset(${JSON.stringify(updated)}::jsonb) as r(id uuid, name text, description text, mac text,
        if_index int, if_type int, speed_bps float8)
      where interfaces.id = r.id`.execute(trx);
  }
  if (created.length > 0) {
    await sql`insert into interfaces (id, device_id, name, description, mac, if_index, if_type, speed_bps, seen)
      select r.id, r.device_id, r.name, r.description, r.mac, r.if_index, r.if_type, r.speed_bps, true
      from jsonb_to_recordset(${JSON.stringify(created)}::jsonb) as r(id uuid, device_id uuid, name text,
        description text, mac text, if_index int, if_type int, speed_bps float8)`.execute(trx);
  }
  return renamed.length > 0;
}

function isSame(old: InterfaceRow, row: ShownInterface): boolean {
  return (
    old.seen &&
    old.name === row.name &&
    old.description === row.description &&
    old.mac === row.mac &&
    old.if_index === row.if_index &&
    old.if_type === row.if_type &&
    old.speed_bps === row.speed_bps
  );
}

async function keepFacts(trx: Transaction<Database>, all: readonly DeviceFacts[]): Promise<void> {
  const rows = JSON.stringify(
    all.map((facts) => ({ id: facts.deviceId, at: new Date(facts.at), facts })),
    (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value),
  );
  await sql`insert into device_facts (device_id, at, facts)
    select r.id, r.at, r.facts from jsonb_to_recordset(${rows}::jsonb) as r(id uuid, at timestamptz, facts jsonb)
    on conflict (device_id) do update set at = excluded.at, facts = excluded.facts`.execute(trx);
}

/** Text of a device as PostgreSQL and our columns take it. */
function clean(text: string, longest: number): string {
  return storable(text.slice(0, longest));
}

/** jsonb takes neither NUL nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
