import type { RouteFact } from '../../src/api/app.ts';

/** What people with bad intentions, broken programs and copied spreadsheets put into a field. */
export const hostileTexts: readonly string[] = [
  "'; drop table sites; --",
  "\\'; select pg_sleep(30); --",
  '%',
  '\\',
  '_%_%_%\\',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e\u200b',
  '\u001b[2J\r\nSet-Cookie: x=y',
  '__proto__',
  'constructor',
  '../../../../etc/passwd',
  '${jndi:ldap://127.0.0.1/x}',
  "=cmd|' /C calc'!A0",
  '<script>alert(1)</script>',
  `${'a'.repeat(60)}!`,
  '9'.repeat(400),
  '-1',
  '1e308',
  'NaN',
  '99999999999999999999',
  '[]',
  '{"$ne":null}',
  '2026-02-31T99:99:99Z',
  '💣'.repeat(200),
];

/** Bodies that are no object of ours at all. */
const hostileBodies: readonly string[] = [
  '',
  'null',
  '[]',
  '"text"',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `${'['.repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '{"name":1e999}',
  '{"name":"\\ud800"}',
  '{',
];

interface Call {
  readonly url: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly shown: string;
}

interface AnySchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, AnySchema>>;
  readonly examples?: readonly unknown[];
}

/** A field whose schema takes next to any text gets them all; one that takes a number or a word of a list gets a few. */
function textsFor(schema: AnySchema): readonly string[] {
  const free = schema.type === 'string' && schema.enum === undefined && schema.pattern === undefined;
  return free && schema.format === undefined ? hostileTexts : hostileTexts.filter((_, at) => at % 5 === 0);
}

/** Every hostile text in every part of a route: its path, each field of its query, each field of its body. */
export function hostileCalls(route: RouteFact): readonly Call[] {
  const calls: Call[] = [];
  const fill = (text: string): string => route.url.replaceAll(/:\w+/g, () => encode(text));
  // what is there is changed, but not removed: the others are asked for it next
  const plain = fill(route.method === 'DELETE' ? 'tidak-ada' : 'kec-kahu');
  const query = Object.entries((route.schema.querystring as AnySchema | undefined)?.properties ?? {});
  const hasBody = route.schema.body !== undefined;
  const json = { 'content-type': 'application/json' };
  const shown = (text: string): string => JSON.stringify(text.slice(0, 60));

  if (route.url.includes(':')) {
    for (const text of hostileTexts.filter((one) => one.length < 300)) {
      calls.push({
        url: fill(text),
        shown: `path ${shown(text)}`,
        ...(hasBody && { body: '{}', headers: json }),
      });
    }
  }
  for (const [field, fieldSchema] of query) {
    for (const text of textsFor(fieldSchema)) {
      calls.push({
        url: `${plain}?${field}=${encode(text)}`,
        shown: `${field}=${shown(text)}`,
        ...(hasBody && { body: '{}', headers: json }),
      });
    }
  }
  if (!hasBody) return calls;
  const schema = route.schema.body as AnySchema;
  const [example = {}] = schema.examples ?? [];
  for (const [field, fieldSchema] of Object.entries(schema.properties ?? {})) {
    for (const text of textsFor(fieldSchema)) {
      const body = JSON.stringify({ ...(example as object), [field]: text });
      calls.push({ url: plain, body, headers: json, shown: `body ${field}: ${shown(text)}` });
    }
    for (const value of [null, -1, 1e308, [], {}, [[[[]]]], true]) {
      const body = JSON.stringify({ ...(example as object), [field]: value });
      calls.push({ url: plain, body, headers: json, shown: `body ${field}: ${JSON.stringify(value)}` });
    }
  }
  for (const body of hostileBodies) calls.push({ url: plain, body, headers: json, shown: `body ${body.slice(0, 60)}` });
  return calls;
}

/** Percent-encoded; what UTF-8 has no form for goes as the bytes that a careless program would send. */
function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
}
