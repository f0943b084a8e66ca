import { ArungError } from '../../../domain/errors.ts';
import { inKey, type IntentFragment } from '../../../domain/intent.ts';
import type { CliConfiguration } from './configuration.ts';
import { holdsSecret, shownWords } from './masked-line.ts';
import { none, valueOf, wordsOf } from './properties.ts';
import { secretIn } from './secrets.ts';
import { globalSection, isOwned } from './sections.ts';

/** A word that can be part of a property's name; the rest of a line is its value. */
const nameWord = /^[a-z][a-z0-9_-]*$/;
/** So many words of a line name its property at most. */
const mostWords = 4;
/** What has more is no section that somebody would write down. */
const mostLines = 2_000;

/**
 * A section as the one fragment that would make it. Lines that begin alike are one property of several lines. What the device
 * hides is left out: it would be set to its own cipher.
 */
export function fragmentsOf(configuration: CliConfiguration, subject: string): readonly IntentFragment[] {
  const lines = configuration.lines(subject);
  if (lines === null || (subject === globalSection && lines.length === 0)) return [];
  if (lines.length > mostLines) {
    const message = `${subject} has ${lines.length} lines: no fragment can say as many; ${mostLines} are taken.`;
    throw new ArungError('invalid', message, { code: 'intent.too-large' });
  }
  const hidden = lines.filter((line) => secretIn(line)?.isHidden === true);
  const isHidden = new Set(hidden);
  const shown = lines.filter((line) => !isHidden.has(line));
  const isDenied = (line: string): boolean => /^(no|undo) /.test(line);
  const said = shown.filter((line) => !isDenied(line));
  // Where one name begins another, the shorter one has the lines of both.
  const isKnown = (name: string): boolean => name !== '' && !hidden.some((line) => isOwned(line, wordsOf(name)));
  const names = [...new Set(said.map(nameOf))].filter(isKnown).sort((a, b) => a.length - b.length);
  const owners = names.filter(
    (name, at) => !names.slice(0, at).some((other) => isOwned(wordsOf(name), wordsOf(other))),
  );
  const values: Record<string, string> = {};
  const secret: string[] = [];
  for (const property of owners) {
    const own = said.filter((line) => isOwned(line, wordsOf(property)));
    values[property] = valueOf(wordsOf(property), own);
    if (own.some(holdsSecret)) secret.push(property);
  }
  for (const line of shown.filter(isDenied)) {
    const words = line.split(' ').slice(1);
    const denied = words.join(' ');
    const isFree = !Object.keys(values).some((name) => isOwned(denied, wordsOf(name)) || isOwned(wordsOf(name), denied)); // prettier-ignore
    if (isFree && words.every((word) => nameWord.test(word))) values[words.join('.')] = none;
  }
  const key = inKey(subject)
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64);
  return [{ key, subject, values, secret }];
}

/** The words of a line that name it; empty where it begins with none. A secret is no name. */
function nameOf(line: string): string {
  const words = shownWords(line).split(' ');
  const isSecret = holdsSecret(line);
  const end = words.findIndex((word) => !nameWord.test(word));
  // The last word is the value, as in `switchport mode access`; `shutdown` stands alone.
  const named = end === -1 ? (isSecret ? words.length : Math.max(1, words.length - 1)) : end;
  return words.slice(0, Math.min(named, mostWords)).join('.');
}
