import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type { ApiRow } from './api-client.ts';
import { madeKey } from './found-keys.ts';
import { readComment } from './mark.ts';
import { propertyOf, type Menu } from './menu.ts';
import { canonical } from './values.ts';

/** Which row of a menu is which fragment. */
export interface Matched {
  readonly pairs: ReadonlyMap<IntentFragment, ApiRow>;
  /** Rows that are no longer wanted, in the menu's order. */
  readonly surplus: readonly ApiRow[];
}

/**
 * Finds the rows of fragments: by mark and name, then by what names an entry, so that nothing that is there already is
 * added a second time, then by the mark alone: it was changed; then, where no mark tells, by the name that it had. Surplus is what bears a mark that nobody has any more, and, in menus without room for a mark,
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
  const named = new Names(menu, rows);
  const bearing = menu.hasComment
    ? Map.groupBy(rows, (row) => readComment(row['comment']).key)
    : new Map<string, ApiRow[]>();
  const marked = ({ key }: IntentFragment): readonly ApiRow[] => bearing.get(key) ?? [];
  // Somebody who copies an entry copies its mark: the one that also has the name is it.
  for (const one of fragments)
    take(
      one,
      named.of(one).find((row) => marked(one).includes(row)),
    );
  for (const one of fragments)
    if (!pairs.has(one))
      take(
        one,
        named.of(one).find((row) => free.has(row)),
      );
  for (const one of fragments)
    if (!pairs.has(one))
      take(
        one,
        marked(one).find((row) => free.has(row)),
      );
  // It has another name by now, and no mark tells: taken over by a key that was made of its old name, or known by the document before.
  const renamed = menu.hasComment ? madeOf(menu, free) : ({ key }: IntentFragment) => oldNames(key, { before, named });
  for (const one of fragments)
    if (!pairs.has(one))
      take(
        one,
        renamed(one).find((row) => free.has(row)),
      );
  const canGo = menu.shape === 'list' || menu.shape === 'unknown';
  if (!canGo) return { pairs, surplus: [] };
  if (menu.hasComment) return { pairs, surplus: [...free].filter((row) => readComment(row['comment']).key !== null) };
  const keys = new Set(fragments.map(({ key }) => key));
  const gone = new Set(before.filter(({ key }) => !keys.has(key)).flatMap((fragment) => named.of(fragment)));
  return { pairs, surplus: [...free].filter((row) => gone.has(row)) };
}

/** Unmarked rows by the key that `foundKeys` gives them; of what has no name of its own that would be a guess. */
function madeOf(menu: Menu, free: ReadonlySet<ApiRow>): (fragment: IntentFragment) => readonly ApiRow[] {
  if (menu.keys === 'content') return () => [];
  let made: ReadonlyMap<string, readonly ApiRow[]> | null = null;
  return ({ key }) => {
    made ??= Map.groupBy(
      [...free].filter((row) => readComment(row['comment']).key === null),
      (row) => madeKey(menu, row),
    );
    const rows = made.get(key) ?? [];
    return rows.length === 1 ? rows : [];
  };
}

function oldNames(
  key: string,
  { before, named }: { readonly before: readonly IntentFragment[]; readonly named: Names },
): readonly ApiRow[] {
  const old = before.find((one) => one.key === key);
  return old === undefined ? [] : named.of(old);
}

/**
 * Fragments that mean the same entry: only one of them can have it. Of settings, those that say of one property different
 * things. Pairs, the earlier one first.
 */
export function sameEntries(
  menu: Menu,
  fragments: readonly IntentFragment[],
): readonly (readonly [IntentFragment, IntentFragment])[] {
  if (menu.shape === 'single') return clashes(menu, fragments);
  if (menu.shape === 'unknown' || menu.keys === 'content') return [];
  const first = new Map<string, IntentFragment>();
  return fragments.flatMap((fragment) => {
    const names = keyOf(menu, fragment.values);
    if (names === null) return [];
    const text = `${names.join()}\n${nameText(menu, names, fragment.values)}`;
    const earlier = first.get(text);
    if (earlier !== undefined) return [[earlier, fragment] as const];
    first.set(text, fragment);
    return [];
  });
}

function clashes(
  menu: Menu,
  fragments: readonly IntentFragment[],
): readonly (readonly [IntentFragment, IntentFragment])[] {
  const said = new Map<string, IntentFragment>();
  return fragments.flatMap((fragment) => {
    const names = Object.keys(fragment.values);
    const earlier = names
      .map((name) => ({ name, other: said.get(name) }))
      .find(({ name, other }) => other !== undefined && !isPropertySame(menu, name, other.values[name], fragment.values[name])); // prettier-ignore
    for (const name of names) if (!said.has(name)) said.set(name, fragment);
    return earlier?.other === undefined ? [] : [[earlier.other, fragment] as const];
  });
}

/** Rows by what names them, looked up once for each set of names. */
class Names {
  readonly #menu: Menu;
  readonly #rows: readonly ApiRow[];
  readonly #known = new Map<string, ReadonlyMap<string, readonly ApiRow[]>>();

  constructor(menu: Menu, rows: readonly ApiRow[]) {
    this.#menu = menu;
    this.#rows = rows;
  }

  /** Those that have a fragment's name, in the menu's order. */
  of({ values }: IntentFragment): readonly ApiRow[] {
    const names = keyOf(this.#menu, values);
    if (names === null) return [];
    const by = names.join();
    let rows = this.#known.get(by);
    if (rows === undefined) {
      rows = Map.groupBy(this.#rows, (row) => nameText(this.#menu, names, row));
      this.#known.set(by, rows);
    }
    return rows.get(nameText(this.#menu, names, values)) ?? [];
  }
}

/** Whether two sets of values name one entry: the second would change the first. */
export function isSameEntry(
  menu: Menu,
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const names = keyOf(menu, one);
  const others = keyOf(menu, other);
  if (names === null || others === null) return true;
  return names.join() === others.join() && nameText(menu, names, one) === nameText(menu, others, other);
}

/** By which properties an entry is known that has these values; null where it has none of them. */
function keyOf(menu: Menu, values: Readonly<Record<string, string>>): readonly string[] | null {
  if (menu.keys !== 'content')
    return menu.keys.find((names) => names.some((name) => values[name] !== undefined)) ?? null;
  // Nothing of it may differ but the comment, and what the device makes up.
  const owned = [...menu.properties].filter(([, { default: usual }]) => usual !== undefined).map(([name]) => name);
  return [...new Set([...owned, ...Object.keys(values)])].filter((name) => name !== 'comment').sort();
}

function nameText(menu: Menu, names: readonly string[], values: Readonly<Record<string, string>>): string {
  return JSON.stringify(names.map((name) => meaning(menu, name, values[name])));
}

/** Whether two values of a property mean the same, the default standing for one that is not there. */
export function isPropertySame(menu: Menu, name: string, a: string | undefined, b: string | undefined): boolean {
  return a === b || meaning(menu, name, a) === meaning(menu, name, b);
}

function meaning(menu: Menu, name: string, value: string | undefined): string {
  const { kind, default: usual } = propertyOf(menu, name);
  return canonical(kind, value === undefined || value === '' ? (usual ?? '') : value);
}

/** Fragments of a document by their menu, each with its place. */
export function byMenu(document: IntentDocument | null): ReadonlyMap<string, readonly IntentFragment[]> {
  return Map.groupBy(document?.fragments ?? [], ({ subject }) => subject);
}
