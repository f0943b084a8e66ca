import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type { NamedSecrets } from '../driver.ts';
import { namedIn } from '../masking.ts';
import { shownChange, type Action } from './action.ts';
import type { ApiRow } from './api-client.ts';
import { fromTheBox, isOfTheBox } from './box.ts';
import { RouterOsConfiguration, routerOsKind } from './configuration.ts';
import { commandsOf, type ExportCommand } from './export-commands.ts';
import { byMenu, isPropertySame, match } from './match.ts';
import { propertyOf, type Menu } from './menu.ts';
import { knownMenus, menuAt } from './menus/menus.ts';
import { noSuchEntry } from './no-entry.ts';
import { isRollbackName } from './rollback-names.ts';
import { settableBy, undoActions } from './undo.ts';
import { isSecret } from './without-secrets.ts';

/** Who may sign in is not in an export, and must not change on the way: the way in stays as it is. */
const untouched = new Set(['/user', '/user/group', '/user/ssh-keys', '/interface']);

/**
 * The document that brings a router back to what an export says: its known menus whole, not entry by entry. What it has
 * of other menus, `leftOut` tells.
 */
export function documentOfExport(text: string, named: NamedSecrets = new Map()): IntentDocument {
  const fragments = commandsOf(text).flatMap((command, at): IntentFragment[] => {
    const values = restorable(command);
    if (values === null) return [];
    const { path } = command;
    const menu = menuAt(path);
    const secret = Object.keys(values).filter(
      (name) => isSecret(menu, name, values[name] ?? '') || named.get(path)?.has(name) === true,
    );
    return [{ key: `backup.${String(at).padStart(5, '0')}`, subject: path, values, secret }];
  });
  return { driver: routerOsKind, whole: true, fragments };
}

/** What a command makes of an entry; null where it is not ours to bring back. */
function restorable({ path, verb, entry, values }: ExportCommand): Readonly<Record<string, string>> | null {
  const menu = knownMenus.get(path);
  if (menu === undefined || untouched.has(path)) return null;
  if (path === '/system/scheduler' && isRollbackName(values['name'] ?? '')) return null;
  if (menu.shape === 'list') return verb === 'add' ? values : null;
  if (verb !== 'set') return null;
  if (menu.shape === 'single') return values;
  const named = typeof entry === 'string' ? { name: entry } : (entry ?? {});
  return { ...named, ...values };
}

/**
 * Menus in which a backup and what the device has now differ, and that a restore leaves as they are: what no table has,
 * and settings that only the present one names, whose value before nobody knows.
 */
export function leftOut(backup: string, now: string): readonly string[] {
  const unknown = (text: string): ReadonlyMap<string, string> =>
    new Map(
      commandsOf(text).flatMap((command) =>
        restorable(command) === null && command.path !== '/system/scheduler'
          ? [[JSON.stringify(command), command.path] as const]
          : [],
      ),
    );
  const [then, present] = [unknown(backup), unknown(now)];
  const differing = [...then, ...present].filter(([text]) => then.has(text) !== present.has(text));
  return [...new Set([...differing.map(([, path]) => path), ...settingsLeft(backup, now)])];
}

function settingsLeft(backup: string, now: string): readonly string[] {
  const settings = (text: string) =>
    commandsOf(text).flatMap((command) => {
      const values = menuAt(command.path).shape === 'list' ? null : restorable(command);
      return values === null ? [] : [{ path: command.path, entry: JSON.stringify(command.entry), values }];
    });
  const then = settings(backup);
  return settings(now)
    .filter(({ path, entry, values }) => {
      const before = then.find((one) => one.path === path && one.entry === entry)?.values ?? {};
      return Object.keys(values).some((name) => before[name] === undefined && usualOf(menuAt(path), values, name) === undefined); // prettier-ignore
    })
    .map(({ path }) => path);
}

/** What a property is where nothing says it; null: not set. Undefined: the device makes it up, or nobody knows. */
function usualOf(menu: Menu, row: ApiRow, name: string): string | null | undefined {
  if (name === 'comment') return '';
  return fromTheBox(menu.path, row, name) ?? propertyOf(menu, name).default;
}

/**
 * What must be done so that a router is as the document of an export says.
 * @param applied the document confirmed last, or null: what it calls secret is not told.
 */
