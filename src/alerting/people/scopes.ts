import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Reach } from '../../database/collection/reach.ts';
import type { Scope } from '../../domain/access.ts';
import { parentOfCode } from '../../domain/region.ts';

/** Everybody whose areas all lie in a scope; who answers for all regions lies only in `everywhere`. */
export function whollyWithin(scope: Scope): RawBuilder<SqlBool> {
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  return sql<SqlBool>`(cardinality(people.region_codes) > 0 and not exists (
    select 1 from unnest(people.region_codes) as area(code) where not ${withinScope('area.code', scope)}))`;
}

/**
 * People within reach: to write, those whose areas all lie there; to read, those too who answer for one of its regions
 * beside others. Who answers for a neighbour alone is neither.
 */
export function peopleWithin(reach: Reach): RawBuilder<SqlBool> {
  const { scope } = reach;
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  if (reach.writing) return whollyWithin(scope);
  if (scope.regionCodes.length === 0) return sql<SqlBool>`false`;
  const around = [...new Set(scope.regionCodes.flatMap(withAllAbove))];
  return sql<SqlBool>`(cardinality(people.region_codes) = 0 or people.region_codes && ${around}::text[] or exists (
    select 1 from unnest(people.region_codes) as area(code) where ${withinScope('area.code', scope)}))`;
}

/** Teams within reach: to read, those with a member within reach; to write, those with no member outside of it. */
export function teamsWithin(reach: Reach): RawBuilder<SqlBool> {
  if (reach.scope === 'everywhere') return sql<SqlBool>`true`;
  const members = sql`select 1 from people where people.team_id = teams.id`;
  const mine = sql<SqlBool>`teams.created_by = ${reach.creator}`;
  const used = sql<SqlBool>`exists (${members} and ${peopleWithin({ ...reach, writing: false })})`;
  if (!reach.writing) return sql<SqlBool>`(${used} or ${mine})`;
  return sql<SqlBool>`((${used} or ${mine}) and not exists (${members} and not ${whollyWithin(reach.scope)}))`;
}

/** The smallest region around all of these; null when there is none, or no code. */
export function regionAround(codes: readonly string[]): string | null {
  const [first = null, ...rest] = codes;
  let around = first;
  while (around !== null && !rest.every((code) => code === around || code.startsWith(`${around}.`))) {
    around = parentOfCode(around);
  }
  return around;
}

function withAllAbove(code: string): string[] {
  const above = parentOfCode(code);
  return above === null ? [code] : [code, ...withAllAbove(above)];
}
