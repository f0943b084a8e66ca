import { inKey, type IntentFragment } from '../../../domain/intent.ts';
import { nameOfEntry } from './action.ts';
import type { ApiRow } from './api-client.ts';
import type { RouterOsConfiguration } from './configuration.ts';
import { readComment } from './mark.ts';
import { isPropertySame } from './match.ts';
import type { Menu } from './menu.ts';
import { knownMenus } from './menus/menus.ts';
import { notation } from './values.ts';
import { isSecret } from './without-secrets.ts';

/** The rows of a menu as the fragments that would make them; nothing of what a device makes up or never tells. */
export function fragmentsOf(configuration: RouterOsConfiguration, subject: string): readonly IntentFragment[] {
  const menu = knownMenus.get(subject);
  if (menu === undefined) return [];
  const taken = new Map<string, number>();
  return (configuration.rows(subject) ?? []).map((row) => {
    const values = valuesOf(menu, row);
    const secret = Object.keys(values).filter((name) => isSecret(menu, name, values[name] ?? ''));
    return { key: freeKey(menu, row, taken), subject, values, secret };
  });
}

function valuesOf(menu: Menu, row: ApiRow): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, property] of menu.properties) {
    const value = row[name];
    if (value === undefined || value === '' || property.writeOnly) continue;
    const names = menu.keys !== 'content' && menu.keys.some((key) => key.includes(name));
    if (!names && property.default !== undefined && isPropertySame(menu, name, value, undefined)) continue;
    values[name] = property.kind === 'bool' ? notation('bool', value) : value;
  }
  const { text } = readComment(row['comment']);
  if (menu.hasComment && text !== '') values['comment'] = text;
  return values;
}

/** Of what a device calls an entry, so much is its key made of. */
const longestName = 200;

/** Its mark's, or one made of what names it: `ip-address.10.0.0.1-24-bridge`. */
function freeKey(menu: Menu, row: ApiRow, taken: Map<string, number>): string {
  const name = nameOfEntry(menu, row, []).slice(0, longestName);
  const named = inKey(`${menu.path}.${name}`);
  const base = readComment(row['comment']).key ?? named.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, 58);
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
