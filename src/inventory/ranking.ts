import { sql, type RawBuilder } from 'kysely';
import type { SortKey } from '../database/collection/paging.ts';

/**
 * An order that comes from outside PostgreSQL (the worst state first, the busiest first): a rank by id, the lowest
 * first, and a rank for everything that is not named. Ranks are whole numbers from 0 to 999,999,999.
 */
export interface Ranking {
  readonly name: string;
  readonly ranks: ReadonlyMap<string, number>;
  readonly otherwise: number;
}

/** Puts a ranking before a list's own order; within a rank the own order decides. */
export function rankedSort(id: RawBuilder<unknown>, ranking: Ranking, own: SortKey): SortKey {
  const ranks = JSON.stringify(Object.fromEntries(ranking.ranks));
  const rank = sql`coalesce((${ranks}::jsonb ->> ${id}::text)::int, ${ranking.otherwise}::int)`;
  return {
    name: `${ranking.name}.${own.name}`,
    by: sql`lpad(${rank}::text, 9, '0') || ' ' || ${own.by}`,
    type: 'text',
    descending: false,
  };
}