export function restoreActions(
  is: RouterOsConfiguration,
  document: IntentDocument,
  applied: IntentDocument | null,
): readonly Action[] {
  const fragments = byMenu(document);
  const was = new Map<string, readonly ApiRow[]>();
  for (const path of is.paths) {
    const rows = is.rows(path) ?? [];
    was.set(path, knownMenus.has(path) && !untouched.has(path) ? rowsOf(menuAt(path), rows, fragments.get(path) ?? []) : rows); // prettier-ignore
  }
  const actions = undoActions(new RouterOsConfiguration(is.readAt, was), is, settableBy([document]));
  if (actions === null) throw new Error('Entries whose secret a router never tells are among what is restored.');
  const named = namedIn(applied === null ? [document] : [document, applied]);
  return actions.map((action) => told(action, is, named));
}

/** The rows of a menu as the backup has them: those that are there keep their ids. */
function rowsOf(menu: Menu, rows: readonly ApiRow[], fragments: readonly IntentFragment[]): readonly ApiRow[] {
  if (menu.shape === 'single') {
    const values = Object.assign({}, ...fragments.map((fragment) => fragment.values)) as Readonly<
      Record<string, string>
    >;
    return rows.map((row) => changed(menu, row, values));
  }
  const { pairs } = match(menu, rows, { fragments, before: [] });
  if (menu.shape === 'fixed') {
    const missing = fragments.find((fragment) => !pairs.has(fragment));
    if (missing !== undefined) throw noSuchEntry(menu, missing);
    const byRow = new Map([...pairs].map(([fragment, row]) => [row, fragment.values]));
    return rows.map((row) => changed(menu, row, byRow.get(row) ?? {}));
  }
  const kept = new Set(pairs.values());
  // What the device itself has in a list cannot be taken away.
  const own = rows.filter((row) => !kept.has(row) && isOfTheBox(menu.path, row));
  const listed = fragments.map((fragment) => {
    const row = pairs.get(fragment);
    return row === undefined ? { ...fragment.values, '.id': fragment.key } : changed(menu, row, fragment.values);
  });
  return [...own, ...listed];
}

/** A row with what a backup says of it; what that leaves out is as it came from the box. */
function changed(menu: Menu, row: ApiRow, values: Readonly<Record<string, string>>): ApiRow {
  const result: Record<string, string> = { ...row };
  const names = new Set([
    ...menu.properties.keys(),
    ...Object.keys(values),
    ...(menu.shape === 'single' ? [] : ['comment']),
  ]);
  for (const name of names) {
    const property = propertyOf(menu, name);
    if (property.writeOnly || property.fixed || (values[name] === undefined && row[name] === undefined)) continue;
    const wanted = values[name] ?? usualOf(menu, row, name);
    // The device makes it up, or nobody here knows what it was.
    if (wanted === undefined) continue;
    if (isPropertySame(menu, name, wanted ?? undefined, row[name])) continue;
    if (wanted === null || (wanted === '' && row[name] === undefined)) delete result[name];
    else result[name] = wanted;
  }
  return result;
}

/** The action with what of it may be shown. */
function told(action: Action, is: RouterOsConfiguration, named: NamedSecrets): Action {
  const { menu, step } = action;
  const idOf = action.kind === 'remove' ? action.id : action.kind === 'set' && action.target !== null && 'id' in action.target ? action.target.id : undefined; // prettier-ignore
  const row = (is.rows(menu.path) ?? []).find((one) => idOf === undefined || one['.id'] === idOf) ?? {};
  const change = (property: string, before: string | undefined, after: string | undefined) =>
    shownChange(menu, { property, before, after, isSecret: named.get(menu.path)?.has(property) === true });
  switch (action.kind) {
    case 'add':
      return { ...action, step: { ...step, changes: Object.entries(action.values).map(([name, value]) => change(name, undefined, value)) } }; // prettier-ignore
    case 'set': {
      const set = Object.entries(action.values).map(([name, value]) => change(name, row[name], value));
      return { ...action, step: { ...step, changes: [...set, ...action.unset.map((name) => change(name, row[name], undefined))] } }; // prettier-ignore
    }
    case 'remove': {
      const names = Object.keys(row).filter((name) => menu.properties.has(name) || name === 'comment');
      return { ...action, step: { ...step, changes: names.map((name) => change(name, row[name], undefined)) } };
    }
    case 'move':
      return action;
  }
}
