import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import type { Changes } from '../../database/collection/changes.ts';
import { keyKind } from '../../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { contains } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, newId, type RegionId, type SiteId } from '../../domain/ids.ts';
import { deviceRoles } from '../../domain/device.ts';
import { rolePrefix, type VariablePlace, type VariableScope } from '../../domain/variable.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import { findDevice } from '../intent/managed-device.ts';
import { placeOf, placeRegion, selectVariables } from './variable-rows.ts';

export interface Variable {
  readonly id: string;
  readonly name: string;
  readonly place: VariablePlace;
  /** Null for a secret. */
  readonly value: string | null;
  readonly secret: boolean;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface VariableDraft {
  readonly name: string;
  readonly scope: VariableScope;
  /** See `VariablePlace`. */
  readonly key: string;
  readonly value: string;
  readonly secret: boolean;
}

/** Columns that say where a variable stands, all but one of them null, and the region of it for the audit log. */
interface Stand {
  readonly group_name: string | null;
  readonly region_id: RegionId | null;
  readonly site_id: SiteId | null;
  readonly device_id: Awaited<ReturnType<typeof findDevice>>['id'] | null;
  readonly regionCode: string | null;
}

const nowhere: Stand = { group_name: null, region_id: null, site_id: null, device_id: null, regionCode: null };

/** Variables as people and programs keep them. */
export class VariableBook {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #sealer: Sealer;
  readonly #clock: Clock;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: Sealer;
    readonly clock: Clock;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#sealer = options.sealer;
    this.#clock = options.clock;
  }

  /** Those of the network, of groups, of the reader's regions and of what these lie in; by name. */
  async list(
    access: Access,
    {
      scope,
      q,
      page,
    }: { readonly scope?: VariableScope | undefined; readonly q?: string | undefined; readonly page?: PageRequest },
  ): Promise<Page<Variable>> {
    let query = selectVariables(this.#db).where(readableBy(access));
    if (scope !== undefined) query = query.where('variables.scope', '=', scope);
    if (q !== undefined) query = query.where(contains('variables.name', q));
    const sort = { name: 'name', by: sql.ref('variables.name'), type: 'text' } as const;
    const found = await readPage(query, { id: sql.ref('variables.id'), sort, page: page ?? {} });
    return {
      items: found.items.map(({ id, name, value, sealed, changedAt, changedBy, ...place }) => ({
        id,
        name,
        place: placeOf(place),
        value,
        secret: sealed !== null,
        changedAt: changedAt.getTime(),
        changedBy,
      })),
      next: found.next,
    };
  }

  /**
   * Gives a variable its value at a place, whether it had one there or not. Throws `variable.no-place`,
   * `variable.outside-regions`, `device.not-found`.
   */
  async put(access: Access, draft: VariableDraft, reason: string | undefined): Promise<string> {
    const { name, scope, key, value, secret } = draft;
    return this.#changes.run(access, reason, async (change) => {
      const { regionCode, ...columns } = await this.#stand(change.trx, access, { scope, key });
      // Two that give the same one its first value at once: the second finds what the first has made.
      await sql`select pg_advisory_xact_lock(hashtext('arung variables'))`.execute(change.trx);
      const before = await selectVariables(change.trx)
        .where('variables.name', '=', name)
        .where('variables.scope', '=', scope)
        .where(
          sql<SqlBool>`(variables.group_name, variables.region_id, variables.site_id, variables.device_id)
          is not distinct from (${columns.group_name}::text, ${columns.region_id}::uuid, ${columns.site_id}::uuid, ${columns.device_id}::uuid)`,
        )
        .executeTakeFirst();
      const id = before?.id ?? (newId<never>() as string);
      const held = {
        value: secret ? null : value,
        sealed: secret ? this.#sealer.seal(value, id) : null,
        changed_at: new Date(this.#clock.now()),
        changed_by: access.name,
      };
      if (before === undefined) {
        await change.trx
          .insertInto('variables')
          .values({ id, name, scope, ...columns, ...held })
          .execute();
      } else await change.trx.updateTable('variables').set(held).where('id', '=', id).execute();
      change.record({
        action: before === undefined ? 'create' : 'update',
        entityKind: 'variable',
        entityId: id,
        entityName: name,
        before: before === undefined ? null : { scope, key, value: before.value, secret: before.sealed !== null },
        after: { scope, key, value: held.value, secret },
        regionCode,
      });
      return id;
    });
  }

