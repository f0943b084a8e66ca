import type { IntentDocument } from '../../../domain/intent.ts';
import { inOrder, nameOfEntry, type Action, type Place } from './action.ts';
import type { ApiRow } from './api-client.ts';
import type { RouterOsConfiguration } from './configuration.ts';
import { menuAt, movesTheClock } from './menus/menus.ts';
import type { Menu } from './menu.ts';
import { arrange } from './order.ts';

/** Properties that can be set, menu by menu: those of the tables, and those that a document names beside them. */
export type Settable = (path: string) => ReadonlySet<string>;

export function settableBy(documents: readonly IntentDocument[]): Settable {
  const named = Map.groupBy(documents.flatMap(({ fragments }) => fragments), ({ subject }) => subject); // prettier-ignore
  return (path) => {
    const menu = menuAt(path);
    const names = new Set([...menu.properties.keys(), ...(menu.shape === 'single' ? [] : ['comment'])]);
    for (const { values } of named.get(path) ?? []) for (const name of Object.keys(values)) names.add(name);
    for (const [name, { fixed, writeOnly }] of menu.properties) if (fixed || writeOnly) names.delete(name);
    return names;
  };
}

/**
 * What brings a router back from what it is to what it was, without a restart. Null where that cannot be: an entry is
 * gone whose secret the device never told.
 */
export function undoActions(
  was: RouterOsConfiguration,
  is: RouterOsConfiguration,
  settable: Settable,
): readonly Action[] | null {
  const actions: Action[] = [];
  for (const path of was.paths) {
    const found = menuUndo(menuAt(path), { was: was.rows(path) ?? [], is: is.rows(path) ?? [], names: settable(path) });
    if (found === null) return null;
    actions.push(...found);
  }
  return inOrder(actions, movesTheClock);
}

function menuUndo(
  menu: Menu,
  rows: { readonly was: readonly ApiRow[]; readonly is: readonly ApiRow[]; readonly names: ReadonlySet<string> },
): readonly Action[] | null {
  const { was, is, names } = rows;
  const idOf = (row: ApiRow): string => row['.id'] ?? '';
  const now = new Map(is.map((row) => [idOf(row), row]));
  const then = new Set(was.map(idOf));
  const gone = was.filter((row) => !now.has(idOf(row)));
  if (gone.length > 0 && hasLostSecret(menu)) return null;
  const actions: Action[] = was.flatMap((row) => {
    const present = now.get(idOf(row));
    return present === undefined ? [] : (restored(menu, present, row, names) ?? []);
  });
  const place = (row: ApiRow | null): Place | null =>
    row === null ? null : now.has(idOf(row)) ? { id: idOf(row) } : { added: `${menu.path} ${idOf(row)}` };
  const present = is
    .filter((row) => then.has(idOf(row)))
    .map((row) => was.find((one) => idOf(one) === idOf(row)) ?? row);
  const { adds, moves } = menu.ordered ? arrange(present, was) : { adds: gone.map((item) => ({ item, before: null })), moves: [] }; // prettier-ignore
  for (const { item, before } of adds) {
    const values = setIn(item, names);
    actions.push({ kind: 'add', menu, key: `${menu.path} ${idOf(item)}`, values, before: place(before), step: stepOf(menu, 'add', item) }); // prettier-ignore
  }
  for (const { item, before } of moves) {
    const target = place(item);
    if (target !== null) actions.push({ kind: 'move', menu, target, before: place(before), step: stepOf(menu, 'move', item) }); // prettier-ignore
  }
  for (const row of is) {
    if (!then.has(idOf(row))) actions.push({ kind: 'remove', menu, id: idOf(row), step: stepOf(menu, 'remove', row) });
  }
  return actions;
}

function hasLostSecret(menu: Menu): boolean {
  return menu.shape === 'unknown' || [...menu.properties.values()].some(({ writeOnly }) => writeOnly);
}

function restored(menu: Menu, from: ApiRow, to: ApiRow, names: ReadonlySet<string>): Action[] | null {
  const changed = [...names].filter((name) => from[name] !== to[name]);
  if (changed.length === 0) return null;
  const values: Record<string, string> = {};
  const unset: string[] = [];
  for (const name of changed) {
    const value = to[name];
    if (value === undefined) unset.push(name);
    else values[name] = value;
  }
  const id = to['.id'];
  return [
    { kind: 'set', menu, target: id === undefined ? null : { id }, values, unset, step: stepOf(menu, 'set', to) },
  ];
}

/** What a row says of some properties; an empty one of them is as good as none. */
function setIn(row: ApiRow, names: Iterable<string>): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = row[name];
    if (value !== undefined && value !== '') values[name] = value;
  }
  return values;
}

function stepOf(menu: Menu, kind: 'add' | 'set' | 'move' | 'remove', row: ApiRow): Action['step'] {
  return { kind, subject: menu.path, fragment: null, name: nameOfEntry(menu, row, []), adopts: false, changes: [] };
}

/** Whether nothing that can be set differs; ids of what was removed and added again do. */
export function isAsBefore(was: RouterOsConfiguration, is: RouterOsConfiguration, settable: Settable): boolean {
  const textOf = (configuration: RouterOsConfiguration): string =>
    JSON.stringify(
      [...was.paths].map((path) => {
        const names = [...settable(path)].sort();
        const rows = (configuration.rows(path) ?? []).map((row) =>
          JSON.stringify(names.map((name) => row[name] ?? null)),
        );
        return [path, menuAt(path).ordered ? rows : rows.sort()];
      }),
    );
  return textOf(was) === textOf(is);
}
