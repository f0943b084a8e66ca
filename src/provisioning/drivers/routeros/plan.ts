import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import { inOrder, nameOfEntry, shownChange, type Action, type Place } from './action.ts';
import type { ApiRow } from './api-client.ts';
import type { RouterOsConfiguration } from './configuration.ts';
import { readComment, writeComment } from './mark.ts';
import { byMenu, isPropertySame, match } from './match.ts';
import { propertyOf, type Menu } from './menu.ts';
import { menuAt, movesTheClock } from './menus/menus.ts';
import { noSuchEntry } from './no-entry.ts';
import { arrange } from './order.ts';
import { restoreActions } from './restore.ts';

export interface Wanted {
  readonly document: IntentDocument;
  /** The document that was confirmed last: in menus without room for a mark it alone says what is no longer listed. */
  readonly before: IntentDocument | null;
  /** The document whose secrets the device has, as far as anybody knows: of those that it never gives back. */
  readonly written: IntentDocument | null;
}

/** What must be done to bring a router to a document, in order. Empty: it is there. */
export function planActions(configuration: RouterOsConfiguration, wanted: Wanted): readonly Action[] {
  if (wanted.document.whole === true) return restoreActions(configuration, wanted.document, wanted.before);
  const fragments = byMenu(wanted.document);
  // A backup that was brought back says nothing of what was managed.
  const before = byMenu(wanted.before?.whole === true ? null : wanted.before);
  const written = new Map((wanted.written?.fragments ?? []).map((fragment) => [fragment.key, fragment]));
  // Else what is there would be added again.
  const unread = [...fragments.keys()].find((path) => configuration.rows(path) === null);
  if (unread !== undefined)
    throw new TypeError(`${unread} was not read: a document is planned for what was read with it.`);
  const paths = configuration.paths;
  const actions = [...paths].flatMap((path) =>
    menuActions(shaped(menuAt(path), configuration.rows(path)), {
      rows: configuration.rows(path) ?? [],
      fragments: fragments.get(path) ?? [],
      before: before.get(path) ?? [],
      written,
    }),
  );
  return inOrder(actions, movesTheClock);
}

/** A menu that no table has is one set of settings when its only row has no id. */
function shaped(menu: Menu, rows: readonly ApiRow[] | null): Menu {
  const isSingle = menu.shape === 'unknown' && rows?.length === 1 && rows[0]?.['.id'] === undefined;
  return isSingle ? { ...menu, shape: 'single', hasComment: false } : menu;
}

interface MenuWork {
  readonly rows: readonly ApiRow[];
  readonly fragments: readonly IntentFragment[];
  readonly before: readonly IntentFragment[];
  readonly written: ReadonlyMap<string, IntentFragment>;
}

function menuActions(menu: Menu, work: MenuWork): Action[] {
  const { rows, fragments, before, written } = work;
  if (menu.shape === 'single') {
    const row = rows[0] ?? {};
    return fragments.flatMap((fragment) => setAction({ menu, fragment, row, target: null, written }) ?? []);
  }
  const { pairs, surplus } = match(menu, rows, { fragments, before });
  const leaving = new Set(surplus);
  const stays = rows.filter((row) => !leaving.has(row));
  const { adds, moves } = ordered(menu, { stays, fragments, pairs });
  const actions: Action[] = [];
  for (const fragment of fragments) {
    const row = pairs.get(fragment);
    if (row === undefined && menu.shape === 'fixed') throw noSuchEntry(menu, fragment);
    if (row === undefined) actions.push(...addActions(menu, fragment, adds.get(fragment) ?? null));
    else actions.push(...(setAction({ menu, fragment, row, target: placeOf(row), written }) ?? []));
  }
  return [...actions, ...moves, ...surplus.map((row) => removeAction(menu, row, before))];
}

type Item = ApiRow | IntentFragment;

/** Fragments in their order, in front of everything that nobody manages. */
function ordered(
  menu: Menu,
  has: {
    readonly stays: readonly ApiRow[];
    readonly fragments: readonly IntentFragment[];
    readonly pairs: ReadonlyMap<IntentFragment, ApiRow>;
  },
): { readonly adds: ReadonlyMap<Item, Place | null>; readonly moves: readonly Action[] } {
  const { stays, fragments, pairs } = has;
  if (!menu.ordered || fragments.length === 0) return { adds: new Map(), moves: [] };
  const ours: Item[] = fragments.map((fragment) => pairs.get(fragment) ?? fragment);
  const mine = new Set(ours);
  const wanted: Item[] = [...ours, ...stays.filter((row) => !mine.has(row))];
  const { adds, moves } = arrange<Item>(stays, wanted);
  const place = (item: Item | null): Place | null =>
    item === null ? null : isFragment(item) ? { added: item.key } : placeOf(item);
  return {
    adds: new Map(adds.map(({ item, before }) => [item, place(before)])),
    moves: moves.flatMap(({ item, before }) => {
      const target = place(item);
      if (target === null) return [];
      const row: ApiRow = isFragment(item) ? item.values : item;
      const fragment = fragments.find((one) => one === item || pairs.get(one) === item);
      const step = {
        kind: 'move',
        subject: menu.path,
        fragment: fragment?.key ?? null,
        name: nameOfEntry(menu, row, fragment?.secret ?? []),
        adopts: false,
        changes: [],
      } as const;
      return [{ kind: 'move', menu, step, target, before: place(before) }];
    }),
  };
}

