import { sql, type Expression, type SelectQueryBuilder, type SqlBool } from 'kysely';
import { ArungError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';

export const defaultPageSize = 100;
export const largestPage = 1000;

/** A page of a list. `cursor` is what the page before handed out as `next`. */
export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** What a list is ordered by: an expression that is never null, and the type that a cursor's value is cast to. */
export interface SortKey {
  readonly name: string;
  readonly by: Expression<unknown>;
  readonly type: 'text' | 'float8' | 'timestamptz';
  readonly descending?: boolean;
}

/**
 * Reads one page by its key and not by an offset: what is added or removed meanwhile neither repeats nor hides a row.
 * The order is the sort key, then the id.
 */
export async function readPage<DB, TB extends keyof DB, Row extends { id: string }>(
  query: SelectQueryBuilder<DB, TB, Row>,
  options: { readonly id: Expression<unknown>; readonly sort: SortKey; readonly page: PageRequest },
): Promise<Page<Row>> {
  const { id, sort, page } = options;
  const limit = Math.min(Math.max(page.limit ?? defaultPageSize, 1), largestPage);
  const type = sql.raw(sort.type);
  const direction = sql.raw(sort.descending === true ? 'desc' : 'asc');
  let ordered = query
    .select(sql<string>`(${sort.by})::text`.as('sortValue'))
    .orderBy(sql`${sort.by} ${direction}, ${id} ${direction}`)
    .limit(limit + 1);
  if (page.cursor !== undefined) {
    const at = openCursor(page.cursor, sort);
    const past = sql.raw(sort.descending === true ? '<' : '>');
    ordered = ordered.where(sql<SqlBool>`(${sort.by}, ${id}) ${past} (${at.value}::${type}, ${at.id}::uuid)`);
  }
  // Kysely cannot see that a row of a generic query, with one more column, is that row and the column.
  const rows = (await ordered.execute()) as unknown as (Row & { sortValue: string })[];
  const more = rows.length > limit;
  if (more) rows.pop();
  const last = rows.at(-1);
  const next = more && last !== undefined ? sealCursor(sort, last.sortValue, last.id) : null;
  return { items: rows.map(({ sortValue: _sortValue, ...row }) => row as unknown as Row), next };
}

function orderName(sort: SortKey): string {
  return (sort.descending === true ? '-' : '') + sort.name;
}

function sealCursor(sort: SortKey, value: string, id: string): string {
  return Buffer.from(JSON.stringify([orderName(sort), value, id])).toString('base64url');
}

function openCursor(cursor: string, sort: SortKey): { value: string; id: string } {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 3) {
      const [order, value, id]: unknown[] = parts;
      if (order === orderName(sort) && typeof value === 'string' && typeof id === 'string' && isId(id)) {
        if (sort.type === 'text' || fitsType(value, sort.type)) return { value, id };
      }
    }
  } catch {
    // Told below, like any other cursor that is none.
  }
  throw new ArungError('invalid', 'The cursor does not belong to this list and order: start again without a cursor.', {
    code: 'list.bad-cursor',
  });
}

function fitsType(value: string, type: 'float8' | 'timestamptz'): boolean {
  return type === 'float8' ? value.trim() !== '' && Number.isFinite(Number(value)) : !Number.isNaN(Date.parse(value));
}
