import { sql, type Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { CredentialKind } from '../../domain/device.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { templateOwner } from '../../domain/template.ts';
import { isOfTemplates, ownKeysOf, type IntentPart, type PartFragment, type Sealer } from '../intent/intent-parts.ts';
import { standsOf, type Stand } from '../places/stands.ts';
import { changedTemplates, resolveTemplates, usedOf, type HeldFragment, type UsedTemplates } from './resolve.ts';
import { contentsOf, loadTemplates, type LoadedTemplate } from './template-rows.ts';

/** Who configures what a credential of this kind opens; null where nobody does. */
export type DriverOfCredential = (kind: CredentialKind) => string | null;

/** What templates say of devices: one more part of their intent, made anew whenever they are staged. */
export class TemplateResolver {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  readonly #nameOf: (text: string) => string;
  readonly #driverOf: DriverOfCredential;
  /** By the transaction that asked: who stages hundreds of devices in one reads them once. */
  readonly #loaded = new WeakMap<Kysely<Database>, Promise<readonly LoadedTemplate[]>>();

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    /** Names a text that holds secrets. */
    readonly nameOf: (text: string) => string;
    readonly driverOf: DriverOfCredential;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#nameOf = options.nameOf;
    this.#driverOf = options.driverOf;
  }

  /**
   * What templates say of devices now; nothing of those of which none ever did. A part without fragments takes back what
   * templates said.
   * @param said what is said of each, that of templates among it where there is some.
   */
  async partsOf(
    db: Kysely<Database>,
    said: ReadonlyMap<DeviceId, readonly IntentPart[]>,
  ): Promise<ReadonlyMap<DeviceId, IntentPart>> {
    const templates = await this.#templatesWithin(db);
    const concerned = [...said].filter(([, parts]) => templates.length > 0 || parts.some(isOfTemplates));
    const found = new Map<DeviceId, IntentPart>();
    if (concerned.length === 0) return found;
    const silent = concerned.flatMap(([deviceId, parts]) => (parts.length === 0 ? [deviceId] : []));
    const byCredential = await this.#credentialDrivers(db, silent);
    const ids = concerned.map(([deviceId]) => deviceId);
    const stands = new Map((await standsOf(db, ids)).map((stand) => [stand.deviceId, stand]));
    for (const [deviceId, parts] of concerned) {
      const before = parts.find(isOfTemplates) ?? null;
      const own = parts.find((part) => !isOfTemplates(part));
      const driver = own?.driver ?? before?.driver ?? byCredential.get(deviceId) ?? null;
      if (driver === null) continue;
      const stand = stands.get(deviceId);
      if (stand === undefined) throw new TypeError(`${deviceId} is no device`);
      const part = templatePart(resolveTemplates(templates, stand, driver), { driver, before });
      if (part !== null) found.set(deviceId, part);
    }
    return found;
  }

  #templatesWithin(db: Kysely<Database>): Promise<readonly LoadedTemplate[]> {
    const known = this.#loaded.get(db);
    if (known !== undefined) return known;
    const templates = loadTemplates(db, this.#sealer);
    if (db.isTransaction) this.#loaded.set(db, templates);
    return templates;
  }

  /** Keeps what the staged versions of devices have of templates, to tell later that they would be others. */
  async keep(db: Kysely<Database>, said: ReadonlyMap<DeviceId, readonly IntentPart[]>): Promise<void> {
    const rows = [...said].flatMap(([deviceId, parts]) => {
      const part = parts.find(isOfTemplates);
      return part === undefined ? [] : [{ device_id: deviceId, ...this.#rowOf(part, ownKeysOf(parts)) }];
    });
    const kept = new Set(rows.map(({ device_id: id }) => id));
    const gone = [...said.keys()].filter((id) => !kept.has(id));
    if (gone.length > 0) await db.deleteFrom('device_templates').where('device_id', 'in', gone).execute();
    if (rows.length === 0) return;
    await db
      .insertInto('device_templates')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('device_id').doUpdateSet(({ ref }) => ({
          own_keys: ref('excluded.own_keys'),
          used: ref('excluded.used'),
        })),
      )
      .execute();
  }

  #rowOf(part: IntentPart, ownKeys: ReadonlySet<string>): { readonly own_keys: string; readonly used: string } {
    const contents = new Map(contentsOf(part.fragments, this.#nameOf));
    const held = part.fragments.map(({ key, from }) => ({
      key,
      content: contents.get(key) ?? '',
      template: { name: from?.template ?? '' },
    }));
    return {
      own_keys: JSON.stringify([...ownKeys].sort()),
      used: JSON.stringify(usedOf(held, ownKeys, this.#nameOf)),
    };
  }

  /** Of each device whose staged version would be another one now: the templates that say something else, by name. */
  async stale(deviceIds: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, readonly string[]>> {
    const found = new Map<DeviceId, readonly string[]>();
    if (deviceIds.length === 0) return found;
    const templates = await loadTemplates(this.#db, this.#sealer);
    const staged = await this.#staged(deviceIds, templates.length > 0);
    if (staged.length === 0) return found;
    const stands = new Map<DeviceId, Stand>();
    for (const stand of await standsOf(this.#db, staged.map(({ deviceId }) => deviceId))) {
      if (stand.deviceId !== null) stands.set(stand.deviceId, stand);
    } // prettier-ignore
    for (const { deviceId, driver, keys, used } of staged) {
      const stand = stands.get(deviceId);
      if (stand === undefined) continue;
      const now = usedOf(resolveTemplates(templates, stand, driver), new Set(keys), this.#nameOf);
      const changed = changedTemplates(used, now);
      if (changed.length > 0) found.set(deviceId, changed);
    }
    return found;
  }

  /** Staged devices with the keys that their own owners say; without a row of templates that is all that is staged. */
  async #staged(
    deviceIds: readonly DeviceId[],
    withoutRow: boolean,
  ): Promise<
    readonly {
      readonly deviceId: DeviceId;
      readonly driver: string;
      readonly keys: readonly string[];
      readonly used: UsedTemplates;
    }[]
  > {
    let query = this.#db
      .selectFrom('device_intents')
      .innerJoin('intent_versions', (join) =>
        join
          .onRef('intent_versions.device_id', '=', 'device_intents.device_id')
          .onRef('intent_versions.version', '=', 'device_intents.staged'),
      )
      .leftJoin('device_templates', 'device_templates.device_id', 'device_intents.device_id')
      .select([
        'device_intents.device_id as deviceId',
        'intent_versions.driver',
        'device_templates.used as used',
        sql<
          readonly string[]
        >`coalesce(device_templates.own_keys, jsonb_path_query_array(intent_versions.masked, '$.fragments[*].key'))`.as(
          'keys',
        ),
      ])
      .where('device_intents.device_id', 'in', [...deviceIds]);
    if (!withoutRow) query = query.where('device_templates.device_id', 'is not', null);
    const rows = await query.execute();
    return rows.map((row) => ({ ...row, used: row.used ?? [] }));
  }

  async #credentialDrivers(
    db: Kysely<Database>,
    deviceIds: readonly DeviceId[],
  ): Promise<ReadonlyMap<DeviceId, string | null>> {
    if (deviceIds.length === 0) return new Map();
    const rows = await db
      .selectFrom('devices')
      .innerJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .select(['devices.id', 'credentials.kind'])
      .where('devices.id', 'in', [...deviceIds])
      .execute();
    return new Map(rows.map(({ id, kind }) => [id, this.#driverOf(kind)]));
  }
}

/** The part of a device's intent that templates are; null where they say nothing and said nothing before. */
export function templatePart(
  held: readonly HeldFragment<LoadedTemplate>[],
  { driver, before }: { readonly driver: string; readonly before: IntentPart | null },
): IntentPart | null {
  if (held.length === 0 && before === null) return null;
  const opened = new Map<string, ReadonlyMap<string, PartFragment>>();
  const fragmentsOf = (template: LoadedTemplate): ReadonlyMap<string, PartFragment> => {
    const known = opened.get(template.name) ?? new Map(template.fragments().map((one) => [one.key, one]));
    opened.set(template.name, known);
    return known;
  };
  const fragments = held.flatMap(({ key, template, place, hides }): readonly PartFragment[] => {
    const fragment = fragmentsOf(template).get(key);
    return fragment === undefined ? [] : [{ ...fragment, from: { template: template.name, place }, hides }];
  });
  return { managedBy: templateOwner, driver, fragments };
}