function isFragment(item: Item): item is IntentFragment {
  return 'subject' in item && 'values' in item && typeof item.values === 'object';
}

function placeOf(row: ApiRow): Place {
  return { id: row['.id'] ?? '' };
}

function addActions(menu: Menu, fragment: IntentFragment, before: Place | null): Action[] {
  const { key, values: given, secret } = fragment;
  const values: Record<string, string> = {};
  const late: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === 'comment' && menu.hasComment) continue;
    const property = propertyOf(menu, name);
    // To give an entry nothing is to leave it out: an empty value of an address is refused.
    if (value === '' && (property.default === null || property.default === undefined)) continue;
    if (property.late && !isPropertySame(menu, name, value, undefined)) late[name] = value;
    else values[name] = value;
  }
  if (menu.hasComment) values['comment'] = writeComment(given['comment'] ?? '', key);
  const step = {
    subject: menu.path,
    fragment: key,
    name: nameOfEntry(menu, given, secret),
    adopts: false,
  };
  const changesOf = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([property, after]) =>
      shownChange(menu, { property, before: undefined, after, isSecret: secret.includes(property) }),
    );
  const add: Action = {
    kind: 'add',
    menu,
    key,
    values,
    before,
    step: { ...step, kind: 'add', changes: changesOf(values) },
  };
  if (Object.keys(late).length === 0) return [add];
  return [
    add,
    { kind: 'set', menu, target: { added: key }, values: late, unset: [], step: { ...step, kind: 'set', changes: changesOf(late) } }, // prettier-ignore
  ];
}

/** Null where the row is as the fragment says. */
function setAction(options: {
  readonly menu: Menu;
  readonly fragment: IntentFragment;
  readonly row: ApiRow;
  readonly target: Place | null;
  readonly written: ReadonlyMap<string, IntentFragment>;
}): Action[] | null {
  const { menu, fragment, row, target } = options;
  const values: Record<string, string> = {};
  const unset: string[] = [];
  for (const [name, after] of Object.entries(differences(options))) {
    if (after === null) unset.push(name);
    else values[name] = after;
  }
  const changed = [...Object.keys(values), ...unset];
  if (changed.length === 0) return null;
  const changes = changed.map((property) =>
    shownChange(menu, {
      property,
      before: row[property],
      after: values[property],
      isSecret: fragment.secret.includes(property),
    }),
  );
  const step = {
    kind: 'set',
    subject: menu.path,
    fragment: fragment.key,
    name: nameOfEntry(menu, { ...row, ...fragment.values }, fragment.secret),
    adopts: menu.hasComment && readComment(row['comment']).key !== fragment.key,
    changes,
  } as const;
  return [{ kind: 'set', menu, target, values, unset, step }];
}

/** Properties that are not as a fragment says, with what they become; null: not set at all. */
function differences(options: {
  readonly menu: Menu;
  readonly fragment: IntentFragment;
  readonly row: ApiRow;
  readonly written: ReadonlyMap<string, IntentFragment>;
}): Readonly<Record<string, string | null>> {
  const { menu, fragment, row, written } = options;
  const found: Record<string, string | null> = {};
  // Entries are managed whole; of settings, and of what the device itself has, only what is named.
  const owned = menu.shape === 'list' ? menu.properties.keys() : [];
  for (const name of new Set([...Object.keys(fragment.values), ...owned])) {
    if (name === 'comment' && menu.hasComment) continue;
    const property = propertyOf(menu, name);
    const wanted = fragment.values[name];
    if (property.fixed || (wanted === undefined && property.default === undefined)) continue;
    if (property.writeOnly) {
      if (wanted !== undefined && !hasWritten(written.get(fragment.key), fragment, name)) found[name] = wanted;
      continue;
    }
    if (isPropertySame(menu, name, wanted, row[name])) continue;
    const after = wanted === undefined || wanted === '' ? (property.default ?? null) : wanted;
    found[name] = after === null && property.default === undefined ? '' : after;
  }
  if (menu.hasComment) {
    const comment = writeComment(fragment.values['comment'] ?? readComment(row['comment']).text, fragment.key);
    if (comment !== row['comment']) found['comment'] = comment;
  }
  return found;
}

function hasWritten(written: IntentFragment | undefined, fragment: IntentFragment, name: string): boolean {
  return written?.subject === fragment.subject && written.values[name] === fragment.values[name];
}

/** What was secret in it, the document before tells: the one that is wanted has it no more. */
function removeAction(menu: Menu, row: ApiRow, before: readonly IntentFragment[]): Action {
  const names = Object.keys(row).filter((name) => menu.properties.has(name) || name === 'comment');
  const { key } = readComment(row['comment']);
  const secret = before.find((fragment) => fragment.key === key)?.secret ?? [];
  return {
    kind: 'remove',
    menu,
    id: row['.id'] ?? '',
    step: {
      kind: 'remove',
      subject: menu.path,
      fragment: menu.hasComment ? key : null,
      name: nameOfEntry(menu, row, secret),
      adopts: false,
      changes: names.map((property) =>
        shownChange(menu, { property, before: row[property], after: undefined, isSecret: secret.includes(property) }),
      ),
    },
  };
}
