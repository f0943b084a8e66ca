import { ArungError } from '../../../domain/errors.ts';
import type { ConfigurationBackup, NamedSecrets } from '../driver.ts';
import { mask } from '../masking.ts';
import { pathOf, unquoted, wholeLines, wordsOf } from './export-commands.ts';
import { menuAt } from './menus/menus.ts';
import { isRollbackName } from './rollback-names.ts';
import { isSecret } from './without-secrets.ts';

/**
 * An export without what changes by itself, and the same with its secrets masked. Throws `router.export-cut` when it is
 * not whole: half of one would be taken for a change, and restored as one.
 * @param text what `/export show-sensitive` gives (help.mikrotik.com, "Configuration Management").
 * @param named what is masked beside what the tables of menus call secret.
 */
export function backupOf(address: string, text: string, named: NamedSecrets = new Map()): ConfigurationBackup {
  const lines = wholeLines(text);
  const wrong = whatIsWrong(text, lines);
  if (wrong !== null) {
    throw new ArungError('unavailable', `${address} gave an export that is not whole (${wrong}): it is not kept.`, {
      code: 'router.export-cut',
      arguments: { address },
    });
  }
  const kept = withoutRollbacks(lines.flatMap(withoutNoise));
  return { text: whole(kept), masked: whole(masked(kept, named)) };
}

function whole(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function whatIsWrong(text: string, lines: readonly string[]): string | null {
  if (!/^# .*by RouterOS /.test(lines[0] ?? '')) return 'its first line is missing';
  if (!text.endsWith('\n')) return 'its last line does not end';
  // A menu that did not answer in time is left out, and only a remark tells of it.
  if (lines.some((line) => line.startsWith('#error'))) return 'the device could not read a menu';
  if (lines.some((line) => !isWholeLine(line))) return 'a line is cut';
  if (/^\/[a-z0-9 -]+$/.test(lines.at(-2) ?? '')) return 'a menu has no entry';
  return null;
}

function isWholeLine(line: string): boolean {
  if (line === '' || line.startsWith('#')) return true;
  if (!/^(\/|add\b|set\b|remove\b|disable\b|enable\b|move\b|print\b|:)/.test(line)) return false;
  // A text in quotes that does not end.
  return line.replace(/\\./g, '').split('"').length % 2 === 1;
}

/** The moment of the export is noise; other remarks depend on what is plugged in just now. */
function withoutNoise(line: string, at: number): string[] {
  if (at === 0) return [line.replace(/^# .*by RouterOS /, '# by RouterOS ')];
  if (line === '') return [];
  return line.startsWith('#') && !/^# (model|serial number|software id) ?=/.test(line) ? [] : [line];
}

/** Timers of a rollout that is under way on the device are gone when it is over. */
function withoutRollbacks(lines: readonly string[]): string[] {
  let path = '';
  const kept = lines.filter((line) => {
    path = pathOf(line) ?? path;
    const name = /^add (?:.* )?name=(\S+)/.exec(line)?.[1];
    return path !== '/system/scheduler' || name === undefined || !isRollbackName(unquoted(name));
  });
  return kept.filter((line, at) => !(line.startsWith('/') && !/ (add|set) /.test(line) && (kept[at + 1] ?? '/').startsWith('/'))); // prettier-ignore
}

/** What was kept of an export, with its secrets masked. */
export function maskedExport(text: string): string {
  return masked(text.split('\n'), new Map()).join('\n');
}

function masked(lines: readonly string[], named: NamedSecrets): string[] {
  let path = '';
  return lines.map((line) => {
    if (line.startsWith('#')) return line;
    const words = wordsOf(line);
    path = pathOf(line) ?? path;
    const menu = menuAt(path);
    return words
      .map((word) => {
        const equals = /^([\w.-]+)=/.exec(word);
        const name = equals?.[1] ?? '';
        if (name === '') return word;
        const isHidden = isSecret(menu, name, unquoted(word.slice(name.length + 1)));
        return isHidden || named.get(path)?.has(name) === true ? `${name}=${mask}` : word;
      })
      .join(' ');
  });
}