  /** Takes a value away from its place. Throws `variable.not-found`, `variable.outside-regions`. */
  async remove(access: Access, id: string, reason: string | undefined): Promise<void> {
    await this.#changes.run(access, reason, async (change) => {
      const row = isId(id)
        ? await selectVariables(change.trx).where('variables.id', '=', id).where(readableBy(access)).executeTakeFirst()
        : undefined;
      if (row === undefined) {
        throw new ArungError('not-found', `There is no variable ${id} in your regions.`, {
          code: 'variable.not-found',
          arguments: { key: id },
        });
      }
      await this.#stand(change.trx, access, row);
      await change.trx.deleteFrom('variables').where('id', '=', id).execute();
      const { name, scope, key, value, sealed, placeRegion: regionCode } = row;
      change.record({
        action: 'remove',
        entityKind: 'variable',
        entityId: id,
        entityName: name,
        before: { scope, key, value, secret: sealed !== null },
        after: null,
        regionCode,
      });
    });
  }

  /** Where something may be written. */
  async #stand(
    trx: Transaction<Database>,
    access: Access,
    { scope, key }: { readonly scope: VariableScope; readonly key: string },
  ): Promise<Stand> {
    const mine = scopeFor(access, 'provisioning.write');
    switch (scope) {
      case 'network':
        if (mine !== 'everywhere') throw outside(scope, key);
        if (key !== '') throw noPlace(scope, key);
        return nowhere;
      case 'group': {
        // Who bears a tag may stand anywhere.
        if (mine !== 'everywhere') throw outside(scope, key);
        const role = key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : null;
        if (key === '' || (role !== null && !deviceRoles.some((one) => one === role))) throw noPlace(scope, key);
        return { ...nowhere, group_name: key };
      }
      case 'region': {
        const region = await trx
          .selectFrom('regions')
          .select(['id', 'code'])
          .where('code', '=', key)
          .executeTakeFirst();
        if (region === undefined) throw noPlace(scope, key);
        if (!inScope(mine, region.code)) throw outside(scope, key);
        return { ...nowhere, region_id: region.id, regionCode: region.code };
      }
      case 'site': {
        const site = await trx
          .selectFrom('sites')
          .innerJoin('regions', 'regions.id', 'sites.region_id')
          .select(['sites.id', 'regions.code'])
          .where(keyKind(key) === 'id' ? 'sites.id' : 'sites.code', '=', key as SiteId)
          .where(withinScope('regions.code', scopeFor(access, 'provisioning.read')))
          .executeTakeFirst();
        if (site === undefined) throw noPlace(scope, key);
        if (!inScope(mine, site.code)) throw outside(scope, key);
        return { ...nowhere, site_id: site.id, regionCode: site.code };
      }
      case 'device': {
        const device = await findDevice(trx, access, key, 'provisioning.write');
        return { ...nowhere, device_id: device.id, regionCode: device.regionCode };
      }
    }
  }
}

function readableBy(access: Access) {
  const scope = scopeFor(access, 'provisioning.read');
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  const above = scope.regionCodes.flatMap((code) => code.split('.').map((_, i, parts) => parts.slice(0, i).join('.')));
  // What a region lies in decides of its devices, too.
  return sql<SqlBool>`(variables.scope in ('network', 'group') or ${withinScope(placeRegion, scope)}
    or region.code = any(${above}::text[]))`;
}

function noPlace(scope: VariableScope, key: string): ArungError {
  return new ArungError('invalid', `There is no ${scope} ${key} that a variable could stand at.`, {
    code: 'variable.no-place',
    arguments: { scope, key },
  });
}

function outside(scope: VariableScope, key: string): ArungError {
  return new ArungError('forbidden', `A variable of the ${scope} ${key} is not yours to change: it reaches beyond the regions in which you may.`, {
    code: 'variable.outside-regions',
    arguments: { scope, key },
  }); // prettier-ignore
}
