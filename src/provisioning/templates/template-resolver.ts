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
   * What templates say of a device now; null where none ever did. A part without fragments takes back what templates said.
   * @param parts what is said of it, that of templates among them where there is one.
   */
  async partOf(db: Kysely<Database>, deviceId: DeviceId, parts: readonly IntentPart[]): Promise<IntentPart | null> {
    const before = parts.find(isOfTemplates) ?? null;
    const templates = await this.#templatesWithin(db);
    if (templates.length === 0 && before === null) return null;
    const own = parts.find((part) => !isOfTemplates(part));
    const driver = own?.driver ?? before?.driver ?? (await this.#credentialDriver(db, deviceId));
    if (driver === null) return null;
    const [stand] = await standsOf(db, [deviceId]);
    if (stand === undefined) throw new TypeError(`${deviceId} is no device`);
    return templatePart(resolveTemplates(templates, stand, driver), { driver, before });
  }

  #templatesWithin(db: Kysely<Database>): Promise<readonly LoadedTemplate[]> {
    const known = this.#loaded.get(db);
    if (known !== undefined) return known;
    const templates = loadTemplates(db, this.#sealer);
    if (db.isTransaction) this.#loaded.set(db, templates);
    return templates;
  }

  /** Keeps what the staged version of a device has of templates, to tell later that it would be another one. */
  async keep(db: Kysely<Database>, deviceId: DeviceId, parts: readonly IntentPart[]): Promise<void> {
    const part = parts.find(isOfTemplates);
    if (part === undefined) {
      await db.deleteFrom('device_templates').where('device_id', '=', deviceId).execute();
      return;
    }
    const ownKeys = ownKeysOf(parts);
    const contents = new Map(contentsOf(part.fragments, this.#nameOf));
    const held = part.fragments.map(({ key, from }) => ({
      key,
      content: contents.get(key) ?? '',
      template: { name: from?.template ?? '' },
    }));
    const row = {
      own_keys: JSON.stringify([...ownKeys].sort()),
      used: JSON.stringify(usedOf(held, ownKeys, this.#nameOf)),
    };
    await db
      .insertInto('device_templates')
      .values({ device_id: deviceId, ...row })
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
      .execute();
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

  async #credentialDriver(db: Kysely<Database>, deviceId: DeviceId): Promise<string | null> {
    const row = await db
      .selectFrom('devices')
      .innerJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .select('credentials.kind')
      .where('devices.id', '=', deviceId)
      .executeTakeFirst();
    return row === undefined ? null : this.#driverOf(row.kind);
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
