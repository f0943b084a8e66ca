import { printable } from '../../domain/printable.ts';

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** UAX 9: first strong isolate, and the end of it. What stands between cannot turn the words around it. */
const isolate = '\u2068';
const endOfIsolate = '\u2069';

/**
 * A name or text of a device or a person as it may stand in a sentence: one line, nothing that does not print, right-to-left
 * scripts isolated, at most `maxLength` characters (a longer one ends in `…`).
 */
export function shownText(text: string, maxLength = 80): string {
  // A name of megabytes is cut before it is looked at.
  const line = printable(text.slice(0, maxLength * 8))
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  const cut = characters.length <= maxLength ? line : characters.slice(0, maxLength - 1).join('') + '…';
  return rightToLeft.test(cut) ? isolate + cut + endOfIsolate : cut;
}

/** Names of links are made of the two names that they join: `palattae--kahu`. */
export function shownName(name: string, maxLength = 80): string {
  return shownText(name.replaceAll('--', '–'), maxLength);
}
