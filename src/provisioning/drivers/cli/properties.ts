import type { IntentFragment } from '../../../domain/intent.ts';
import type { Dialect } from './dialect.ts';
import { globalSection, nesting } from './sections.ts';

/** A value that stands for the words alone, and one that stands for no line at all. */
export const alone = 'yes';
export const none = 'no';

/**
 * One property of a fragment: the words that begin its lines, and the lines themselves. `switchport.mode` with the value
 * `trunk` is the line `switchport mode trunk`; `ntp.server` with two lines of value is two lines; `shutdown` with `no` is
 * none. It owns every line of its section that begins with its words.
 */
export interface CliProperty {
  readonly property: string;
  /** `switchport mode`. */
  readonly words: string;
  /** As they would be typed; empty where there shall be none. */
  readonly lines: readonly string[];
  /** A person called it secret. */
  readonly isSecret: boolean;
}

export function wordsOf(property: string): string {
  return property.replaceAll('.', ' ');
}

export function propertiesOf(
  { values, secret }: IntentFragment,
  dialect: Pick<Dialect, 'expand'>,
): readonly CliProperty[] {
  return Object.entries(values).map(([property, value]) => ({
    property,
    words: wordsOf(property),
    lines: linesOf(property, value).flatMap((line) => dialect.expand(line)),
    isSecret: secret.includes(property),
  }));
}

/** The lines of a value, as they would be typed. */
export function linesOf(property: string, value: string): readonly string[] {
  const words = wordsOf(property);
  return value
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, ' '))
    .filter((line) => line !== '' && line !== none)
    .map((line) => (line === alone ? words : `${words} ${line}`));
}

/** The value that would give these lines. */
export function valueOf(words: string, lines: readonly string[]): string {
  return lines.map((line) => (line === words ? alone : line.slice(words.length + 1))).join('\n');
}

/** The lines that lead into a section. */
export function pathOf(subject: string): readonly string[] {
  return subject === globalSection ? [] : subject.split(nesting);
}
