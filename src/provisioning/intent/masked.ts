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
