import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import { systemAccess } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type DeviceId, type InterfaceId, type SiteId } from '../domain/ids.ts';
import type { DeviceFacts, FactsSink, PollTarget } from '../domain/plan.ts';
import type { Change, Changes } from './changes.ts';
import { matchInterfaces, type KnownInterface } from './interface-identity.ts';
import type { Targets } from './targets.ts';

/** What identification changed of a device, for the journal of events. */
export interface FactsChange {
  readonly key: 'device.identified' | 'device.changed';
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly siteId: SiteId;
  readonly regionCode: string;
  readonly at: number;
  /** For `device.identified`: profile, model, firmware. For `device.changed`: attribute, from, to. */
  readonly arguments: Readonly<Record<string, string>>;
}

const discovery = systemAccess('discovery');
const identity = ['vendor', 'model', 'serial', 'firmware', 'profile'] as const;

/**
 * Keeps what devices say of themselves. Words of a person win: a field that somebody filled in with something else than
 * the device last said stays as it is. Facts are observations, not changes that somebody made: they become events, and
 * stay out of the audit log.
 */
export class FactsStore implements FactsSink {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #targets: Targets;
  readonly #logger: Logger;
  readonly #listeners = new Set<(change: FactsChange) => void>();

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly targets: Targets;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#targets = options.targets;
    this.#logger = options.logger;
  }

  onFactsChanged(listener: (change: FactsChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What a device said last; null before its first identification. */
  async lastFacts(deviceId: DeviceId): Promise<DeviceFacts | null> {
    const row = await this.#db
      .selectFrom('device_facts')
      .select('facts')
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    return row?.facts ?? null;
  }

  async record(facts: DeviceFacts): Promise<PollTarget> {
    const told = await this.#keep(facts);
    const target = told === null ? null : await this.#targets.target(facts.deviceId);
    if (told === null || target === null) {
      throw new ArungError(
        'not-found',
        `The device ${facts.deviceId} is no longer in the inventory, or nothing reads it.`,
        {
          code: 'device.not-found',
          arguments: { key: facts.deviceId },
        },
      );
    }
    this.#tell(facts, told);
    return target;
  }

  async #keep(facts: DeviceFacts): Promise<Told | null> {
    return this.#changes.run(discovery, undefined, async (change) => {
      // What a crash takes away here, the next identification brings back.
      await sql`set local synchronous_commit = off`.execute(change.trx);
      const before = await deviceOf(change, facts.deviceId);
      if (before === undefined) return null;
      const last = await lastFactsOf(change, facts.deviceId);
      const changed = await writeIdentity(change, before, facts, last);
      await writeInterfaces(change, facts);
      const text = JSON.stringify(facts, (_key, value: unknown) =>
        typeof value === 'string' ? storable(value) : value,
      );
      await change.trx
        .insertInto('device_facts')
        .values({ device_id: facts.deviceId, at: new Date(facts.at), facts: text })
        .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ at: new Date(facts.at), facts: text }))
        .execute();
      return { before, first: last === null, changed };
    });
  }

  #tell(facts: DeviceFacts, told: Told): void {
    const { before } = told;
    const about = {
      deviceId: facts.deviceId,
      deviceName: before.name,
      siteId: before.siteId,
      regionCode: before.regionCode,
      at: facts.at,
    };
    const changes: FactsChange[] = told.first
      ? [
          {
            ...about,
            key: 'device.identified',
            arguments: { profile: facts.profile, model: facts.model, firmware: facts.firmware },
          },
        ]
      : told.changed.map((changed) => ({ ...about, key: 'device.changed', arguments: changed }));
    for (const change of changes) {
      for (const listener of this.#listeners) {
        try {
          listener(change);
        } catch (error) {
          this.#logger.error(error, 'a listener to facts failed');
        }
      }
    }
  }
}

interface Told {
  readonly before: DeviceRow;
  readonly first: boolean;
  readonly changed: readonly { readonly attribute: string; readonly from: string; readonly to: string }[];
}

type DeviceRow = Awaited<ReturnType<typeof deviceOf>> & object;

