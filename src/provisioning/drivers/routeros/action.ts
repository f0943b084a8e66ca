import type { ConfigurationStep, PropertyChange } from '../driver.ts';
import type { ApiRow } from './api-client.ts';
import type { Menu } from './menu.ts';
import { propertyOf } from './menu.ts';
import { notation } from './values.ts';
import { isSecret } from './without-secrets.ts';

/** An entry on the device, or one that an earlier action adds and whose id is not known before. */
export type Place = { readonly id: string } | { readonly added: string };

/** One command for the device, with its secrets; `step` is what of it may be shown. */
export type Action = { readonly menu: Menu; readonly step: ConfigurationStep } & (
  | {
      readonly kind: 'add';
      /** By which later actions know it. */
      readonly key: string;
      readonly values: Readonly<Record<string, string>>;
      /** In ordered menus: what it goes in front of; null: the end. */
      readonly before: Place | null;
    }
  | {
      readonly kind: 'set';
      /** Null: the one set of settings of its menu. */
      readonly target: Place | null;
      readonly values: Readonly<Record<string, string>>;
      /** Properties that are taken away. */
      readonly unset: readonly string[];
    }
  | { readonly kind: 'move'; readonly target: Place; readonly before: Place | null }
  | { readonly kind: 'remove'; readonly id: string }
);

/** When an action is done: the clock first, what must be there before what leans on it, what goes last of all. */
export function inOrder(actions: readonly Action[], movesTheClock: (menu: Menu) => boolean): readonly Action[] {
  const phase = ({ kind, menu }: Action): number => {
    if (kind === 'remove') return 4;
    if (movesTheClock(menu)) return 0;
    return kind === 'add' ? 1 : kind === 'set' ? 2 : 3;
  };
  const rank = (action: Action): number => (action.kind === 'remove' ? -action.menu.rank : action.menu.rank);
  return [...actions].sort((a, b) => phase(a) - phase(b) || rank(a) - rank(b));
}

/**
 * What of a change may be shown, before and after in one notation. Nobody learns a secret from it, nor how long it is.
 */
export function shownChange(
  menu: Menu,
  change: {
    readonly property: string;
    readonly before: string | undefined;
    readonly after: string | undefined;
    readonly isSecret: boolean;
  },
): PropertyChange {
  const { property, before, after } = change;
  const secret = change.isSecret || [before, after].some((value) => isSecret(menu, property, value ?? ''));
  const shown = (value: string | undefined): string | null =>
    secret || value === undefined || value === '' ? null : notation(propertyOf(menu, property).kind, value);
  return { property, secret, before: shown(before), after: shown(after) };
}

const namedBy: readonly (readonly string[])[] = [
  ['address', 'interface'],
  ['list', 'interface'],
  ['list', 'address'],
  ['dst-address', 'gateway'],
  ['bridge', 'vlan-ids'],
  ['interface', 'bridge'],
  ['interface', 'endpoint-address'],
  ['topics', 'action'],
  ['chain', 'action', 'protocol', 'dst-port'],
  ['default-name'],
  ['name'],
  ['address'],
  ['interface'],
  ['area'],
  ['user'],
];

/** What a person knows an entry by: `10.73.8.1/24 bridge`. Secrets are no names. */
export function nameOfEntry(menu: Menu, row: ApiRow, secret: readonly string[]): string {
  const tells = (name: string): boolean => {
    const value = row[name];
    return value !== undefined && value !== '' && !secret.includes(name) && !isSecret(menu, name, value);
  };
  const found = namedBy.find(([first = '', ...rest]) => tells(first) && (rest.length === 0 || rest.some(tells)));
  const text = (found ?? []).filter(tells).map((name) => row[name] ?? '').join(' '); // prettier-ignore
  const line = text.replace(/\p{Cc}/gu, ' ');
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
