import { soundsSecret } from '../../../domain/intent.ts';
import { valueKinds, type ValueKind } from './values.ts';

/** What is known of a property of a menu. */
export interface MenuProperty {
  readonly kind: ValueKind;
  /**
   * What it is where a managed entry does not name it: a value, or null for "not set". Undefined: the device makes one up
   * (a key, a port), and nobody minds which.
   */
  readonly default: string | null | undefined;
  readonly required: boolean;
  readonly secret: boolean;
  /** The device takes it and never gives it back. */
  readonly writeOnly: boolean;
  /** Left out when an entry is added, and set when everything else is there: it cuts what is not ready. */
  readonly late: boolean;
  /** Names an entry and cannot be changed. */
  readonly fixed: boolean;
}

export interface Menu {
  /** `/ip/address`. */
  readonly path: string;
  /** `single`: one set of settings. `fixed`: entries are the device's own. `unknown`: a menu that no table has. */
  readonly shape: 'list' | 'single' | 'fixed' | 'unknown';
  /** What is added first: interfaces before the addresses on them. Removed in the reverse order. */
  readonly rank: number;
  readonly ordered: boolean;
  /** Entries have a comment, and so room for Arung's mark. */
  readonly hasComment: boolean;
  /** Sets of properties that name an entry, the better one first; `content`: nothing but all that it holds. */
  readonly keys: readonly (readonly string[])[] | 'content';
  readonly properties: ReadonlyMap<string, MenuProperty>;
}

const anyProperty: MenuProperty = {
  kind: 'any',
  default: undefined,
  required: false,
  secret: false,
  writeOnly: false,
  late: false,
  fixed: false,
};

/** In menus that no table has: what is a secret without sounding like one, and what sounds like one and is none. */
const exceptions: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  '/zerotier': { identity: true },
  '/container/envs': { value: true, key: false },
  // Keys of other menus, by their names.
  '/ip/ipsec/identity': { key: false, 'remote-key': false },
};

/** Also of properties that the table does not have: a menu of a later version, an option that nobody listed here. */
export function propertyOf(menu: Menu, name: string): MenuProperty {
  const known = menu.properties.get(name);
  if (known !== undefined) return known;
  return (exceptions[menu.path]?.[name] ?? soundsSecret(name))
    ? { ...anyProperty, kind: 'text', secret: true }
    : anyProperty;
}

export interface MenuOptions {
  readonly shape?: 'list' | 'single' | 'fixed';
  readonly ordered?: true;
  readonly noComment?: true;
  readonly keys?: Menu['keys'];
}

/**
 * A menu of a table, without its rank.
 * @param properties with blanks between them: `name:kind`, then flags, then `=default` or `?` for "not set by default".
 *   Flags: `!` required, `#` secret, `~` secret that is never given back, `^` late, `%` names the entry and stays.
 */
export function menu(path: string, properties: string, options: MenuOptions = {}): Omit<Menu, 'rank'> {
  return {
    path,
    shape: options.shape ?? 'list',
    ordered: options.ordered ?? false,
    hasComment: options.shape === undefined && options.noComment !== true,
    keys: options.keys ?? [['name']],
    properties: new Map(properties.trim().split(/\s+/).map(propertyFrom)),
  };
}

function propertyFrom(text: string): readonly [string, MenuProperty] {
  const found = /^([a-z0-9-]+):([a-z]+)([!#~^%]*)(\?|=.*)?$/.exec(text);
  const kind = valueKinds.find((one) => one === found?.[2]);
  if (found === null || kind === undefined)
    throw new Error(`A table of menus has a property that cannot be read: ${text}`);
  const [, name = '', , flags = '', end = ''] = found;
  return [
    name,
    {
      kind,
      default: end === '' ? undefined : end === '?' ? null : end.slice(1),
      required: flags.includes('!'),
      secret: /[#~]/.test(flags),
      writeOnly: flags.includes('~'),
      late: flags.includes('^'),
      fixed: flags.includes('%'),
    },
  ];
}
