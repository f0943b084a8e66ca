import type { IntentDocument } from '../../domain/intent.ts';

/** The document as anybody who may read the device may see it: secrets are named, and have no value. */
export function maskedDocument({ driver, fragments, whole }: IntentDocument): IntentDocument {
  return {
    driver,
    ...(whole === true ? { whole } : {}),
    fragments: fragments.map(({ key, subject, values, secret }) => {
      const hidden = new Set(secret);
      const shown = Object.entries(values).filter(([name]) => !hidden.has(name));
      return { key, subject, values: Object.fromEntries(shown), secret: [...hidden].sort() };
    }),
  };
}

/**
 * Whether something of a document is secret. The name of such a one, and whether it is another than the one that is staged, are
 * not told of what nobody staged: who may try as often as he likes would find out what the secret is.
 */
export function holdsSecrets({ fragments }: IntentDocument): boolean {
  return fragments.some(({ secret }) => secret.length > 0);
}
