import { sql, type Kysely, type SqlBool } from 'kysely';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { keyKind } from '../../database/collection/collection.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import { inKey, type IntentDocument, type IntentFragment } from '../../domain/intent.ts';
import type { Said } from '../../domain/rollout.ts';
import type { NamedSecrets } from '../drivers/driver.ts';
import { findDevice, noIntent, noVersion, type ManagedDevice } from './managed-device.ts';
import { maskedDocument } from './masked.ts';

/** One device's intent, and how far the device is from it. Moments are milliseconds since the epoch. */
export interface IntentState {
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly siteId: SiteId;
  readonly siteName: string;
  readonly regionCode: string;
  /** What it should be; null when it was released. */
  readonly staged: {
    readonly version: string;
    readonly at: number;
    readonly by: string;
    readonly managedBy: string;
  } | null;
  /** What it was read back as last. */
  readonly confirmed: { readonly version: string; readonly at: number } | null;
  /** What differs on the device from what was confirmed, by the last look. */
  readonly drift: readonly ConfigurationStep[];
  readonly lookedAt: number | null;
  readonly lookError: Said | null;
}

export interface IntentVersion {
  readonly version: string;
  readonly at: number;
  readonly by: string;
  readonly managedBy: string;
}

export const intentStates = ['right', 'pending', 'drifted', 'released'] as const;
/** `pending`: staged and not on the device yet. */
export type IntentStateName = (typeof intentStates)[number];

const read = 'provisioning.read';
const write = 'provisioning.write';

/** What is kept of devices' intent, for who asks. */
export class IntentReader {
  readonly #db: Kysely<Database>;
  readonly #withSecrets: (document: IntentDocument) => IntentDocument;

  constructor(options: {
    readonly db: Kysely<Database>;
    /** Calls all secret that is known to be so now; versions are shown as they were kept without it. */
    readonly withSecrets?: (document: IntentDocument) => IntentDocument;
  }) {
    this.#db = options.db;
    this.#withSecrets = options.withSecrets ?? ((document) => document);
  }

  /**
   * Fragments that were found on a device, with all that any document of it has called secret: a driver knows of no
   * secret that only a person named.
   */
  async withNamedSecrets(deviceId: DeviceId, found: readonly IntentFragment[]): Promise<readonly IntentFragment[]> {
    const named = await this.namedSecrets(deviceId);
    return found.map((one, at) => {
      const said = [...(named.get(one.subject) ?? [])];
      // Of a command line, a property may be found under more or fewer of its words.
      const isNamed = (name: string): boolean =>
        said.some((other) => name === other || name.startsWith(`${other}.`) || other.startsWith(`${name}.`));
      const secret = [...new Set([...one.secret, ...Object.keys(one.values).filter(isNamed)])];
      // A key that a driver has made of what names the entry would tell it.
      const made = `${writtenInKey(one.subject)}.`;
      const isTold =
        one.key.startsWith(made) && secret.some((name) => one.key.includes(writtenInKey(one.values[name] ?? '')));
      return { ...one, key: isTold ? `${made}${at + 1}` : one.key, secret };
    });
  }

