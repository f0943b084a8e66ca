import type { IntentDocument } from '../../domain/intent.ts';
import type { NamedSecrets } from './driver.ts';

/** What stands where a secret stood. */
export const mask = '•••';

/** What a person calls a secret in a text, with its sign: `password: rahasia`, `sandi=rahasia`. */
export const calledSecret = /(pass(word|phrase|wd)?|pwd|sandi|secret|psk|key|community|token|pin)["']?\s*[:=]/i;

/** Addresses without the passwords in them: `scp://arung:•••@10.0.0.1/`. */
export function withoutUsers(text: string): string {
  if (!text.includes('//')) return text;
  return text.replace(/\S+/g, (word) => {
    const user = /\/\/[^/:@]*:/.exec(word);
    const at = word.lastIndexOf('@');
    const from = user === null ? -1 : user.index + user[0].length;
    return from === -1 || at <= from ? word : `${word.slice(0, from)}${mask}${word.slice(at)}`;
  });
}

/** A text of a device, which may repeat what it was sent, without these secrets. */
export function withoutSecrets(secrets: Iterable<string>, text: string): string {
  const named = [...new Set(secrets)].filter((secret) => secret !== '');
  // The longest first: a short one may be a part of it.
  return named.sort((a, b) => b.length - a.length).reduce((left, secret) => left.replaceAll(secret, mask), text);
}

/** What documents call secret, by subject. */
export function namedIn(documents: readonly IntentDocument[]): NamedSecrets {
  const named = new Map<string, Set<string>>();
  for (const { subject, secret } of documents.flatMap(({ fragments }) => fragments)) {
    named.set(subject, new Set([...(named.get(subject) ?? []), ...secret]));
  }
  return named;
}