async function deviceOf(change: Change, deviceId: DeviceId) {
  return change.trx
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select([
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
    .where('devices.id', '=', deviceId)
    .forUpdate('devices')
    .executeTakeFirst();
}

async function lastFactsOf(change: Change, deviceId: DeviceId): Promise<DeviceFacts | null> {
  const row = await change.trx
    .selectFrom('device_facts')
    .select('facts')
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return row?.facts ?? null;
}

/** Takes over what nobody but the device has said; returns what differs from what it said before. */
async function writeIdentity(change: Change, before: DeviceRow, facts: DeviceFacts, last: DeviceFacts | null) {
  const fields: Partial<Record<(typeof identity)[number], string>> = {};
  const changed: { attribute: string; from: string; to: string }[] = [];
  for (const field of identity) {
    const said = clean(facts[field], field === 'serial' || field === 'vendor' ? 80 : 120);
    if (said === '') continue;
    if (last !== null && last[field] !== facts[field]) {
      changed.push({ attribute: field, from: last[field], to: said });
    }
    // The serial number of a device that speaks MQTT names its topics.
    if (field === 'serial' && before.protocol === 'mqtt') continue;
    const kept = before[field] ?? '';
    const ours = kept === '' || field === 'profile' || field === 'firmware' || kept === clean(last?.[field] ?? '', 120);
    if (ours && kept !== said) fields[field] = said;
  }
  if (Object.keys(fields).length > 0) {
    await change.trx.updateTable('devices').set(fields).where('id', '=', facts.deviceId).execute();
  }
  return changed;
}

async function writeInterfaces(change: Change, facts: DeviceFacts): Promise<void> {
  const { trx } = change;
  const known = await trx
    .selectFrom('interfaces')
    .select(['id', 'name', 'mac', 'seen', 'description', 'if_index', 'if_type', 'speed_bps'])
    .where('device_id', '=', facts.deviceId)
    .execute();
  const byId = new Map<InterfaceId, (typeof known)[number]>(known.map((one) => [one.id, one]));
  const cleaned = facts.interfaces.map((one) => ({ ...one, name: clean(one.name, 120), alias: clean(one.alias, 255) }));
  const matches = matchInterfaces(known satisfies readonly KnownInterface[], cleaned);

  const created = [];
  const updated = [];
  for (const { facts: shown, id } of matches.shown) {
    const old = id === null ? undefined : byId.get(id);
    const row = {
      id: id ?? newId<InterfaceId>(),
      name: shown.name,
      description: shown.alias === '' ? (old?.description ?? '') : shown.alias,
      mac: shown.mac === '' ? (old?.mac ?? '') : shown.mac,
      if_index: shown.ifIndex,
      if_type: shown.ifType,
      speed_bps: shown.speedBps ?? old?.speed_bps ?? null,
    };
    if (old === undefined) {
      created.push(row);
      continue;
    }
    const same =
      old.seen &&
      old.name === row.name &&
      old.description === row.description &&
      old.mac === row.mac &&
      old.if_index === row.if_index &&
      old.if_type === row.if_type &&
      old.speed_bps === row.speed_bps;
    if (!same) updated.push(row);
    // The names of interfaces that carry links are part of the topology.
    if (old.name !== row.name) change.touch();
  }
  const gone = matches.vanished.filter((id) => byId.get(id)?.seen === true || byId.get(id)?.if_index !== null);
  if (gone.length > 0) {
    await trx.updateTable('interfaces').set({ seen: false, if_index: null }).where('id', 'in', gone).execute();
  }
  if (updated.length > 0) {
    // Two interfaces may swap names: they step aside first, since the unique key is checked row by row.
    const renamed = updated.filter((row) => byId.get(row.id)?.name !== row.name).map((row) => row.id);
    if (renamed.length > 0) {
      await trx
        .updateTable('interfaces')
        .set({ name: sql`'renaming ' || id::text` })
        .where('id', 'in', renamed)
        .execute();
    }
    await sql`update interfaces set name = r.name, description = r.description, mac = r.mac, if_index = r.if_index,
        if_type = r.if_type, speed_bps = r.speed_bps, seen = true
      from jsonb_to_recordset(${JSON.stringify(updated)}::jsonb) as r(id uuid, name text, description text, mac text,
        if_index int, if_type int, speed_bps float8)
      where interfaces.id = r.id`.execute(trx);
  }
  if (created.length > 0) {
    await sql`insert into interfaces (id, device_id, name, description, mac, if_index, if_type, speed_bps, seen)
      select r.id, ${facts.deviceId}::uuid, r.name, r.description, r.mac, r.if_index, r.if_type, r.speed_bps, true
      from jsonb_to_recordset(${JSON.stringify(created)}::jsonb) as r(id uuid, name text, description text, mac text,
        if_index int, if_type int, speed_bps float8)`.execute(trx);
  }
}

/** Text of a device as PostgreSQL and our columns take it. */
function clean(text: string, longest: number): string {
  return storable(text.slice(0, longest));
}

/** jsonb takes neither NUL nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
