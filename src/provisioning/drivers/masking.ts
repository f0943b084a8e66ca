import type { IntentDocument } from '../../domain/intent.ts';
import type { NamedSecrets } from './driver.ts';

/** What stands where a secret stood. */
export const mask = '•••';

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
