import { sql, type Kysely, type SqlBool } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import { keyKind } from '../../database/collection/collection.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import { byNearness } from '../../domain/place.ts';
import type { ResolvedVariable } from '../../domain/variable.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import { findDevice } from '../intent/managed-device.ts';
import { codesAbove, holdsAt, standsOf, type Stand } from '../places/stands.ts';
import { fillVariables, variablesIn, type Filled, type VariableValue } from './fill.ts';
import { placeOf, selectVariables, type VariableRow } from './variable-rows.ts';

const read = 'provisioning.read';

/** Which value a variable has where a device stands: the nearest place that says one. */
export class VariableResolver {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  /** Names a text that holds secrets. */
  readonly #nameOf: (text: string) => string;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    readonly nameOf: (text: string) => string;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#nameOf = options.nameOf;
  }

  /** All that hold for a device or a site, by name. Throws `device.not-found`, `site.not-found`. */
  async resolved(
    access: Access,
    of: { readonly device: string } | { readonly site: string },
  ): Promise<readonly ResolvedVariable[]> {
    const stand = 'device' in of ? await this.#deviceStand(access, of.device) : await this.#siteStand(access, of.site);
    const rows = await this.#holding(this.#db, [stand]);
    const holding = rows.filter((row) => holdsAt(row, stand));
    return [...Map.groupBy(holding, ({ name }) => name)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, found]) => {
        const [nearest, ...farther] = sorted(found);
        if (nearest === undefined) return [];
        return [
          {
            name,
            value: nearest.value,
            secret: nearest.sealed !== null,
            from: placeOf(nearest),
            hides: farther.map(placeOf),
          },
        ];
      });
  }

  /** Documents with the values that hold for their devices. Throws `variable.missing`. */
  async fill(
    db: Kysely<Database>,
    documents: ReadonlyMap<DeviceId, IntentDocument>,
  ): Promise<ReadonlyMap<DeviceId, Filled>> {
    const asking = [...documents].filter(([, document]) => variablesIn(document).length > 0);
    const names = [...new Set(asking.flatMap(([, document]) => variablesIn(document)))];
    const stands = names.length === 0 ? [] : await standsOf(db, asking.map(([deviceId]) => deviceId)); // prettier-ignore
    const rows = names.length === 0 ? [] : await this.#holding(db, stands, names);
    const byDevice = new Map(stands.map((stand) => [stand.deviceId, stand]));
    const valuesFor = this.#values(rows);
    const filled = new Map<DeviceId, Filled>();
    for (const [deviceId, document] of documents) {
      if (variablesIn(document).length === 0) {
        filled.set(deviceId, { document, used: new Map() });
        continue;
      }
      const stand = byDevice.get(deviceId);
      if (stand === undefined) throw new TypeError(`${deviceId} is no device`);
      filled.set(deviceId, fillVariables(document, valuesFor(stand), stand.deviceName));
    }
    return filled;
  }

  /** Which values these variables have for each of several devices, to fill their documents with (`fillVariables`). */
  async valuesOf(
    deviceIds: readonly DeviceId[],
    names: readonly string[],
  ): Promise<ReadonlyMap<DeviceId, ReadonlyMap<string, VariableValue>>> {
    const found = new Map<DeviceId, ReadonlyMap<string, VariableValue>>();
    if (deviceIds.length === 0 || names.length === 0) return found;
    const stands = await standsOf(this.#db, deviceIds);
    const rows = await this.#holding(this.#db, stands, names);
    const valuesFor = this.#values(rows);
    for (const stand of stands) if (stand.deviceId !== null) found.set(stand.deviceId, valuesFor(stand));
    return found;
  }

  /** Keeps what versions were filled with, to tell later that they would be others. */
  async keep(
    db: Kysely<Database>,
    versions: readonly ({ readonly deviceId: DeviceId; readonly version: string } & Pick<Filled, 'used'>)[],
  ): Promise<void> {
    const rows = versions.flatMap(({ deviceId, version, used }) =>
      [...used].map(([name, value]) => ({ device_id: deviceId, version, name, content: this.#nameOf(value) })),
    );
    if (rows.length === 0) return;
    await db
      .insertInto('intent_variables')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['device_id', 'version', 'name']).doNothing())
      .execute();
  }

  /** Of each device whose staged version would be another one now: the variables that are otherwise, by name. */
  async stale(deviceIds: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, readonly string[]>> {
    if (deviceIds.length === 0) return new Map();
    const used = await this.#db
      .selectFrom('intent_variables')
      .innerJoin('device_intents', (join) =>
        join
          .onRef('device_intents.device_id', '=', 'intent_variables.device_id')
          .onRef('device_intents.staged', '=', 'intent_variables.version'),
      )
      .select(['intent_variables.device_id as deviceId', 'intent_variables.name', 'intent_variables.content'])
      .where('intent_variables.device_id', 'in', [...deviceIds])
      .orderBy('intent_variables.name')
      .execute();
    const byDevice = Map.groupBy(used, ({ deviceId }) => deviceId);
    if (byDevice.size === 0) return new Map();
    const stands = await standsOf(this.#db, [...byDevice.keys()]);
    const rows = await this.#holding(this.#db, stands, [...new Set(used.map(({ name }) => name))]);
    const valuesFor = this.#values(rows);
    const found = new Map<DeviceId, readonly string[]>();
    for (const stand of stands) {
      if (stand.deviceId === null) continue;
      const values = valuesFor(stand);
      const changed = (byDevice.get(stand.deviceId) ?? []).filter(({ name, content }) => {
        const value = values.get(name);
        return value === undefined || this.#nameOf(value.value) !== content;
      });
      if (changed.length > 0) found.set(stand.deviceId, changed.map(({ name }) => name)); // prettier-ignore
    }
    return found;
  }

  /** The values that hold where somebody stands; each secret is opened once. */
  #values(rows: readonly VariableRow[]): (stand: Stand) => ReadonlyMap<string, VariableValue> {
    const opened = new Map<string, VariableValue>();
    const valueOf = ({ id, value, sealed }: VariableRow): VariableValue => {
      if (sealed === null) return { value: value ?? '', secret: false };
      const known = opened.get(id) ?? { value: this.#sealer.open(sealed, id), secret: true };
      opened.set(id, known);
      return known;
    };
    return (stand) => {
      const values = new Map<string, VariableValue>();
      const holding = rows.filter((row) => holdsAt(row, stand));
      for (const [name, found] of Map.groupBy(holding, (row) => row.name)) {
        const [nearest] = sorted(found);
        if (nearest !== undefined) values.set(name, valueOf(nearest));
      }
      return values;
    };
  }

  /** Variables that may hold for one of several; `holds` tells for which. */
  async #holding(
    db: Kysely<Database>,
    stands: readonly Stand[],
    names?: readonly string[],
  ): Promise<readonly VariableRow[]> {
    const regions = [...new Set(stands.flatMap(({ regionCode }) => codesAbove(regionCode)))];
    const groups = [...new Set(stands.flatMap((stand) => stand.groups))];
    const sites = [...new Set(stands.map(({ siteId }) => siteId))];
    const devices = stands.flatMap(({ deviceId }) => (deviceId === null ? [] : [deviceId]));
    let query = selectVariables(db).where(
      sql<SqlBool>`(variables.scope = 'network' or variables.group_name = any(${groups}::text[])
        or region.code = any(${regions}::text[]) or variables.site_id = any(${sites}::uuid[])
        or variables.device_id = any(${devices}::uuid[]))`,
    );
    if (names !== undefined) query = query.where('variables.name', 'in', [...names]);
    return query.execute();
  }

  async #deviceStand(access: Access, key: string): Promise<Stand> {
    const device = await findDevice(this.#db, access, key, read);
    const [stand] = await standsOf(this.#db, [device.id]);
    if (stand === undefined) throw new TypeError(`${device.id} is no device`);
    return stand;
  }

  async #siteStand(access: Access, key: string): Promise<Stand> {
    const row = await this.#db
      .selectFrom('sites')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select(['sites.id as siteId', 'sites.name as name', 'sites.tags as tags', 'regions.code as regionCode'])
      .where(keyKind(key) === 'id' ? 'sites.id' : 'sites.code', '=', key as SiteId)
      .where(withinScope('regions.code', scopeFor(access, read)))
      .executeTakeFirst();
    if (row === undefined) {
      throw new ArungError('not-found', `There is no site ${key} in your regions.`, {
        code: 'site.not-found',
        arguments: { key },
      });
    }
    return { deviceId: null, deviceName: row.name, siteId: row.siteId, regionCode: row.regionCode, groups: row.tags };
  }
}

function sorted(rows: readonly VariableRow[]): readonly VariableRow[] {
  return [...rows].sort((a, b) => byNearness(placeOf(a), placeOf(b)));
}
