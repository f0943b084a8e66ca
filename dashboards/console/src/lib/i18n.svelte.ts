import { en } from '../i18n/en.ts';
import { filled } from '../i18n/filled.ts';
import { id } from '../i18n/id.ts';
import type { Arguments, Placeholders } from '../i18n/translation.ts';
import { number, type Language } from './numbers.ts';
import { remembered, remember } from './remembered.ts';

export type { Language } from './numbers.ts';
export type TextKey = keyof typeof id;
/** Keys of texts without placeholders: what a table of pages or keys may hold. */
export type PlainTextKey = {
  [Key in TextKey]: [Placeholders<(typeof id)[Key]>] extends [never] ? Key : never;
}[TextKey];

const catalogues: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { id, en };

function wished(): Language {
  const kept = remembered('language');
  if (kept === 'id' || kept === 'en') return kept;
  return navigator.languages.some((tag) => /^(id|in|ms)\b/i.test(tag)) || !/^en\b/i.test(navigator.language)
    ? 'id'
    : 'en';
}

class I18n {
  /** The reader's language; whatever reads it is drawn again when it changes. */
  language: Language = $state(wished());
  /** IANA time zone in which every time on the page is written. */
  zone: string = $state('Asia/Makassar');

  choose(language: Language): void {
    this.language = language;
    remember('language', language);
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();
document.documentElement.lang = i18n.language;

function fill(text: string, args: Readonly<Record<string, string | number>> | undefined): string {
  if (args === undefined) return text;
  return filled(text, args, (value) => number(i18n.language, value, Number.isInteger(value) ? 0 : 1));
}

/** The text of a key in the reader's language. Reactive. `t('sites.count', { n: 3 })`. */
export function t<Key extends TextKey>(key: Key, ...args: Arguments<(typeof id)[Key]>): string {
  return fill(catalogues[i18n.language][key], args[0]);
}

/** Whether there is such a text; for keys that come from the controller (event keys, error codes). */
export function hasText(key: string): key is TextKey {
  return Object.hasOwn(catalogues.id, key);
}

/** The text of a key that is only known at run time; `undefined` where no catalogue has it or a placeholder stays open. */
export function textOf(key: string, args?: Readonly<Record<string, string | number>>): string | undefined {
  if (!hasText(key)) return undefined;
  const text = fill(catalogues[i18n.language][key], args);
  return /\{\w+\}/.test(text) ? undefined : text;
}
