import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import type { FastifyInstance } from 'fastify';
import type { RouteFact } from '../../src/api/app.ts';

/**
 * Walks every route that the router itself lists, as a caller whose rights end at a region, and looks for anything from
 * outside of it. A new route is walked by being there; one that cannot be walked by its schema alone fails until a recipe
 * says how to call it.
 */
export interface ForeignThing {
  /** An id, a name, a code, an address, a serial number… that only things outside the caller's regions have. */
  readonly value: string;
  /** `region`: names and codes of regions, which public geography may show to everyone. */
  readonly kind: 'region' | 'thing';
}

/** How to call a route in a way that its schema does not tell. */
export interface Recipe {
  /** `POST /api/v1/series/query`. */
  readonly route: string;
  readonly calls: readonly {
    readonly params?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  }[];
}

export interface WalkOptions {
  readonly app: Pick<FastifyInstance, 'inject' | 'routeFacts'>;
  readonly headers: Readonly<Record<string, string>>;
  readonly foreign: readonly ForeignThing[];
  /** What a path or query may name: ids, codes, names of foreign things. */
  readonly keys: readonly string[];
  readonly recipes?: readonly Recipe[];
  /** Routes that are not for this caller's data: `GET /*`, the console's files. */
  readonly skip?: readonly string[];
}

export interface WalkResult {
  /** A sentence for every leak or route that could not be walked; empty when all is well. */
  readonly findings: readonly string[];
  readonly routes: number;
  readonly requests: number;
}

interface Call {
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const absent = '0198ffff-ffff-7fff-bfff-ffffffffffff';

export async function walkRoutes(options: WalkOptions): Promise<WalkResult> {
  const findings: string[] = [];
  let requests = 0;
  const routes = options.app.routeFacts.filter(
    (route) => route.method !== 'HEAD' && !options.skip?.includes(nameOf(route)),
  );

  async function send(route: RouteFact, call: Call): Promise<{ status: number; text: string }> {
    requests += 1;
    const json = call.body === undefined || typeof call.body === 'string' ? {} : { 'content-type': 'application/json' };
    const response = await options.app.inject({
      method: route.method as 'GET',
      url: call.url,
      headers: { ...json, ...options.headers, ...call.headers },
      ...(call.body === undefined ? {} : { payload: call.body as object }),
    });
    return { status: response.statusCode, text: JSON.stringify(response.headers) + response.body };
  }

  for (const route of routes) {
    const seen = new Set<number>();
    let denied = 0;
    let understood = false;
    const recipes = options.recipes?.filter((recipe) => recipe.route === nameOf(route)) ?? [];
    const calls = [...callsOf(route, options.keys), ...recipes.flatMap((recipe) => recipeCalls(route, recipe))];
    for (const call of calls) {
      // A right that is missing is missing for every key: the guard refuses before anything is read.
      if (denied === 2 && seen.size === 1) break;
      const { status, text } = await send(route, call);
      seen.add(status);
      understood ||= !/"code":"request\.(invalid|not-json|media-type)"/.test(text);
      if (status === 403 && text.includes('"code":"forbidden"')) denied += 1;
      const sent = JSON.stringify([decodeURIComponent(call.url), call.body ?? null]);
      for (const thing of options.foreign) {
        if (thing.kind === 'region' && route.permission === 'public') continue;
        // What was asked for may be said back: that tells nothing.
        if (!text.includes(thing.value) || sent.includes(thing.value)) continue;
        findings.push(`${nameOf(route)} shows ${thing.value} (${status} for ${call.url})`);
      }
      if (status === 500) findings.push(`${nameOf(route)} fails (500 for ${call.url}): ${text.slice(-300)}`);
    }
    if (seen.has(403) && seen.size === 1) continue;
    findings.push(...(await oracles(route, options.keys, send)));
    if (!understood) {
      findings.push(`${nameOf(route)} was never called rightly: give a recipe for it`);
    }
  }
  return { findings: [...new Set(findings)], routes: routes.length, requests };
}

/** A thing that is there but foreign must answer as one that is not there at all. */
async function oracles(
  route: RouteFact,
  keys: readonly string[],
  send: (route: RouteFact, call: Call) => Promise<{ status: number }>,
): Promise<string[]> {
  if (!route.url.includes(':') || (route.method !== 'GET' && route.method !== 'DELETE')) return [];
  const { status: without } = await send(route, { url: fill(route.url, () => absent) });
  const found: string[] = [];
  for (const key of keys.filter((one) => one.length === absent.length)) {
    const { status } = await send(route, { url: fill(route.url, () => key) });
    if (status !== without) found.push(`${nameOf(route)} tells that ${key} is there (${status}, else ${without})`);
  }
  return found;
}

function callsOf(route: RouteFact, keys: readonly string[]): Call[] {
  const paths = route.url.includes(':') ? keys.map((key) => fill(route.url, () => key)) : [route.url];
  const query = propertiesOf(route.schema.querystring);
  const required = requiredOf(route.schema.querystring).map((name) => [name, sample(query[name])] as const);
  const base = new URLSearchParams(Object.fromEntries(required.map(([name, value]) => [name, String(value)])));
  const queries = [base.toString()];
  for (const [name, schema] of Object.entries(query)) {
    for (const key of keys.filter((one) => takes(schema, one))) {
      const one = new URLSearchParams(base);
      one.set(name, key);
      queries.push(one.toString());
    }
  }
  // With a key in the path or the body, one query is enough: they multiply otherwise.
  const chosen = paths.length > 1 || route.schema.body !== undefined ? queries.slice(0, 1) : queries;
  // One body for each path, or one body for each key where there is no path to fill.
  const bodyKeys = paths.length > 1 ? keys.slice(0, 1) : keys;
  const bodies = route.schema.body === undefined ? [undefined] : bodyKeys.map((key) => sample(route.schema.body, key));
  return paths.flatMap((path) =>
    chosen.flatMap((text) =>
      bodies.map((body) => ({
        url: text === '' ? path : `${path}?${text}`,
        ...(body === undefined ? {} : { body }),
      })),
    ),
  );
}

function recipeCalls(route: RouteFact, recipe: Recipe): Call[] {
  return recipe.calls.map((call) => {
    const query = new URLSearchParams(call.query).toString();
    const path = fill(route.url, (name) => call.params?.[name] ?? absent);
    return {
      url: query === '' ? path : `${path}?${query}`,
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.headers === undefined ? {} : { headers: call.headers }),
    };
  });
}

