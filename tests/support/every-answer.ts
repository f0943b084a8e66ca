import type { RouteFact } from '../../src/api/app.ts';

export interface Answer {
  /** As it was asked for: `/api/v1/rollouts/3`. */
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

export interface AnswersOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly routes: readonly RouteFact[];
  /** Names of things, for paths whose collection lists nothing. */
  readonly keys: readonly string[];
  /** Paths with queries that no schema tells, below the root. */
  readonly more: readonly string[];
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
  readonly required?: readonly string[];
}

/** By which of its properties a thing is called in a path; the first that it has. */
const named = ['id', 'number', 'version', 'key', 'code', 'name', 'deviceId', 'device'] as const;
/** Of one list: a network in a test has few of anything. */
const mostOfEach = 40;
const timeoutMs = 20_000;

/**
 * What every GET of the API answers to somebody, for everything that its lists name. A path is filled from the list before
 * it: `/rollouts/:key` by what `/rollouts` lists.
 */
export async function everyAnswer(options: AnswersOptions): Promise<readonly Answer[]> {
  const answers = new Map<string, Answer>();
  const ask = async (path: string): Promise<Answer> => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${options.url}${path}`, { headers: options.headers, signal });
    const answer = { path, status: response.status, text: await response.text() };
    answers.set(path, answer);
    return answer;
  };
  const fill = async (parts: readonly string[], done: string): Promise<readonly string[]> => {
    const at = parts.findIndex((part) => part.startsWith(':'));
    if (at === -1) return [`${done}${parts.map((part) => `/${part}`).join('')}`];
    const before = `${done}${parts.slice(0, at).map((part) => `/${part}`).join('')}`; // prettier-ignore
    const listed = keysIn((await ask(before)).text);
    const keys = (listed.length > 0 ? listed : options.keys).slice(0, mostOfEach);
    const filled: string[] = [];
    for (const key of keys) filled.push(...(await fill(parts.slice(at + 1), `${before}/${encodeURIComponent(key)}`)));
    return filled;
  };
  const routes = options.routes.filter(({ method, url }) => method === 'GET' && !url.includes('*'));
  for (const route of routes.toSorted((a, b) => a.url.length - b.url.length)) {
    for (const path of await fill(route.url.split('/').slice(1), '')) await ask(`${path}${queryOf(route)}`);
  }
  for (const path of options.more) await ask(path);
  return [...answers.values()];
}

function keysIn(text: string): readonly string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  const list = Array.isArray(parsed) ? parsed : (parsed as { items?: unknown } | null)?.items;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const whole = { ...(item as Record<string, unknown>), ...(item as { rule?: object }).rule };
    const name = named.find((one) => typeof whole[one] === 'string' || typeof whole[one] === 'number');
    return name === undefined ? [] : [String(whole[name])];
  });
}

/** What the schema says must be asked, by its own examples; and a page as long as may be. */
function queryOf({ schema }: RouteFact): string {
  const { properties = {}, required = [] } = (schema.querystring ?? {}) as ObjectSchema;
  const query = new URLSearchParams();
  for (const name of required) query.set(name, String(properties[name]?.examples?.[0] ?? ''));
  if ('limit' in properties) query.set('limit', '200');
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
