import type { IntentDocument } from '../../../domain/intent.ts';
import { calledSecret, withoutSecrets, withoutUsers } from '../masking.ts';
import { propertyOf, type Menu } from './menu.ts';
import { menuAt } from './menus/menus.ts';

/** What a device says may repeat what it was sent, or a part of a script. */
export function withoutSecretsOf(documents: readonly IntentDocument[], text: string): string {
  const secrets = documents
    .flatMap(({ fragments }) => fragments)
    .flatMap(({ subject, values, secret }) =>
      Object.entries(values).flatMap(([name, value]) => {
        if (value === '' || !(secret.includes(name) || isSecret(menuAt(subject), name, value))) return [];
        return scripts.test(name) ? [value, ...textsIn(value)] : [value];
      }),
    );
  return withoutSecrets(secrets, text);
}

/** Properties that hold a script: `source`, `on-event`, `lease-script`. What a container runs is one, too. */
const scripts = /(^|-)script$|^on-|^source$|^(cmd|entrypoint)$/i;

/** Scripts give secrets in words of their own: one that has such a word is shown to nobody. */
const words =
  /pass(word|phrase|wd)?\b|\bp(wd?|in|sk)\b|sandi|secret|token|\bkey\b|[-_.]key\b|apikey|community|bearer|authorization|cookie|bot\d+:/i;

/** What a person wrote. */
const remarks = /^(comment|note|contact|location)$/i;
const wordsOfRemarks = /\b(pass(word|phrase|wd)|pwd|psk|secret)\s+\S/i;

/** Whether nobody may see a value, by its name or by what it says. */
export function isSecret(menu: Menu, name: string, value: string): boolean {
  return propertyOf(menu, name.toLowerCase()).secret || holdsSecret(name, value);
}

/** The same by what it says: a script with a password in it, a remark, an address with one. */
export function holdsSecret(name: string, value: string): boolean {
  if (withoutUsers(value) !== value) return true;
  if (scripts.test(name)) return words.test(value);
  const sign = calledSecret.exec(value);
  if (sign !== null && value.slice(sign.index + sign[0].length).trim() !== '') return true;
  return remarks.test(name) && wordsOfRemarks.test(value);
}

/** Texts in quotes, and what stands behind an equals sign. */
function textsIn(script: string): readonly string[] {
  const found = script.matchAll(/"((?:[^"\\]|\\.)*)"|=([^\s;"]+)/g);
  return [...found].map(([, quoted = '', bare = '']) => quoted || bare).filter((one) => one.length > 2);
}