/** Whether a key could be a value here at all: else the answer is a refusal by the schema, over and over. */
function takes(schema: TSchema, key: string): boolean {
  try {
    return Value.Check(schema, key);
  } catch {
    return true;
  }
}

function fill(url: string, value: (name: string) => string): string {
  return url.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(value(name)));
}

function nameOf(route: RouteFact): string {
  return `${route.method} ${route.url}`;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

function propertiesOf(schema: unknown): Readonly<Record<string, TSchema>> {
  return (schema as ObjectSchema | undefined)?.properties ?? {};
}

function requiredOf(schema: unknown): readonly string[] {
  return (schema as ObjectSchema | undefined)?.required ?? [];
}

interface AnySchema extends ObjectSchema {
  readonly type?: string;
  readonly items?: unknown;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
}

/** Names of fields that point at things: these are filled with the foreign key, all others with harmless text. */
const pointing =
  /(Id|Ids|Code|Key)$|^(id|key|site|device|link|region|interface|contact|calendar|credential|agent|a|b)s?$/;

/** A body by its schema: its own example where it has one, with everything that points elsewhere pointing at the key. */
function sample(schema: unknown, key = absent, name = 'key'): unknown {
  const { type, properties, items, examples, format, pattern } = schema as AnySchema;
  const [example] = examples ?? [];
  if (type === 'object' && properties !== undefined) {
    const shown = typeof example === 'object' && example !== null ? Object.entries(example) : null;
    const names = shown?.map(([field]) => field) ?? Object.keys(properties);
    return Object.fromEntries(
      names.map((field) => {
        const given = shown?.find(([one]) => one === field)?.[1];
        const asGiven = given !== undefined && !pointing.test(field);
        return [field, asGiven ? given : sample(properties[field] ?? {}, key, field)];
      }),
    );
  }
  if (type === 'array' && items !== undefined) return [sample(items, key, name)];
  const fits = (text: string) => pattern === undefined || new RegExp(pattern).test(text);
  if (type === 'string' && pointing.test(name) && fits(key)) return key;
  if (example !== undefined) return example;
  if (format === 'date-time') return '2026-11-24T00:00:00.000Z';
  if (type === 'string' && fits('uji')) return 'uji';
  try {
    return Value.Create(schema as TSchema);
  } catch {
    return null;
  }
}
