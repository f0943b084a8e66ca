import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type { ApiRow } from './api-client.ts';
import { readComment } from './mark.ts';
import { propertyOf, type Menu } from './menu.ts';
import { isSame } from './values.ts';

/** Which row of a menu is which fragment. */
export interface Matched {
  readonly pairs: ReadonlyMap<IntentFragment, ApiRow>;
  /** Rows that are no longer wanted, in the menu's order. */
  readonly surplus: readonly ApiRow[];
}

/**
 * Finds the rows of fragments: by the mark first, then by what names an entry, so that nothing that is there already is
 * added a second time. Surplus is what bears a mark that nobody has any more, and, in menus without room for a mark,
 * what the document before had.
 * @param fragments those of this menu, in the document's order.
 * @param before those that the document confirmed last had in this menu.
 */
export function match(
  menu: Menu,
  rows: readonly ApiRow[],
  { fragments, before }: { readonly fragments: readonly IntentFragment[]; readonly before: readonly IntentFragment[] },
): Matched {
  const pairs = new Map<IntentFragment, ApiRow>();
  const free = new Set(rows);
  const take = (fragment: IntentFragment, row: ApiRow | undefined): void => {
    if (row === undefined) return;
    pairs.set(fragment, row);
    free.delete(row);
  };
  if (menu.hasComment) {
    const bearing = Map.groupBy(rows, (row) => readComment(row['comment']).key);
    for (const fragment of fragments) {
      const marked = bearing.get(fragment.key) ?? [];
      // Somebody who copies an entry copies its mark: the one that also has the name is it.
      take(fragment, marked.find((row) => isNamedAlike(menu, fragment, row)) ?? marked[0]);
    }
  }
  for (const fragment of fragments) {
    if (!pairs.has(fragment))
      take(
        fragment,
        [...free].find((row) => isNamedAlike(menu, fragment, row)),
      );
  }
  const canGo = menu.shape === 'list' || menu.shape === 'unknown';
  if (!canGo) return { pairs, surplus: [] };
  if (menu.hasComment) return { pairs, surplus: [...free].filter((row) => readComment(row['comment']).key !== null) };
  const keys = new Set(fragments.map(({ key }) => key));
  const gone = before.filter(({ key }) => !keys.has(key));
  return { pairs, surplus: [...free].filter((row) => gone.some((fragment) => isNamedAlike(menu, fragment, row))) };
}

/** Fragments that mean the same entry: only one of them can have it. Pairs, the earlier one first. */
export function sameEntries(
  menu: Menu,
  fragments: readonly IntentFragment[],
): readonly (readonly [IntentFragment, IntentFragment])[] {
  if (menu.shape === 'unknown' || menu.keys === 'content') return [];
  return fragments.flatMap((fragment, at) => {
    const earlier = fragments.slice(0, at).find((one) => isNamedAlike(menu, fragment, one.values));
    return earlier === undefined ? [] : [[earlier, fragment] as const];
  });
}

function isNamedAlike(menu: Menu, { values }: IntentFragment, row: ApiRow): boolean {
  if (menu.keys === 'content') return holdsAll(menu, values, row);
  const key = menu.keys.find((names) => names.some((name) => values[name] !== undefined));
  return key !== undefined && key.every((name) => isPropertySame(menu, name, values[name], row[name]));
}

/** Nothing of it differs but the comment. */
function holdsAll(menu: Menu, values: Readonly<Record<string, string>>, row: ApiRow): boolean {
  const names = new Set([...Object.keys(values), ...menu.properties.keys()]);
  names.delete('comment');
  for (const name of names) {
    const wanted = values[name];
    if (wanted === undefined && propertyOf(menu, name).default === undefined) continue;
    if (!isPropertySame(menu, name, wanted, row[name])) return false;
  }
  return true;
}

/** Whether two values of a property mean the same, the default standing for one that is not there. */
export function isPropertySame(menu: Menu, name: string, a: string | undefined, b: string | undefined): boolean {
  const { kind, default: usual } = propertyOf(menu, name);
  const or = (value: string | undefined): string => (value === undefined || value === '' ? (usual ?? '') : value);
  return isSame(kind, or(a), or(b));
}

/** Fragments of a document by their menu, each with its place. */
export function byMenu(document: IntentDocument | null): ReadonlyMap<string, readonly IntentFragment[]> {
  return Map.groupBy(document?.fragments ?? [], ({ subject }) => subject);
}
