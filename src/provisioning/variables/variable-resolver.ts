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

  /** A document with the values that hold for the device. Throws `variable.missing`. */
  async fill(db: Kysely<Database>, deviceId: DeviceId, document: IntentDocument): Promise<Filled> {
    const names = variablesIn(document);
    if (names.length === 0) return { document, used: new Map() };
    const [stand] = await standsOf(db, [deviceId]);
    if (stand === undefined) throw new TypeError(`${deviceId} is no device`);
    const rows = await this.#holding(db, [stand], names);
    return fillVariables(document, this.#valuesFor(stand, rows), stand.deviceName);
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
    for (const stand of stands) if (stand.deviceId !== null) found.set(stand.deviceId, this.#valuesFor(stand, rows));
    return found;
  }

  /** Keeps what a version was filled with, to tell later that it would be another one. */
  async keep(
    db: Kysely<Database>,
    { deviceId, version, used }: { readonly deviceId: DeviceId; readonly version: string } & Pick<Filled, 'used'>,
  ): Promise<void> {
    if (used.size === 0) return;
    const rows = [...used].map(([name, value]) => ({
      device_id: deviceId,
      version,
      name,
      content: this.#nameOf(value),
    }));
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
    const found = new Map<DeviceId, readonly string[]>();
    for (const stand of stands) {
      if (stand.deviceId === null) continue;
      const values = this.#valuesFor(stand, rows);
      const changed = (byDevice.get(stand.deviceId) ?? []).filter(({ name, content }) => {
        const value = values.get(name);
        return value === undefined || this.#nameOf(value.value) !== content;
      });
      if (changed.length > 0) found.set(stand.deviceId, changed.map(({ name }) => name)); // prettier-ignore
    }
    return found;
  }

  #valuesFor(stand: Stand, rows: readonly VariableRow[]): ReadonlyMap<string, VariableValue> {
    const values = new Map<string, VariableValue>();
    for (const [name, found] of Map.groupBy(
      rows.filter((row) => holdsAt(row, stand)),
      (row) => row.name,
    )) {
      const [nearest] = sorted(found);
      if (nearest === undefined) continue;
      const { id, value, sealed } = nearest;
      values.set(name, { value: sealed === null ? (value ?? '') : this.#sealer.open(sealed, id), secret: sealed !== null }); // prettier-ignore
    }
    return values;
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
