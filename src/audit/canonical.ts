/**
 * JSON with sorted keys and no spaces: one text for one meaning, whatever order the fields came in (the idea of RFC 8785).
 * Dates become ISO 8601, what JSON cannot say (undefined, functions) is left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(value ?? null))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

const secretName = /pass(word|phrase)|secret|community|token|auth_?key|priv_?key|comm_?key|private_?key/i;

/** A last guard: who appends leaves secrets out; should one slip through, its value is not kept. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const hide = secretName.test(key) && inner !== null && inner !== '' && typeof inner !== 'boolean';
      return [key, hide ? '(not kept)' : withoutSecrets(inner)];
    }),
  );
}