  /** All that any document of a device has called secret. */
  async namedSecrets(deviceId: DeviceId): Promise<NamedSecrets> {
    const { rows } = await sql<{ subject: string; name: string }>`
      select distinct fragment ->> 'subject' as subject, name
      from intent_versions, jsonb_array_elements(masked -> 'fragments') fragment,
        jsonb_array_elements_text(fragment -> 'secret') name
      where device_id = ${deviceId}`.execute(this.#db);
    return new Map(
      [...Map.groupBy(rows, ({ subject }) => subject)].map(([subject, named]) => [
        subject,
        new Set(named.map(({ name }) => name)),
      ]),
    );
  }

  async list(
    access: Access,
    request: {
      readonly state?: IntentStateName | undefined;
      readonly region?: string | undefined;
      /** Only devices of which this owner says something, or one whose name begins with this and a blank. */
      readonly program?: string | undefined;
      readonly page?: PageRequest;
    } = {},
  ): Promise<Page<IntentState>> {
    let query = selectStates(this.#db).where(withinScope('regions.code', scopeFor(access, read)));
    if (request.region !== undefined)
      query = query.where(withinScope('regions.code', { regionCodes: [request.region] }));
    if (request.state !== undefined) query = query.where(stateIs[request.state]);
    if (request.program !== undefined) query = query.where(saidBy(request.program));
    const sort = { name: 'device', by: sql.ref('devices.name'), type: 'text' } as const;
    const page = await readPage(query, { id: sql.ref('devices.id'), sort, page: request.page ?? {} });
    return { items: page.items.map(stateOf), next: page.next };
  }

  /** Throws `device.not-found`, and `intent.none` where the device was never managed. */
  async get(access: Access, key: string): Promise<IntentState> {
    const row = await selectStates(this.#db)
      .where(keyKind(key) === 'id' ? 'devices.id' : 'devices.name', '=', key as DeviceId)
      .where(withinScope('regions.code', scopeFor(access, read)))
      .executeTakeFirst();
    if (row !== undefined) return stateOf(row);
    const device = await this.device(access, key);
    throw noIntent(device.name);
  }

  /** Every version that was staged for the device, the newest first. */
  async versions(access: Access, key: string): Promise<readonly IntentVersion[]> {
    const device = await this.device(access, key);
    const rows = await this.#db
      .selectFrom('intent_versions')
      .select(['version', 'created_at', 'created_by', 'managed_by'])
      .where('device_id', '=', device.id)
      .orderBy('id', 'desc')
      .limit(500)
      .execute();
    return rows.map((row) => ({
      version: row.version,
      at: row.created_at.getTime(),
      by: row.created_by,
      managedBy: row.managed_by,
    }));
  }

  /** The version that was staged for the device before this one; null where none was. Throws `device.not-found`. */
  async before(access: Access, key: string, version: string): Promise<string | null> {
    const { id } = await this.device(access, key);
    const row = await this.#db
      .selectFrom('intent_versions')
      .select('version')
      .where('device_id', '=', id)
      .where('id', '<', ({ selectFrom }) =>
        selectFrom('intent_versions').select('id').where('device_id', '=', id).where('version', '=', version),
      )
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.version ?? null;
  }

  /** A version without its secrets. Throws `intent.no-version`. */
  async masked(access: Access, key: string, version: string): Promise<IntentDocument> {
    const device = await this.device(access, key);
    const row = await this.#db
      .selectFrom('intent_versions')
      .select('masked')
      .where('device_id', '=', device.id)
      .where('version', '=', version)
      .executeTakeFirst();
    if (row === undefined) throw noVersion(device.name, version);
    return maskedDocument(this.#withSecrets(row.masked));
  }

  /** Those of these devices that are managed and that one may configure, by name. */
  async configurable(access: Access, keys: readonly string[]): Promise<readonly IntentState[]> {
    const rows = await selectStates(this.#db)
      .where(sql<SqlBool>`(devices.id::text = any(${[...keys]}::text[]) or devices.name = any(${[...keys]}::text[]))`)
      .where(withinScope('regions.code', scopeFor(access, write)))
      .orderBy('devices.name')
      .execute();
    return rows.map(stateOf);
  }

  /** Throws `device.not-found`. */
  device(access: Access, key: string): Promise<ManagedDevice> {
    return findDevice(this.#db, access, key, read);
  }

  /**
   * One on which a session may be opened for who asks: that signs in to it, and is for who may configure it. Throws
   * `device.not-found`, `inventory.outside-regions`.
   */
  configurableDevice(access: Access, key: string): Promise<ManagedDevice> {
    return findDevice(this.#db, access, key, write);
  }
}

const drifted = sql<SqlBool>`device_intents.drift <> '[]'::jsonb`;
const pending = sql<SqlBool>`device_intents.staged is distinct from device_intents.confirmed`;
const released = sql<SqlBool>`device_intents.staged is null`;
const stateIs = {
  released,
  pending: sql<SqlBool>`(${pending} and not ${released})`,
  drifted: sql<SqlBool>`(${drifted} and not ${released})`,
  right: sql<SqlBool>`not (${pending} or ${drifted})`,
} as const;

function saidBy(program: string) {
  return sql<SqlBool>`exists (select 1 from intent_parts where intent_parts.device_id = devices.id
    and (intent_parts.managed_by = ${program} or starts_with(intent_parts.managed_by, ${`${program} `})))`;
}

function selectStates(db: Kysely<Database>) {
  return db
    .selectFrom('device_intents')
    .innerJoin('devices', 'devices.id', 'device_intents.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .leftJoin('intent_versions', (join) =>
      join
        .onRef('intent_versions.device_id', '=', 'device_intents.device_id')
        .onRef('intent_versions.version', '=', 'device_intents.staged'),
    )
    .select([
      'devices.id as id',
      'devices.name as deviceName',
      'sites.id as siteId',
      'sites.name as siteName',
      'regions.code as regionCode',
      'device_intents.staged as staged',
      'device_intents.staged_at as stagedAt',
      'intent_versions.created_by as by',
      'intent_versions.managed_by as managedBy',
      'device_intents.confirmed as confirmed',
      'device_intents.confirmed_at as confirmedAt',
      'device_intents.drift as drift',
      'device_intents.looked_at as lookedAt',
      'device_intents.look_error as lookError',
    ]);
}

type StateRow = Awaited<ReturnType<ReturnType<typeof selectStates>['executeTakeFirstOrThrow']>>;

function stateOf(row: StateRow): IntentState {
  const { id, staged, stagedAt, by, managedBy, confirmed, confirmedAt, lookedAt, ...rest } = row;
  return {
    ...rest,
    deviceId: id,
    staged:
      staged === null
        ? null
        : { version: staged, at: stagedAt?.getTime() ?? 0, by: by ?? '', managedBy: managedBy ?? '' },
    confirmed: confirmed === null ? null : { version: confirmed, at: confirmedAt?.getTime() ?? 0 },
    lookedAt: lookedAt?.getTime() ?? null,
  };
}

/** As drivers write a text into a key; of none, what no key holds. */
function writtenInKey(text: string): string {
  const word = inKey(text).replace(/^-+/, '').slice(0, 58).replace(/-$/, '');
  return word === '' ? '#' : word;
}
