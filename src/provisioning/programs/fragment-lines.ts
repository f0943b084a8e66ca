/**
 * A fragment that Pulumi carries as one text, `lan /ip/address` and a line for each property (pulumi/provider/fragment-text.ts),
 * as its properties: what differs is told by these. Everything else stays as it is.
 */
export function openedFragment(path: string, value: unknown): unknown {
  if (typeof value !== 'string' || !/^fragments\[\d+\]$/.test(path)) return value;
  const [head = '', ...lines] = value.split('\n');
  const [, key, subject] = /^(\S+) (.+)$/.exec(head) ?? [];
  const properties = lines.map((line) => /^([^\s=]+)=(.*)$/.exec(line));
  if (key === undefined || properties.includes(null)) return value;
  const values = properties.map((found): readonly [string, string] => [found?.[1] ?? '', unquoted(found?.[2] ?? '')]);
  return { key, subject, values: Object.fromEntries(values) };
}

/** What is several lines, or begins with a quote, is written as JSON. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}
