import { ArungError } from '../../../domain/errors.ts';
import type { ConfigurationBackup, NamedSecrets } from '../driver.ts';
import { mask } from '../masking.ts';
import type { Dialect } from './dialect.ts';
import { maskedLine } from './masked-line.ts';
import { namedWords } from './named.ts';

/** Lines that change by themselves, of any maker: times, sizes, and a value that IOS tunes. */
const volatile =
  /^\s*(Building configuration|Current configuration ?:|! Last configuration change|! NVRAM config last|! No configuration change|ntp clock-period |!?Last configuration was|!Software Version|Using \d+ )/;

/** A configuration of fewer lines is none. */
const fewestLines = 3;

/**
 * A running configuration without what changes by itself, and the same with its secrets masked. Throws `cli.export-cut`
 * when it is not whole: half of one would be taken for a change, and restored as one.
 */
export function backupOf(
  address: string,
  text: string,
  { dialect, named = new Map() }: { readonly dialect: Dialect; readonly named?: NamedSecrets | undefined },
): ConfigurationBackup {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  const kept = withoutMark(
    lines.filter((line) => line !== '' && !volatile.test(line)),
    dialect,
  );
  if (kept.length < fewestLines || dialect.end?.test(lines.at(-1) ?? '') === false) {
    throw new ArungError('unavailable', `${address} gave a configuration that is not whole: it is not kept.`, {
      code: 'cli.export-cut',
      arguments: { address },
    });
  }
  return { text: `${kept.join('\n')}\n`, masked: `${masked(kept, named).join('\n')}\n` };
}

/** What was kept of a running configuration, with its secrets masked. */
export function maskedRunning(text: string): string {
  return masked(text.split('\n'), new Map()).join('\n');
}

/** What Arung's own rollback left there for some minutes is no part of a configuration. */
function withoutMark(lines: readonly string[], { mark }: Dialect): readonly string[] {
  let subject = 'global';
  return lines.filter((line) => {
    // Comware indents what stands in no section, too, each behind a sign of its own.
    if (line.startsWith(' '))
      return !mark.owns(subject, null) && !(subject === '#' && mark.owns('global', line.trim()));
    subject = line;
    return !mark.owns(line, null) && !mark.owns('global', line);
  });
}

/** A key or certificate goes over several lines: what stands in such a section, or between its two ends, is masked whole. */
function masked(lines: readonly string[], named: NamedSecrets): readonly string[] {
  let isSecret = false;
  let isKey = false;
  const heads: string[] = [];
  return lines.map((line) => {
    const indent = line.length - line.trimStart().length;
    const isEnd = /-- ?END .*PRIVATE KEY/.test(line);
    const isWithin = isKey && !isEnd;
    isKey = !isEnd && (isKey || /-- ?BEGIN .*PRIVATE KEY/.test(line));
    if (isWithin) return mask;
    if (indent === 0) isSecret = /^(crypto (pki|key|ca)|ssd-control|pki )/.test(line);
    if (isSecret && indent > 0) return ` ${mask}`;
    heads.length = Math.min(heads.length, indent);
    const words = namedWords(named, { path: heads.filter((head) => head !== ''), line: line.trim() });
    while (heads.length < indent) heads.push('');
    heads.push(line.trim());
    return words === null ? maskedLine(line) : `${' '.repeat(indent)}${words} ${mask}`;
  });
}
