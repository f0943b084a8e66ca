import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely';
import type { Scope } from '../domain/access.ts';

/**
 * The condition that a region code lies in a scope, for `where`: `query.where(withinScope(sql.ref('region.code'), scope))`.
 * `column` is a reference (`'region.code'`) or an expression; a null code lies only in `everywhere`.
 */
export function withinScope(column: string | Expression<unknown>, scope: Scope): RawBuilder<SqlBool> {
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  if (scope.regionCodes.length === 0) return sql<SqlBool>`false`;
  const code = typeof column === 'string' ? sql.ref(column) : column;
  const codes = scope.regionCodes.map((c) => sql<SqlBool>`${code} = ${c} or ${code} like ${c + '.%'}`);
  return sql<SqlBool>`(${sql.join(codes, sql` or `)})`;
}
