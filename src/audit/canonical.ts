/**
 * JSON with sorted keys and no spaces: one text for one meaning, whatever order the fields came in (the idea of RFC 8785).
 * Dates become ISO 8601, what JSON cannot say (undefined, functions) is left out.
 */
export function canonicalJson(value: unknown): string {
  return textOf(value) ?? 'null';
}

/** Null for what JSON cannot say. Written at once: an import keeps thousands of entries. */
function textOf(value: unknown): string | null {
  if (value === null) return 'null';
  if (typeof value !== 'object') return (JSON.stringify(value) as string | undefined) ?? null;
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON(''));
  if (Array.isArray(value)) return `[${Array.from(value, (inner) => textOf(inner) ?? 'null').join(',')}]`;
  const fields: string[] = [];
  for (const [key, inner] of Object.entries(value).sort(byKey)) {
    const text = textOf(inner);
    if (text !== null) fields.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${fields.join(',')}}`;
}

/** By UTF-16 code units; whole numbers come first and by their size, as objects keep them. */
function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const aIsIndex = isIndex(a);
  if (aIsIndex !== isIndex(b)) return aIsIndex ? -1 : 1;
  if (aIsIndex) return Number(a) - Number(b);
  return a < b ? -1 : 1;
}

function isIndex(key: string): boolean {
  return key.length < 11 && /^(0|[1-9]\d*)$/.test(key) && Number(key) < 2 ** 32 - 1;
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
