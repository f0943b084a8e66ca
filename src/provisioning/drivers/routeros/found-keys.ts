import { inKey } from '../../../domain/intent.ts';
import { nameOfEntry } from './action.ts';
import type { ApiRow } from './api-client.ts';
import { readComment } from './mark.ts';
import type { Menu } from './menu.ts';

/** Of what a device calls an entry, so much is its key made of. */
const longestName = 200;

/** The key of each row of a menu: its mark's, or one made of what names it: `ip-address.10.0.0.1-24-bridge`. */
export function foundKeys(menu: Menu, rows: readonly ApiRow[]): readonly string[] {
  const taken = new Map<string, number>();
  return rows.map((row) => freeKey(menu, row, taken));
}

function freeKey(menu: Menu, row: ApiRow, taken: Map<string, number>): string {
  const base = readComment(row['comment']).key ?? madeKey(menu, row);
  // From where it was left: a device may have fifty thousand entries of one name.
  let count = taken.get(base) ?? 0;
  let key = base;
  do {
    count += 1;
    key = count === 1 ? base : `${base}-${count}`;
  } while (taken.has(key));
  taken.set(base, count);
  if (key !== base) taken.set(key, 1);
  return key;
}

/** Of what names a row, whether it bears a mark or not. */
export function madeKey(menu: Menu, row: ApiRow): string {
  const name = nameOfEntry(menu, row, []).slice(0, longestName);
  return inKey(`${menu.path}.${name}`)
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 58);
}
