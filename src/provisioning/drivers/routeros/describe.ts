import type { IntentFragment } from '../../../domain/intent.ts';
import type { ApiRow } from './api-client.ts';
import type { RouterOsConfiguration } from './configuration.ts';
import { foundKeys } from './found-keys.ts';
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
  const rows = configuration.rows(subject) ?? [];
  const keys = foundKeys(menu, rows);
  return rows.map((row, at) => {
    const values = valuesOf(menu, row);
    const secret = Object.keys(values).filter((name) => isSecret(menu, name, values[name] ?? ''));
    return { key: keys[at] ?? '', subject, values, secret };
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
