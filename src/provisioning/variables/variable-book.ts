import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { contains } from '../../database/collection/reach.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError, type ErrorDetail } from '../../domain/errors.ts';
import { isId, newId } from '../../domain/ids.ts';
import type { Place, PlaceScope } from '../../domain/place.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import { placeWithin } from '../places/placing.ts';
import { codesAbove } from '../places/stands.ts';
import { placeOf, placeRegion, selectVariables } from './variable-rows.ts';

export interface Variable {
  readonly id: string;
  readonly name: string;
  readonly place: Place;
  /** Null for a secret. */
  readonly value: string | null;
  readonly secret: boolean;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface VariableDraft {
  readonly name: string;
  readonly scope: PlaceScope;
  /** See `Place`. */
  readonly key: string;
  readonly value: string;
  readonly secret: boolean;
}

/** A line of a file. */
export interface VariableLine extends Omit<VariableDraft, 'value'> {
  /** Null: a secret that stays what it is. */
  readonly value: string | null;
  /** From 1, for errors. */
  readonly line: number;
}

export interface ImportedVariables {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

/** Ends a transaction that shall keep nothing. */
class OnlyTried extends Error {
  readonly counts: ImportedVariables;

  constructor(counts: ImportedVariables) {
    super('nothing is kept of a dry run');
    this.counts = counts;
  }
}

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
    }: { readonly scope?: PlaceScope | undefined; readonly q?: string | undefined; readonly page?: PageRequest },
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

  /** All that `list` would give, page by page. */
  async all(access: Access): Promise<readonly Variable[]> {
    const found: Variable[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.list(access, { page: { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) } });
      found.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return found;
  }

  /**
   * Gives a variable its value at a place, whether it had one there or not. Throws `variable.no-place`,
   * `variable.outside-regions`, `device.not-found`.
   */
  async put(access: Access, draft: VariableDraft, reason: string | undefined): Promise<string> {
    return this.#changes.run(access, reason, async (change) => (await this.#put(change, draft)).id);
  }

  /**
   * Many at once: all of them, or none. A secret without a value stays what it is. Throws `variable.import` with every line
   * that cannot be.
   * @param dryRun says what would be, and keeps nothing.
   */
  async import(
    access: Access,
    lines: readonly VariableLine[],
    { dryRun, reason }: { readonly dryRun: boolean; readonly reason?: string | undefined },
  ): Promise<ImportedVariables> {
    const work = async (change: Change): Promise<ImportedVariables> => {
      const counts = { created: 0, changed: 0, unchanged: 0 };
      const details: ErrorDetail[] = [];
      for (const { line, ...draft } of lines) {
        try {
          const { done } = await this.#put(change, draft);
          // Whoever tries as often as he likes must not find out when he has guessed a secret.
          const isGuess = dryRun && draft.secret && draft.value !== null;
          counts[isGuess && done === 'unchanged' ? 'changed' : done] += 1;
        } catch (error) {
          if (!(error instanceof ArungError)) throw error;
          const { code, message } = error;
          details.push({ code, message: `Line ${line}: ${message}`, arguments: { ...error.arguments }, line });
        }
      }
      if (details.length > 0) throw notImported(details);
      if (dryRun) throw new OnlyTried(counts);
      return counts;
    };
    try {
      return await this.#changes.run(access, reason, work);
    } catch (error) {
      if (error instanceof OnlyTried) return error.counts;
      throw error;
    }
  }

  async #put(
    change: Change,
    draft: Omit<VariableDraft, 'value'> & { readonly value: string | null },
  ): Promise<{ readonly id: string; readonly done: keyof ImportedVariables }> {
    const { name, scope, key, secret } = draft;
    const { regionCode, ...columns } = await placeWithin(change.trx, change.access, { what: 'variable', scope, key });
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
    const wasSecret = before !== undefined && before.sealed !== null;
    const was =
      before === undefined ? null : before.sealed === null ? before.value : this.#sealer.open(before.sealed, id);
    const value = draft.value ?? (wasSecret && secret ? was : null);
    if (value === null) throw valueNeeded(name);
    if (value === was && wasSecret === secret) return { id, done: 'unchanged' };
    const held = {
      value: secret ? null : value,
      sealed: secret ? this.#sealer.seal(value, id) : null,
      changed_at: new Date(this.#clock.now()),
      changed_by: change.access.name,
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
      before: before === undefined ? null : { scope, key, value: before.value, secret: wasSecret },
      after: { scope, key, value: held.value, secret },
      regionCode,
    });
    return { id, done: before === undefined ? 'created' : 'changed' };
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
      await placeWithin(change.trx, access, { what: 'variable', scope: row.scope, key: row.key });
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
}

function readableBy(access: Access) {
  const scope = scopeFor(access, 'provisioning.read');
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  const above = scope.regionCodes.flatMap((code) => codesAbove(code).slice(0, -1));
  // What a region lies in decides of its devices, too.
  return sql<SqlBool>`(variables.scope in ('network', 'group') or ${withinScope(placeRegion, scope)}
    or region.code = any(${above}::text[]))`;
}

function valueNeeded(name: string): ArungError {
  return new ArungError('invalid', `The variable ${name} has no value, and no secret there that could stay.`, {
    code: 'variable.value-needed',
    arguments: { name },
  });
}

function notImported(details: readonly ErrorDetail[]): ArungError {
  return new ArungError('invalid', `${details.length} variables cannot be taken; none was.`, {
    code: 'variable.import',
    arguments: { count: details.length },
    details: details.slice(0, 50),
  });
}
