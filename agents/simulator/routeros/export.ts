import type { RouterConfiguration } from './configuration.ts';
import type { Menu } from './menu.ts';

/** What `/export` leaves out unless it is asked with `show-sensitive` (help.mikrotik.com, "Configuration Management"). */
function isSecret(menu: Menu, name: string): boolean {
  const kind = menu.kind.properties[name]?.kind;
  return kind?.is === 'text' && kind.secret === true;
}

const skipped = new Set(['/file', '/log', '/user', '/user/group', '/user/ssh-keys', '/system/resource', '/system/routerboard', '/system/license', '/interface']); // prettier-ignore

/** Only what differs from the defaults, menu by menu, as a script that `/import` takes. */
export function exported(
  configuration: RouterConfiguration,
  options: { readonly heading: string; readonly showSensitive: boolean },
): string {
  const lines = [options.heading];
  for (const menu of configuration.menus) {
    const { kind } = menu;
    if (skipped.has(kind.path)) continue;
    const commands: string[] = [];
    for (const entry of menu.entries) {
      const words: string[] = [];
      for (const [name, value] of entry.values) {
        if (value === kind.properties[name]?.default || kind.properties[name] === undefined) continue;
        if (isSecret(menu, name) && !options.showSensitive) continue;
        if (name === 'default-name' || name === 'run-count') continue;
        if (kind.fixed === true && name === 'name' && value === entry.values.get('default-name')) continue;
        words.push(`${name}=${quoted(value)}`);
      }
      if (words.length === 0) continue;
      if (kind.single === true) commands.push(`set ${words.join(' ')}`);
      else if (kind.fixed === true) {
        const by = entry.values.has('default-name') ? 'default-name' : 'name';
        const rest = words.filter((word) => !(by === 'name' && word.startsWith('name=')));
        const isPlain = kind.path === '/ip/service' && rest.every((word) => word.startsWith('port='));
        if (rest.length > 0 && !isPlain) commands.push(`set [ find ${by}=${quoted(entry.values.get(by) ?? '')} ] ${rest.join(' ')}`); // prettier-ignore
      } else commands.push(`add ${words.join(' ')}`);
    }
    if (commands.length > 0) lines.push(kind.path.replace(/\//g, ' ').trim().replace(/^/, '/'), ...commands);
  }
  return `${lines.join('\n')}\n`;
}

function quoted(value: string): string {
  if (/^[A-Za-z0-9._:/,*+-]+$/.test(value)) return value;
  const escaped = value
    .replace(/["\\$?]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
